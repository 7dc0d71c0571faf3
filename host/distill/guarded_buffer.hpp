// Memory that a plugin writes into, and that tells afterwards what the plugin did with it.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace histokt {

// Entries of float32 between two guard zones. At first every entry is a NaN of a payload of its own, so that
// an entry that was never written can be told from one that was written as NaN.
class GuardedBuffer {
 public:
  explicit GuardedBuffer(std::size_t entries);

  float* data();
  std::size_t entries() const { return entries_; }

  // True while no byte beside the entries was changed.
  bool guards_are_whole() const;
  // The first entry that was not written, or not with a finite number.
  std::optional<std::size_t> first_unwritten() const;
  std::optional<std::size_t> first_not_finite() const;

  // The entries' bytes.
  std::vector<std::byte> bytes() const;

 private:
  std::size_t entries_;
  std::vector<std::byte> memory_;
};

}  // namespace histokt
