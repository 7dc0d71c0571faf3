// SPDX-License-Identifier: MIT
// An output buffer for plugins that detects unwritten entries and writes out of bounds.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace histokt {

// float32 entries between two guard zones. Initially every entry is a NaN with a special payload, so that an
// entry that was never written can be told from one that was written as NaN.
class GuardedBuffer {
 public:
  explicit GuardedBuffer(std::size_t entries);

  float* data();
  std::size_t entries() const { return entries_; }

  // True while no byte outside the entries has changed.
  bool guards_are_whole() const;
  // The first entry that was not written; the first that is not finite.
  std::optional<std::size_t> first_unwritten() const;
  std::optional<std::size_t> first_not_finite() const;

  // The entries' bytes.
  std::vector<std::byte> bytes() const;

 private:
  std::size_t entries_;
  std::vector<std::byte> memory_;
};

}  // namespace histokt
