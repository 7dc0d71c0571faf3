// SPDX-License-Identifier: MIT
#include "svd/leading_eigenvectors.hpp"

#include <cmath>
#include <cstddef>
#include <string>

#include <histokt/host.hpp>

#include "svd/lapack.hpp"

namespace histokt {
namespace {

// Columns that LAPACK's blocked routines work on at a time; more changes nothing.
constexpr int kBlock = 64;

}  // namespace

const double* LeadingEigenvectors::of(double* matrix, int n, int count) {
  const auto side = static_cast<std::size_t>(n);
  for (std::size_t i = 0; i < side; ++i) {
    if (!std::isfinite(matrix[i * side + i])) throw PluginError("the weights are too large or not finite");
  }
  double* diagonal = tridiagonal_.take(3 * side);
  double* off_diagonal = diagonal + side;
  double* tau = off_diagonal + side;
  const std::size_t work_size = 1 + kBlock * side + side * side;  // what dstedc asks for, and more
  double* work = work_.take(work_size);
  const int lwork = static_cast<int>(work_size);
  int info = 0;
  dsytrd_("L", &n, matrix, &n, diagonal, off_diagonal, tau, work, &lwork, &info, 1);
  check_lapack("dsytrd", info);

  double* vectors = vectors_.take(side * side);
  int_work_.resize(3 + 5 * side);
  const int int_work_size = static_cast<int>(int_work_.size());
  dstedc_("I", &n, diagonal, off_diagonal, vectors, &n, work, &lwork, int_work_.data(), &int_work_size, &info,
          1);
  check_lapack("dstedc", info);

  double* leading = vectors + static_cast<std::size_t>(n - count) * side;
  dormtr_("L", "L", "N", &n, &count, matrix, &n, tau, leading, &n, work, &lwork, &info, 1, 1, 1);
  check_lapack("dormtr", info);
  return leading;
}

}  // namespace histokt
