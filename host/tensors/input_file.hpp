// SPDX-License-Identifier: MIT
// A foreign file that is read piece by piece. Nothing in it is trusted, least of all its size: a read beyond
// its end is an error, never garbage.
#pragma once

#include <cstdint>
#include <filesystem>

namespace histokt {

// An open regular file. Any thread may read. Errors are RunErrors that give only the reason; the caller, who
// knows what the file is for, adds its name.
class InputFile {
 public:
  explicit InputFile(const std::filesystem::path& file);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  // As it was when the file was opened.
  std::uint64_t size() const { return size_; }

  // Fills `target` with the `count` bytes at `offset`.
  void read(std::uint64_t offset, void* target, std::uint64_t count) const;

 private:
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace histokt
