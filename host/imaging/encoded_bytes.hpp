// SPDX-License-Identifier: MIT
// The input of a decoder: a file, or bytes in memory. Used by the decoders only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

#include "imaging/image.hpp"

namespace histokt {

class EncodedBytes {
 public:
  virtual ~EncodedBytes() = default;
  virtual std::uint64_t size() const = 0;

  // Copies up to out.size() bytes from `offset` on; fewer at the end. Returns their number, or -1 with errno
  // set. Never throws, as it is called from C libraries.
  virtual std::ptrdiff_t read_at(std::uint64_t offset, std::span<std::byte> out) const noexcept = 0;
};

// An open regular file. The constructor throws RunError: no such file, no permission, a folder, a pipe, zero
// bytes.
class FileBytes : public EncodedBytes {
 public:
  explicit FileBytes(const std::filesystem::path& file);
  ~FileBytes() override;
  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;

  std::uint64_t size() const override { return size_; }
  std::ptrdiff_t read_at(std::uint64_t offset, std::span<std::byte> out) const noexcept override;

 private:
  int descriptor_;
  std::uint64_t size_ = 0;
};

// Bytes owned by the caller, which must outlive this.
class MemoryBytes : public EncodedBytes {
 public:
  explicit MemoryBytes(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::uint64_t size() const override { return bytes_.size(); }
  std::ptrdiff_t read_at(std::uint64_t offset, std::span<std::byte> out) const noexcept override;

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace histokt
