// Files that are there whole or not at all.
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

// A path beside `file` that no other process uses: file.HOST-PID-COUNTER.partial. What killed processes left
// of the same file is removed.
std::filesystem::path temporary_beside(const std::filesystem::path& file);

// Removes from `folder` what processes of this machine that are dead now began under a name of
// temporary_beside(); only names that begin with `prefix`. What living processes and other machines write
// stays. Never throws: a leftover costs space alone.
void clear_leftovers(const std::filesystem::path& folder, std::string_view prefix = "") noexcept;

// Makes the folder and its parents. Throws RunError with the system's reason.
void make_folders(const std::filesystem::path& folder);

// The system's reason why writing failed (an errno) and what to do: "No space left on device. Make room ...".
std::string write_failure(int error);

// The same where reading failed: "Permission denied. Get the right to read it (ls -l shows who may).".
std::string read_failure(int error);

// A folder that is made if needed and kept open, so that it can be told whether its name still leads to it.
// Where a file system is unmounted, or a folder removed, work would else go on in a new, empty folder of the
// same name.
class HeldFolder {
 public:
  // Throws RunError.
  explicit HeldFolder(std::filesystem::path folder);
  ~HeldFolder();
  HeldFolder(const HeldFolder&) = delete;
  HeldFolder& operator=(const HeldFolder&) = delete;

  // Throws RunError where the folder is gone or another one has its name.
  void check() const;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
};

}  // namespace histokt
