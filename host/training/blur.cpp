// SPDX-License-Identifier: MIT
#include "training/blur.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace histokt {
namespace {

// exp(-x^2 / (2 sigma^2)) at whole pixels about the middle, summing to 1.
std::vector<float> gaussian(int size, double sigma) {
  std::vector<double> weights;
  double sum = 0;
  for (int i = 0; i < size; ++i) {
    const double x = (i - size / 2) / sigma;
    weights.push_back(std::exp(-0.5 * x * x));
    sum += weights.back();
  }
  std::vector<float> kernel;
  for (const double weight : weights) kernel.push_back(static_cast<float>(weight / sum));
  return kernel;
}

// Beyond an edge the image is mirrored about the edge pixel, again and again.
int mirrored(int at, int side) {
  if (side == 1) return 0;
  const int period = 2 * (side - 1);
  const int in_period = ((at % period) + period) % period;
  return in_period < side ? in_period : period - in_period;
}

}  // namespace

void blur(std::span<const std::uint8_t> image, int height, int width, int size, double sigma,
          std::span<float> out) {
  const std::vector<float> kernel = gaussian(size, sigma);
  const int reach = size / 2;
  const auto row_size = static_cast<std::size_t>(width) * 3;
  std::vector<float> wide(row_size + 6 * static_cast<std::size_t>(reach));
  std::vector<float> rows(static_cast<std::size_t>(height) * row_size);
  for (int y = 0; y < height; ++y) {
    const std::uint8_t* const line = image.data() + static_cast<std::size_t>(y) * row_size;
    for (int x = -reach; x < width + reach; ++x) {
      for (int c = 0; c < 3; ++c) {
        wide[static_cast<std::size_t>(3 * (x + reach) + c)] = line[3 * mirrored(x, width) + c];
      }
    }
    float* const row = rows.data() + static_cast<std::size_t>(y) * row_size;
    for (int k = 0; k < size; ++k) {
      const float weight = kernel[static_cast<std::size_t>(k)];
      const float* const from = wide.data() + 3 * k;
      for (std::size_t i = 0; i < row_size; ++i) row[i] += weight * from[i];
    }
  }
  std::fill(out.begin(), out.end(), 0.0f);
  for (int y = 0; y < height; ++y) {
    float* const line = out.data() + static_cast<std::size_t>(y) * row_size;
    for (int k = 0; k < size; ++k) {
      const float weight = kernel[static_cast<std::size_t>(k)];
      const float* const from =
          rows.data() + static_cast<std::size_t>(mirrored(y + k - reach, height)) * row_size;
      for (std::size_t i = 0; i < row_size; ++i) line[i] += weight * from[i];
    }
  }
}

}  // namespace histokt
