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

void fill_luma(std::span<const std::uint8_t> rgb, std::vector<std::uint32_t>& luma) {
  luma.resize(rgb.size() / 3);
  const std::uint8_t* pixel = rgb.data();
  std::uint32_t* out = luma.data();
  for (std::size_t i = 0, count = luma.size(); i < count; ++i) {
    out[i] = 2125u * pixel[3 * i] + 7154u * pixel[3 * i + 1] + 721u * pixel[3 * i + 2];
  }
}

void count(std::span<const std::uint32_t> luma, std::vector<std::uint32_t>& histogram) {
  histogram.assign(kBins * kCopies, 0);
  std::uint32_t* bins = histogram.data();
  for (std::size_t i = 0; i < luma.size(); ++i) {
    ++bins[(i % kCopies) * kBins + (luma[i] >> kBinBits)];
  }
  for (std::size_t i = kBins; i < kBins * kCopies; ++i) bins[i % kBins] += bins[i];
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

double value_at(Place place, std::span<const std::uint32_t> luma) {
  std::vector<std::uint32_t> inside;
  for (const std::uint32_t value : luma) {
    if (value >> kBinBits == place.bin) inside.push_back(value);
  }
  std::nth_element(inside.begin(), inside.begin() + static_cast<std::ptrdiff_t>(place.rank), inside.end());
  return inside[place.rank];
}

double exact(const Percentile& wanted, std::span<const std::uint32_t> luma) {
  return std::lerp(value_at(wanted.below, luma), value_at(wanted.above, luma), wanted.fraction);
}

}  // namespace

bool BackgroundFilter::is_background(std::span<const std::uint8_t> rgb) {
  if (min_contrast_ <= 0) return false;
  fill_luma(rgb, luma_);
  count(luma_, histogram_);
  const Percentile dark = percentile(5, luma_.size(), histogram_);
  const Percentile bright = percentile(99, luma_.size(), histogram_);
  const double threshold = 2.0 * min_contrast_ * kWhite;
  // The bins alone settle all but the closest cases.
  if (least(bright) - most(dark) >= threshold) return false;
  if (most(bright) - least(dark) < threshold) return true;
  return exact(bright, luma_) - exact(dark, luma_) < threshold;
}

}  // namespace histokt
