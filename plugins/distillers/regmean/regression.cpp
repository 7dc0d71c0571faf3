#include "regmean/regression.hpp"

#include <histokt/host.hpp>
#include <limits>
#include <string>

#include "regmean/lapack.hpp"

namespace histokt {
namespace {

int fortran(std::size_t size) {
  if (size > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    throw PluginError("a weight of " + std::to_string(size) + " entries an output is too large");
  }
  return static_cast<int>(size);
}

}  // namespace

void Regression::begin(std::size_t rows, std::size_t columns, double alpha) {
  rows_ = rows;
  columns_ = columns;
  alpha_ = alpha;
  sources_ = 0;
  matrix_.assign(columns * columns, 0.0);
  right_.assign(rows * columns, 0.0);
  mean_.assign(rows * columns, 0.0);
  product_.resize(rows * columns);
}

void Regression::add(std::span<const float> gram, std::span<const float> weight) {
  for (std::size_t i = 0; i < columns_; ++i) {
    for (std::size_t j = 0; j < columns_; ++j) {
      matrix_[i * columns_ + j] += (i == j ? 1.0 : alpha_) * gram[i * columns_ + j];
    }
  }
  // W, rows first, is W^T, columns first, and so is its product with G.
  const int k = fortran(columns_), n = fortran(rows_);
  const float one = 1, zero = 0;
  ssymm_("L", "L", &k, &n, &one, gram.data(), &k, weight.data(), &k, &zero, product_.data(), &k, 1, 1);
  for (std::size_t r = 0; r < rows_; ++r) {
    for (std::size_t i = 0; i < columns_; ++i) {
      const std::size_t at = r * columns_ + i;
      right_[at] += alpha_ * product_[at] + (1 - alpha_) * gram[i * columns_ + i] * weight[at];
      mean_[at] += weight[at];
    }
  }
  ++sources_;
}

void Regression::solve(double ridge, std::span<float> result) {
  double trace = 0;
  for (std::size_t i = 0; i < columns_; ++i) trace += matrix_[i * columns_ + i];
  for (double& entry : mean_) entry /= static_cast<double>(sources_);
  if (!(trace > 0)) {
    for (std::size_t at = 0; at < result.size(); ++at) result[at] = static_cast<float>(mean_[at]);
    return;
  }
  const double least = ridge * trace / static_cast<double>(columns_);
  for (std::size_t i = 0; i < columns_; ++i) matrix_[i * columns_ + i] += least;
  for (std::size_t at = 0; at < right_.size(); ++at) right_[at] += least * mean_[at];
  const int k = fortran(columns_), n = fortran(rows_);
  int info = 0;
  dpotrf_("L", &k, matrix_.data(), &k, &info, 1);
  if (info != 0) {
    throw PluginError(
        "the inputs depend on each other so much that no weight is best; raise the option ridge, lower "
        "alpha, or take more samples");
  }
  dpotrs_("L", &k, &n, matrix_.data(), &k, right_.data(), &k, &info, 1);
  for (std::size_t at = 0; at < result.size(); ++at) result[at] = static_cast<float>(right_[at]);
}

}  // namespace histokt
