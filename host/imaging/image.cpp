// SPDX-License-Identifier: MIT
#include "imaging/image.hpp"

#include <sys/mman.h>

#include <cstdlib>
#include <new>

namespace histokt {

void* allocate_pixels(std::size_t bytes) {
  constexpr std::size_t kPiece = std::size_t{2} << 20;
  if (bytes < 4 * kPiece) {
    if (void* memory = std::malloc(bytes)) return memory;
    throw std::bad_alloc();
  }
  const std::size_t pieces = (bytes + kPiece - 1) / kPiece;
  void* memory = std::aligned_alloc(kPiece, pieces * kPiece);
  if (!memory) throw std::bad_alloc();
  ::madvise(memory, pieces * kPiece, MADV_HUGEPAGE);  // a wish; what becomes of it changes nothing but time
  return memory;
}

void free_pixels(void* memory) noexcept {
  std::free(memory);
}

}  // namespace histokt
