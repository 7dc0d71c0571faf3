// SPDX-License-Identifier: MIT
#include "regmean/regression.hpp"

#include <algorithm>
#include <histokt/host.hpp>
#include <limits>
#include <string>

#include "regmean/lapack.hpp"

namespace histokt {
namespace {

// Rows of a Gram matrix that are taken to double at a time.
constexpr std::size_t kPanel = 64;

int fortran(std::size_t size) {
  if (size > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    throw PluginError("a weight of " + std::to_string(size) + " entries per output is too large");
  }
  return static_cast<int>(size);
}

}  // namespace

void Regression::begin(const InAllSources& weights, std::size_t rows, double alpha) {
  weights_ = weights;
  rows_ = rows;
  columns_ = weights.front().size() / rows;
  alpha_ = alpha;
  matrix_.assign(columns_ * columns_, 0.0);
  right_.assign(rows * columns_, 0.0);
  mean_.assign(rows * columns_, 0.0);
  for (const auto& weight : weights) {
    for (std::size_t at = 0; at < mean_.size(); ++at) mean_[at] += weight[at];
  }
  for (double& entry : mean_) entry /= static_cast<double>(weights.size());
  difference_.resize(mean_.size());
  panel_.resize(kPanel * columns_);
}

void Regression::add(std::size_t source, std::span<const float> gram) {
  for (std::size_t at = 0; at < mean_.size(); ++at) difference_[at] = weights_[source][at] - mean_[at];
  // A matrix, rows first, is its transpose, columns first: so are W^T and its product with G.
  const int k = fortran(columns_), n = fortran(rows_);
  const double one = 1;
  for (std::size_t first = 0; first < columns_; first += kPanel) {
    const std::size_t rows = std::min(kPanel, columns_ - first);
    for (std::size_t at = 0; at < rows * columns_; ++at) {
      const bool diagonal = at / columns_ + first == at % columns_;
      panel_[at] = (diagonal ? 1 : alpha_) * gram[first * columns_ + at];
      matrix_[first * columns_ + at] += panel_[at];
    }
    const int height = fortran(rows);
    dgemm_("T", "N", &height, &n, &k, &one, panel_.data(), &k, difference_.data(), &k, &one,
           right_.data() + first, &k, 1, 1);
  }
}

void Regression::solve(double ridge, std::span<float> result) {
  double trace = 0;
  for (std::size_t i = 0; i < columns_; ++i) trace += matrix_[i * columns_ + i];
  if (trace > 0) {
    const double least = ridge * trace / static_cast<double>(columns_);
    for (std::size_t i = 0; i < columns_; ++i) matrix_[i * columns_ + i] += least;
    const int k = fortran(columns_), n = fortran(rows_);
    int info = 0;
    dpotrf_("L", &k, matrix_.data(), &k, &info, 1);
    if (info != 0) {
      throw PluginError(
          "the inputs are so strongly correlated that there is no unique solution; raise the option ridge, "
          "lower alpha (1 requires a ridge of 1e-4 or more), or use more samples");
    }
    dpotrs_("L", &k, &n, matrix_.data(), &k, right_.data(), &k, &info, 1);
  }
  for (std::size_t at = 0; at < result.size(); ++at) {
    result[at] = static_cast<float>(mean_[at] + right_[at]);
  }
}

}  // namespace histokt
