// SPDX-License-Identifier: MIT
#include "imaging/polyphase.hpp"

#include <algorithm>
#include <cmath>

namespace histokt {
namespace {

// Half of a symmetric normalised Gaussian with its centre: weights at distance 0, 1, ... radius.
std::vector<double> half_gaussian(double sigma) {
  const int radius = static_cast<int>(4.0 * sigma + 0.5);  // NOLINT(bugprone-incorrect-roundings): SciPy's
  std::vector<double> half(static_cast<std::size_t>(radius) + 1, 1.0);
  double total = 1.0;
  for (int distance = 1; distance <= radius; ++distance) {
    half[distance] = std::exp(-0.5 * distance * distance / (sigma * sigma));
    total += 2.0 * half[distance];
  }
  for (double& weight : half) weight /= total;
  return half;
}

}  // namespace

int rescaled_side(int side, double scale) {
  return std::max(1, static_cast<int>(std::nearbyint(scale * side)));
}

int mirrored_index(long index, int side) {
  if (side == 1) return 0;
  const long period = 2L * (side - 1);
  long folded = index % period;
  if (folded < 0) folded += period;
  return static_cast<int>(folded < side ? folded : period - folded);
}

Between input_position(int input_side, int output_side, int output) {
  const double factor = static_cast<double>(input_side) / output_side;
  double position = std::fabs((output + 0.5) * factor - 0.5);
  const double last = input_side - 1;
  if (position > last) position = std::max(0.0, 2.0 * last - position);
  const int before = static_cast<int>(position);
  return {before, mirrored_index(before + 1, input_side), position - before};
}

AxisWeights axis_weights(int input_side, int output_side, int wanted) {
  const double factor = static_cast<double>(input_side) / output_side;
  const double sigma = std::max(0.0, (factor - 1.0) / 2.0);
  const std::vector<double> half = half_gaussian(sigma);
  const int radius = static_cast<int>(half.size()) - 1;

  AxisWeights axis;
  axis.taps = std::min(input_side, 2 * radius + 2);
  axis.first.resize(wanted);
  axis.weights.resize(static_cast<std::size_t>(wanted) * axis.taps);
  std::vector<double> sums(axis.taps);
  for (int output = 0; output < wanted; ++output) {
    const auto [before, after, fraction] = input_position(input_side, output_side, output);
    // Mirrored neighbours fold back into this window, which is as wide as the blur and the interpolation
    // reach.
    const int first = std::clamp(before - radius, 0, input_side - axis.taps);
    std::fill(sums.begin(), sums.end(), 0.0);
    for (int side = 0; side < 2; ++side) {
      const double share = side == 0 ? 1.0 - fraction : fraction;
      const int centre = side == 0 ? before : after;
      for (int offset = -radius; share > 0 && offset <= radius; ++offset) {
        sums[mirrored_index(centre + offset, input_side) - first] += share * half[std::abs(offset)];
      }
    }
    axis.first[output] = first;
    std::copy(sums.begin(), sums.end(),
              axis.weights.begin() + static_cast<std::ptrdiff_t>(output) * axis.taps);
  }
  return axis;
}

std::vector<int> nearest_indices(int input_side, int output_side, int wanted) {
  const double factor = static_cast<double>(input_side) / output_side;
  std::vector<int> indices(wanted);
  for (int output = 0; output < wanted; ++output) {
    const double position = std::floor((output + 0.5) * factor);
    indices[output] = std::min(static_cast<int>(position), input_side - 1);
  }
  return indices;
}

}  // namespace histokt
