// SPDX-License-Identifier: MIT
// Least squares over several sets of inputs and target outputs, by their Gram matrices.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "mean/weighted_mean.hpp"

namespace histokt {

// Collects sources, then solves for the difference from the mean M of the sources,
//
//   (sum G + l I) X = sum G (W - M)^T,   W'^T = M^T + X,   l = ridge times the mean of sum G's diagonal,
//
// so that sources that agree are unchanged, whatever the condition of G, and rounding errors are those of a
// small number. All sums are double. Memory is kept between weights: 8 k^2 + 24 n_o k bytes of the largest.
class Regression {
 public:
  // weights: (rows, columns) in each source, which must stay valid until solve(). alpha scales a Gram
  // matrix's entries off the diagonal.
  void begin(const InAllSources& weights, std::size_t rows, double alpha);

  // gram (columns, columns), symmetric. Once for each source.
  void add(std::size_t source, std::span<const float> gram);

  // The mean of the weights if all inputs are 0. Throws PluginError if the matrix is not positive definite.
  void solve(double ridge, std::span<float> result);

 private:
  std::size_t rows_ = 0, columns_ = 0;
  double alpha_ = 1;
  InAllSources weights_;
  std::vector<double> matrix_, right_, mean_, difference_, panel_;
};

}  // namespace histokt
