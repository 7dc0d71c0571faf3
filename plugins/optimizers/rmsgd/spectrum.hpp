// SPDX-License-Identifier: MIT
// Singular values of the unfoldings of a weight, from the smaller Gram matrix, whose eigenvalues are their
// squares. Its products are formed in single precision, in double if the values are far apart; its sums and
// eigenvalues always in double. Values that stand above the noise are accurate to about 1e-5. Safe from any
// thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace histokt {

// A tensor of floats in memory, in any order: entry (i, j, ...) lies at data[i strides[0] + j strides[1]
// ...].
struct WeightView {
  const float* data;
  std::span<const std::int64_t> sizes, strides;
};

// The singular values, largest first, of the tensor unfolded along `axis`: a matrix of sizes[axis] rows and
// the product of the others as columns; as many as its smaller side. If an entry is not finite, neither is
// the first value. Throws std::runtime_error if LAPACK finds no eigenvalues.
std::vector<double> singular_values(const WeightView& weight, std::size_t axis);

// While one lives, BLAS does not split a call over threads of its own, if it can be configured (OpenBLAS).
// For callers that run several calls side by side. One at a time.
class SerialBlas {
 public:
  SerialBlas();
  ~SerialBlas();
  SerialBlas(const SerialBlas&) = delete;
  SerialBlas& operator=(const SerialBlas&) = delete;

 private:
  int threads_ = 0;
};

}  // namespace histokt
