// SPDX-License-Identifier: MIT
// Images in memory: 8-bit RGB images and 16-bit class masks. Plain values; copy, move and share them across
// threads like any value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace histokt {

// Allocates large buffers in pages of 2 MiB where the system grants them: an image of 100 megapixels would
// otherwise take 70,000 pages of 4 KiB. Throws std::bad_alloc.
void* allocate_pixels(std::size_t bytes);
void free_pixels(void* memory) noexcept;

// Leaves a vector's new entries uninitialised, as they are about to be overwritten: an image of 3 megapixels
// need not be zeroed before it is decoded into.
template <typename T>
struct UnsetAllocator : std::allocator<T> {
  T* allocate(std::size_t count) { return static_cast<T*>(allocate_pixels(count * sizeof(T))); }
  void deallocate(T* memory, std::size_t) noexcept { free_pixels(memory); }

  template <typename U>
  struct rebind {
    using other = UnsetAllocator<U>;
  };
  template <typename U>
  void construct(U* place) noexcept {
    ::new (static_cast<void*>(place)) U;
  }
  template <typename U, typename... Arguments>
  void construct(U* place, Arguments&&... arguments) {
    ::new (static_cast<void*>(place)) U(static_cast<Arguments&&>(arguments)...);
  }
};

template <typename T>
using PixelBuffer = std::vector<T, UnsetAllocator<T>>;

// RGB, 8 bits a channel, interleaved, rows from the top without padding: pixels has height x width x 3
// entries.
struct Image {
  static constexpr int kChannels = 3;

  int height = 0;
  int width = 0;
  PixelBuffer<std::uint8_t> pixels;

  // Sets a new size; the pixels are then unspecified. Keeps its memory if that is enough.
  void resize(int new_height, int new_width) {
    height = new_height;
    width = new_width;
    pixels.resize(static_cast<std::size_t>(height) * row_bytes());
  }
  std::size_t row_bytes() const { return static_cast<std::size_t>(width) * kChannels; }
  std::span<std::uint8_t> row(int y) {
    return {pixels.data() + static_cast<std::size_t>(y) * row_bytes(), row_bytes()};
  }
  std::span<const std::uint8_t> row(int y) const {
    return {pixels.data() + static_cast<std::size_t>(y) * row_bytes(), row_bytes()};
  }
};

// One class code per pixel, as stored in the file: codes has height x width entries.
struct Mask {
  int height = 0;
  int width = 0;
  PixelBuffer<std::uint16_t> codes;

  void resize(int new_height, int new_width) {
    height = new_height;
    width = new_width;
    codes.resize(static_cast<std::size_t>(height) * static_cast<std::size_t>(width));
  }
  std::span<std::uint16_t> row(int y) {
    return {codes.data() + static_cast<std::size_t>(y) * width, static_cast<std::size_t>(width)};
  }
  std::span<const std::uint16_t> row(int y) const {
    return {codes.data() + static_cast<std::size_t>(y) * width, static_cast<std::size_t>(width)};
  }
};

struct Size {
  int height = 0;
  int width = 0;
  friend bool operator==(const Size&, const Size&) = default;
};

}  // namespace histokt
