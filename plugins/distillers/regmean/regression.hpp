// Least squares with several sets of inputs and of wanted outputs, by their Gram matrices.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "mean/weighted_mean.hpp"

namespace histokt {

// Collects sources, then solves. What is solved for is the difference from the mean M of the sources,
//
//   (sum G + l I) X = sum G (W - M)^T,   W'^T = M^T + X,   l = ridge times the mean of sum G's diagonal,
//
// so that sources that agree come out as they are, whatever the condition of G, and rounding is that of a
// small number. All sums are double. Memory is kept between weights: 8 k^2 + 24 n_o k bytes of the largest.
class Regression {
 public:
  // weights: (rows, columns) in each source, to be valid until solve(). alpha scales a Gram matrix's entries
  // off the diagonal.
  void begin(const InAllSources& weights, std::size_t rows, double alpha);

  // gram (columns, columns), symmetric. Once for each source.
  void add(std::size_t source, std::span<const float> gram);

  // The mean of the weights where all inputs are 0. Throws PluginError where the matrix is not positive.
  void solve(double ridge, std::span<float> result);

 private:
  std::size_t rows_ = 0, columns_ = 0;
  double alpha_ = 1;
  InAllSources weights_;
  std::vector<double> matrix_, right_, mean_, difference_, panel_;
};

}  // namespace histokt
