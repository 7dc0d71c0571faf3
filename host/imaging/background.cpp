// SPDX-License-Identifier: MIT
#include "imaging/background.hpp"

#include <algorithm>
#include <cmath>

namespace histokt {
namespace {

constexpr std::uint32_t kWhite = 255 * 10000;
constexpr unsigned kBinBits = 10;
constexpr std::size_t kBins = (kWhite >> kBinBits) + 1;
constexpr std::size_t kCopies =
    4;  // neighbours are often alike: counting them in one table would wait on itself

// In units of 1/10000 grey level, where it is a whole number.
std::uint32_t luma_of(const std::uint8_t* pixel) {
  return 2125u * pixel[0] + 7154u * pixel[1] + 721u * pixel[2];
}

void count(std::span<const std::uint8_t> rgb, std::vector<std::uint32_t>& histogram) {
  histogram.assign(kBins * kCopies, 0);
  std::uint32_t* bins = histogram.data();
  const std::uint8_t* pixel = rgb.data();
  const std::size_t pixels = rgb.size() / 3;
  std::size_t done = 0;
  for (; done + kCopies <= pixels; done += kCopies) {
    for (std::size_t copy = 0; copy < kCopies; ++copy, pixel += 3)
      ++bins[copy * kBins + (luma_of(pixel) >> kBinBits)];
  }
  for (; done < pixels; ++done, pixel += 3) ++bins[luma_of(pixel) >> kBinBits];
  for (std::size_t copy = 1; copy < kCopies; ++copy) {
    for (std::size_t bin = 0; bin < kBins; ++bin) bins[bin] += bins[copy * kBins + bin];
  }
}

struct Place {
  std::size_t bin;
  std::size_t rank;  // among the values of that bin, from 0
};

Place place_of(std::size_t rank, const std::vector<std::uint32_t>& histogram) {
  std::size_t bin = 0;
  for (; rank >= histogram[bin]; ++bin) rank -= histogram[bin];
  return {bin, rank};
}

// A percentile lies `fraction` of the way from the value of one rank to that of the next.
struct Percentile {
  Place below;
  Place above;
  double fraction;
};

Percentile percentile(double percent, std::size_t values, const std::vector<std::uint32_t>& histogram) {
  const double rank = percent / 100.0 * static_cast<double>(values - 1);
  const std::size_t below = static_cast<std::size_t>(rank);
  return {place_of(below, histogram), place_of(std::min(below + 1, values - 1), histogram),
          rank - static_cast<double>(below)};
}

double least(const Percentile& wanted) {
  return static_cast<double>(wanted.below.bin << kBinBits);
}
double most(const Percentile& wanted) {
  return static_cast<double>((wanted.above.bin + 1) << kBinBits);
}

double value_at(Place place, std::span<const std::uint8_t> rgb) {
  std::vector<std::uint32_t> inside;
  for (std::size_t i = 0; i + 3 <= rgb.size(); i += 3) {
    const std::uint32_t value = luma_of(&rgb[i]);
    if (value >> kBinBits == place.bin) inside.push_back(value);
  }
  std::nth_element(inside.begin(), inside.begin() + static_cast<std::ptrdiff_t>(place.rank), inside.end());
  return inside[place.rank];
}

double exact(const Percentile& wanted, std::span<const std::uint8_t> rgb) {
  return std::lerp(value_at(wanted.below, rgb), value_at(wanted.above, rgb), wanted.fraction);
}

}  // namespace

bool BackgroundFilter::is_background(std::span<const std::uint8_t> rgb) {
  if (min_contrast_ <= 0) return false;
  count(rgb, histogram_);
  const std::size_t pixels = rgb.size() / 3;
  const Percentile dark = percentile(5, pixels, histogram_);
  const Percentile bright = percentile(99, pixels, histogram_);
  const double threshold = 2.0 * min_contrast_ * kWhite;
  // The bins alone settle all but the closest cases.
  if (least(bright) - most(dark) >= threshold) return false;
  if (most(bright) - least(dark) < threshold) return true;
  return exact(bright, rgb) - exact(dark, rgb) < threshold;
}

}  // namespace histokt
