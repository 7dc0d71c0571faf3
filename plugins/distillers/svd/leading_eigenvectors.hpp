// SPDX-License-Identifier: MIT
// Leading eigenvectors of a symmetric matrix.
#pragma once

#include <vector>

#include "svd/scratch.hpp"

namespace histokt {

class LeadingEigenvectors {
 public:
  // The eigenvectors of the `count` largest eigenvalues of an n x n matrix, as n x count columns, in
  // ascending order of the eigenvalues; 0 < count <= n. Only the lower triangle is read, and it is destroyed.
  // Valid until the next call. Throws PluginError if the matrix is not finite.
  const double* of(double* matrix, int n, int count);

 private:
  Scratch vectors_, work_, tridiagonal_;
  std::vector<int> int_work_;
};

}  // namespace histokt
