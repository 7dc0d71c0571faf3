// SPDX-License-Identifier: MIT
#include "imaging/png_filters.hpp"

#include <cstring>

namespace histokt {
namespace {

// The channels of one pixel in lanes of their own: a pixel waits for the one before it, its channels do not.
// Lanes beyond the pixel hold what stands behind it and are never stored.
using Lanes [[gnu::vector_size(8)]] = std::int16_t;
using Bytes [[gnu::vector_size(4)]] = std::uint8_t;

Lanes load(const std::uint8_t* pixel) {
  Bytes bytes;
  std::memcpy(&bytes, pixel, sizeof bytes);
  return __builtin_convertvector(bytes, Lanes);
}

template <int kBytes>
void store(const Lanes& lanes, std::uint8_t* pixel) {
  const Bytes bytes = __builtin_convertvector(lanes, Bytes);
  std::memcpy(pixel, &bytes, kBytes);
}

Lanes absolute(const Lanes& x) {
  const Lanes sign = x >> 15;
  return (x ^ sign) - sign;
}

// Without a branch, as which is nearest cannot be foretold.
Lanes choose(const Lanes& mask, const Lanes& yes, const Lanes& no) {
  return no ^ (mask & (yes ^ no));
}

// Of left, above and the pixel above on the left that one which is nearest to left + above - corner; the
// first of equals.
Lanes paeth(const Lanes& left, const Lanes& above, const Lanes& corner) {
  const Lanes from_left = above - corner, from_above = left - corner;
  const Lanes a = absolute(from_left), b = absolute(from_above), c = absolute(from_left + from_above);
  return choose((a <= b) & (a <= c), left, choose(b <= c, above, corner));
}

template <int kBytes, typename Predict>
void undo(const std::uint8_t* row, const std::uint8_t* above, std::size_t bytes, std::uint8_t* out,
          const Predict& predict) {
  Lanes left = {}, corner = {};
  const Lanes byte = {255, 255, 255, 255};
  for (std::size_t i = 0; i < bytes; i += kBytes) {
    const Lanes up = load(above + i);
    left = (load(row + i) + predict(left, up, corner)) & byte;
    corner = up;
    store<kBytes>(left, out + i);
  }
}

template <int kBytes>
bool undo_filter(int filter, const std::uint8_t* row, const std::uint8_t* above, std::size_t bytes,
                 std::uint8_t* out) {
  switch (filter) {
    case 0:
      std::memmove(out, row, bytes);
      return true;
    case 1:
      undo<kBytes>(row, above, bytes, out,
                   [](const Lanes& left, const Lanes&, const Lanes&) { return left; });
      return true;
    case 2:
      for (std::size_t i = 0; i < bytes; ++i) out[i] = static_cast<std::uint8_t>(row[i] + above[i]);
      return true;
    case 3:
      undo<kBytes>(row, above, bytes, out,
                   [](const Lanes& left, const Lanes& up, const Lanes&) { return (left + up) >> 1; });
      return true;
    case 4:
      undo<kBytes>(row, above, bytes, out, paeth);
      return true;
    default:
      return false;
  }
}

}  // namespace

bool undo_png_filter(int filter, const std::uint8_t* row, const std::uint8_t* above, std::size_t bytes,
                     int bytes_per_pixel, std::uint8_t* out) {
  switch (bytes_per_pixel) {
    case 1:
      return undo_filter<1>(filter, row, above, bytes, out);
    case 2:
      return undo_filter<2>(filter, row, above, bytes, out);
    default:
      return undo_filter<3>(filter, row, above, bytes, out);
  }
}

}  // namespace histokt
