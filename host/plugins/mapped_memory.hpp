// SPDX-License-Identifier: MIT
// The readable memory of the loaded libraries: a wrong pointer in a plugin's descriptor should be reported,
// not followed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace histokt {

// The readable segments of the program and of every library opened so far. A value; constant data that a
// plugin declares lies in one of them.
class MappedMemory {
 public:
  MappedMemory();

  // All `size` bytes from `begin` may be read.
  bool holds(const void* begin, std::size_t size) const;
  // A text that ends with a zero byte within the segment it begins in. nullptr is not one.
  bool holds_text(const char* text) const;

 private:
  struct Segment {
    std::uintptr_t begin, end;
  };
  const Segment* find(const void* address) const;

  std::vector<Segment> segments_;
};

}  // namespace histokt
