// SPDX-License-Identifier: MIT
#include "optimizers/rmsgd/evbmf.hpp"

#include <algorithm>
#include <cmath>

#include "optimizers/rmsgd/bounded_search.hpp"

namespace histokt {
namespace {

// Below this share of the largest, a singular value is rounding noise of float32 weights; it counts as this
// share, so that its logarithm is finite. That adds a constant to the free energy.
constexpr double kLeastShare = 1e-7;

}  // namespace

MatrixShape::MatrixShape(std::int64_t row_count, std::int64_t column_count)
    : rows(static_cast<double>(row_count)),
      columns(static_cast<double>(column_count)),
      alpha(rows / columns),
      tau(2.5129 * std::sqrt(alpha)),
      x((1 + tau) * (1 + alpha / tau)) {}

FreeEnergy::FreeEnergy(const MatrixShape& shape, std::span<const double> singular_values) : shape_(shape) {
  const std::size_t count = singular_values.size();
  const double least = kLeastShare * singular_values[0];
  sum_from_.assign(count + 1, 0);
  logarithm_from_.assign(count + 1, 0);
  squares_.resize(count);
  for (std::size_t h = count; h-- > 0;) {
    const double value = std::max(singular_values[h], least);
    squares_[h] = value * value;
    sum_from_[h] = sum_from_[h + 1] + squares_[h];
    logarithm_from_[h] = logarithm_from_[h + 1] + std::log(squares_[h]);
  }
  // At most this many values can be above the noise.
  const auto kept = static_cast<std::size_t>(std::ceil(shape_.rows / (1 + shape_.alpha)) - 1);
  const double mean_of_rest = sum_from_[kept] / static_cast<double>(count - kept);
  lower_bound_ = std::max(squares_[kept] / (shape_.columns * shape_.x), mean_of_rest / shape_.columns);
  upper_bound_ = sum_from_[0] / (shape_.rows * shape_.columns);
}

double FreeEnergy::operator()(double variance) const {
  const double scale = shape_.columns * variance;
  const auto first_noise = std::partition_point(squares_.begin(), squares_.end(),
                                                [&](double square) { return square / scale > shape_.x; });
  const auto kept = static_cast<std::size_t>(first_noise - squares_.begin());
  const auto noise = static_cast<double>(squares_.size() - kept);
  double energy = sum_from_[kept] / scale - logarithm_from_[kept] + noise * std::log(scale);
  for (std::size_t h = 0; h < kept; ++h) {
    const double x = squares_[h] / scale;
    const double middle = x - (1 + shape_.alpha);
    const double t = 0.5 * (middle + std::sqrt(middle * middle - 4 * shape_.alpha));
    energy += x - t + std::log((t + 1) / x) + shape_.alpha * std::log(t / shape_.alpha + 1);
  }
  return energy;
}

std::vector<double> evbmf(std::span<const double> singular_values, std::int64_t rows, std::int64_t columns,
                          NoiseSearch search) {
  if (singular_values.empty() || !(singular_values[0] > 0)) return {};
  const MatrixShape shape(std::min(rows, columns), std::max(rows, columns));
  const FreeEnergy energy(shape, singular_values);
  const double lower = energy.lower_bound();
  const double upper = std::max(lower, energy.upper_bound());  // equal values: the bounds meet
  const double variance = search == NoiseSearch::kPublished ? minimize_bounded(energy, lower, upper)
                                                            : minimize_converged(energy, lower, upper);
  const double threshold = std::sqrt(shape.columns * variance * shape.x);
  std::vector<double> shrunk;
  for (const double s : singular_values) {
    if (!(s > threshold)) break;
    const double noise = variance / (s * s);
    const double rest = 1 - (shape.rows + shape.columns) * noise;
    const double root =
        std::sqrt(std::max(0.0, rest * rest - 4 * shape.rows * shape.columns * noise * noise));
    shrunk.push_back(s / 2 * (rest + root));
  }
  return shrunk;
}

}  // namespace histokt
