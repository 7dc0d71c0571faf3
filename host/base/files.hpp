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

// A path beside `file` that no other process uses: file.HOST-PID-COUNTER.partial.
std::filesystem::path temporary_beside(const std::filesystem::path& file);

// Makes the folder and its parents. Throws RunError with the system's reason.
void make_folders(const std::filesystem::path& folder);

}  // namespace histokt
