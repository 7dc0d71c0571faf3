// SPDX-License-Identifier: MIT
#include "imaging/rescale.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>
#include <optional>

#include "imaging/polyphase.hpp"
#include "imaging/reference_pixels.hpp"
#include "imaging/rescale_kernels.hpp"

namespace histokt {
namespace {

void copy_part(const Image& image, Size wanted, Image& out) {
  out.resize(wanted.height, wanted.width);
  for (int y = 0; y < wanted.height; ++y)
    std::memcpy(out.row(y).data(), image.row(y).data(), out.row_bytes());
}

float bias_of(Rounding rounding) {
  return rounding == Rounding::kNearest ? 0.5f : 0.0f;
}

// Without a blur, the weights of common scales are short fractions (1.25 gives tenths) and many sums are
// whole numbers, which truncation turns into a level less where the last bit is low. So enlarging is done in
// double precision and in the order of operations of the published code's library, and comes out the same.
void enlarge_part(const Image& image, Size full, Size wanted, Rounding rounding, Image& out) {
  out.resize(wanted.height, wanted.width);
  std::vector<Between> columns(wanted.width);
  for (int x = 0; x < wanted.width; ++x) columns[x] = input_position(image.width, full.width, x);
  const double bias = bias_of(rounding), lowest = lowest_level(image);
  for (int y = 0; y < wanted.height; ++y) {
    const Between rows = input_position(image.height, full.height, y);
    const std::uint8_t* above = image.row(rows.before).data();
    const std::uint8_t* below = image.row(rows.after).data();
    std::uint8_t* to = out.row(y).data();
    const double down = rows.fraction, up = 1.0 - down;
    for (const Between& column : columns) {
      const double right = column.fraction, left = 1.0 - right;
      const int a = column.before * Image::kChannels, b = column.after * Image::kChannels;
      for (int c = 0; c < Image::kChannels; ++c) {
        const double sum = above[a + c] * up * left + above[b + c] * up * right + below[a + c] * down * left +
                           below[b + c] * down * right;
        *to++ = static_cast<std::uint8_t>(std::clamp(sum, lowest, 255.0) + bias);
      }
    }
  }
}

// Truncates again, from exact sums, what lies so near to a whole number that single precision cannot tell the
// side.
void truncate_exactly(const std::vector<float>& finished, int y, ReferencePixels& exact,
                      std::span<std::uint8_t> out) {
  constexpr float kDoubtful = 1e-3f;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const float offset = finished[i] - static_cast<float>(static_cast<int>(finished[i] + 0.5f));
    if (std::fabs(offset) > kDoubtful) continue;
    const double value =
        exact.value(y, static_cast<int>(i / Image::kChannels), static_cast<int>(i % Image::kChannels));
    out[i] = static_cast<std::uint8_t>(value);
  }
}

}  // namespace

Size rescaled_size(Size size, double scale) {
  return {rescaled_side(size.height, scale), rescaled_side(size.width, scale)};
}

void rescale_part(const Image& image, Size full, Size wanted, Rounding rounding, Image& out) {
  assert(&image != &out && wanted.height <= full.height && wanted.width <= full.width);
  if (full == Size{image.height, image.width}) return copy_part(image, wanted, out);

  if (full.height >= image.height && full.width >= image.width) {
    return enlarge_part(image, full, wanted, rounding, out);
  }
  out.resize(wanted.height, wanted.width);
  const AxisWeights down = axis_weights(image.height, full.height, wanted.height);
  const AxisWeights right = axis_weights(image.width, full.width, wanted.width);
  const std::size_t floats_read =
      Image::kChannels * static_cast<std::size_t>(right.first.back() + right.taps);
  const ColumnWeights columns = column_weights(right);
  // Rows first: they are contiguous bytes, and only the output's rows go on to the second axis, a row at a
  // time, so that the float values never leave the nearest caches.
  std::vector<float> blended(floats_read + ColumnWeights::kLanes);
  std::vector<float> finished(out.row_bytes() + 1);
  std::optional<ReferencePixels> exact;
  if (rounding == Rounding::kTruncate) exact.emplace(image, full);
  for (int y = 0; y < wanted.height; ++y) {
    blend_rows(image.row(down.first[y]).data(), image.row_bytes(), down.of(y).data(), down.taps, floats_read,
               blended.data());
    blend_columns(blended.data(), columns, finished.data());
    to_bytes(finished.data(), bias_of(rounding), out.row_bytes(), out.row(y).data());
    if (exact) truncate_exactly(finished, y, *exact, out.row(y));
  }
}

void rescale(const Image& image, Size full, Rounding rounding, Image& out) {
  rescale_part(image, full, full, rounding, out);
}

void rescale_nearest_part(const Mask& mask, Size full, Size wanted, Mask& out) {
  assert(&mask != &out);
  out.resize(wanted.height, wanted.width);
  const std::vector<int> rows = nearest_indices(mask.height, full.height, wanted.height);
  const std::vector<int> columns = nearest_indices(mask.width, full.width, wanted.width);
  for (int y = 0; y < wanted.height; ++y) {
    const auto from = mask.row(rows[y]);
    const auto to = out.row(y);
    for (int x = 0; x < wanted.width; ++x) to[x] = from[columns[x]];
  }
}

}  // namespace histokt
