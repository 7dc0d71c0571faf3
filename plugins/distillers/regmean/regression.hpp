// Least squares with several sets of inputs and of wanted outputs, by their Gram matrices.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace histokt {

// Collects sources, then solves. Memory is kept between weights: 8 k^2 + 20 n_o k bytes of the largest.
class Regression {
 public:
  // A weight (rows, columns) is wanted. alpha scales a Gram matrix's entries off the diagonal.
  void begin(std::size_t rows, std::size_t columns, double alpha);

  // gram (columns, columns), symmetric; weight (rows, columns).
  void add(std::span<const float> gram, std::span<const float> weight);

  // (sum G + l I)^-1 (sum G W^T + l mean W^T), l = ridge times the mean of sum G's diagonal; the mean of the
  // weights where all inputs are 0. Throws PluginError where the matrix is not positive.
  void solve(double ridge, std::span<float> result);

 private:
  std::size_t rows_ = 0, columns_ = 0, sources_ = 0;
  double alpha_ = 1;
  std::vector<double> matrix_, right_, mean_;
  std::vector<float> product_;
};

}  // namespace histokt
