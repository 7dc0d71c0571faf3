// SPDX-License-Identifier: MIT
// A file mapped into memory, read-only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace histokt {

// Any thread may read. The file must not be cut short while it is mapped: reading beyond its new end would
// end the process (patch sets are never changed once they have their name).
class MappedFile {
 public:
  MappedFile() = default;
  // Throws RunError naming the file and the system's reason.
  explicit MappedFile(const std::filesystem::path& file);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;

  std::span<const std::uint8_t> bytes() const { return {data_, size_}; }

  // Advises that these bytes are not read again soon: they stop counting as this process's memory, and are
  // read from the file again if needed.
  void forget(std::span<const std::uint8_t> part) const;

 private:
  const std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace histokt
