// SPDX-License-Identifier: MIT
// Reading files, and writing them atomically.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace histokt {

// The whole file. Throws RunError naming the file and the system's reason.
std::string read_file(const std::filesystem::path& file);

// Writes beside `file` under a name of its own, syncs, and renames over it: a reader sees the old bytes or
// the new ones. Throws RunError; then `file` is as it was.
void write_file_atomically(const std::filesystem::path& file, std::string_view bytes);

// Syncs what was written under `temporary` to disk and renames it to `file`. Throws RunError.
void publish_file(const std::filesystem::path& temporary, const std::filesystem::path& file);

// A path beside `file` that no other process uses: file.HOST-PID-COUNTER.partial. Leftovers of killed
// processes for the same file are removed.
std::filesystem::path temporary_beside(const std::filesystem::path& file);

// Removes temporary files (named by temporary_beside()) of dead processes of this machine from `folder`; only
// names that begin with `prefix`. Files of living processes and of other machines stay. Never throws: a
// leftover costs only disk space.
void clear_leftovers(const std::filesystem::path& folder, std::string_view prefix = "") noexcept;

// Makes the folder and its parents. Throws RunError with the system's reason.
void make_folders(const std::filesystem::path& folder);

// The system's reason why writing failed (an errno) and what to do: "No space left on device. Make room ...".
std::string write_failure(int error);

// The same for a failed read: "Permission denied. Get the right to read it (ls -l shows who may).".
std::string read_failure(int error);

// A folder, made if needed and kept open to check that its name still leads to it. Otherwise, after the file
// system is unmounted or the folder removed, work would continue in a new, empty folder of the same name.
class FolderHandle {
 public:
  // Throws RunError.
  explicit FolderHandle(std::filesystem::path folder);
  ~FolderHandle();
  FolderHandle(const FolderHandle&) = delete;
  FolderHandle& operator=(const FolderHandle&) = delete;

  // Throws RunError if the folder is gone or another one has its name.
  void check() const;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
};

}  // namespace histokt
