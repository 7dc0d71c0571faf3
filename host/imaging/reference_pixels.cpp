// SPDX-License-Identifier: MIT
// Built with -ffp-contract=off: fused operations would round differently.
#include "imaging/reference_pixels.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace histokt {
namespace {

// numpy's sum of fewer than 128 numbers: eight running sums, joined as a tree.
double numpy_sum(const std::vector<double>& values) {
  std::size_t i = 0;
  double total = 0;
  if (values.size() >= 8) {
    std::array<double, 8> r{};
    for (; i + 8 <= values.size(); i += 8) {
      for (std::size_t k = 0; k < 8; ++k) r[k] += values[i + k];
    }
    total = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
  }
  for (; i < values.size(); ++i) total += values[i];
  return total;
}

// centre * g[0] + the sum over distances, from the furthest to the nearest, of (before + after) *
// g[distance].
template <typename Value>
double symmetric_blur(const std::vector<double>& gaussian, int radius, const Value& value) {
  double sum = value(0) * gaussian[radius];
  for (int distance = radius; distance > 0; --distance) {
    sum += (value(-distance) + value(distance)) * gaussian[radius - distance];
  }
  return sum;
}

}  // namespace

double lowest_level(const Image& image) {
  std::uint8_t lowest = 255;
  for (const std::uint8_t level : image.pixels) lowest = std::min(lowest, level);
  return lowest;
}

ReferencePixels::Axis::Axis(int side_, int full_) : side(side_), full(full_), radius(0), gaussian{1.0} {
  const double sigma = std::max(0.0, (static_cast<double>(side) / full - 1.0) / 2.0);
  if (sigma > 1e-15) {
    radius = static_cast<int>(4.0 * sigma + 0.5);  // NOLINT(bugprone-incorrect-roundings): SciPy's
    gaussian.clear();
    for (int x = -radius; x <= radius; ++x) gaussian.push_back(std::exp(-0.5 / (sigma * sigma) * (x * x)));
    const double sum = numpy_sum(gaussian);
    for (double& weight : gaussian) weight /= sum;
    gaussian.resize(static_cast<std::size_t>(radius) + 1);
  }
  for (int position = -radius; position <= side + radius; ++position) {
    mirrored.push_back(mirrored_index(position, side));
  }
}

ReferencePixels::ReferencePixels(const Image& image, Size full)
    : image_(image),
      lowest_(lowest_level(image)),
      down_(image.height, full.height),
      right_(image.width, full.width),
      line_(static_cast<std::size_t>(2 * right_.radius + 1)) {}

double ReferencePixels::blurred(int row, int centre, int channel) {
  for (int offset = -right_.radius; offset <= right_.radius; ++offset) {
    const std::size_t column =
        Image::kChannels * static_cast<std::size_t>(right_.at(centre + offset)) + channel;
    line_[offset + right_.radius] = symmetric_blur(down_.gaussian, down_.radius, [&](int distance) {
      return static_cast<double>(image_.row(down_.at(row + distance))[column]);
    });
  }
  return symmetric_blur(right_.gaussian, right_.radius,
                        [&](int distance) { return line_[distance + right_.radius]; });
}

double ReferencePixels::value(int y, int x, int channel) {
  const Between rows = input_position(down_.side, down_.full, y);
  const Between columns = input_position(right_.side, right_.full, x);
  const double down = rows.fraction, up = 1.0 - down, right = columns.fraction, left = 1.0 - right;
  const double sum = blurred(rows.before, columns.before, channel) * up * left +
                     blurred(rows.before, columns.after, channel) * up * right +
                     blurred(rows.after, columns.before, channel) * down * left +
                     blurred(rows.after, columns.after, channel) * down * right;
  return std::clamp(sum, lowest_, 255.0);
}

}  // namespace histokt
