// SPDX-License-Identifier: MIT
// Empirical variational Bayesian matrix factorisation, analytic: which singular values of an L x M matrix (L
// <= M) stand above the noise, and their values after shrinkage. After
//   [1] Nakajima, Sugiyama, Babacan, Tomioka: Global Analytic Solution of Fully-observed Variational Bayesian
//       Matrix Factorization, JMLR 14 (2013);
//   [2] Nakajima, Tomioka, Sugiyama, Babacan: Perfect Dimensionality Recovery by Variational Bayesian PCA,
//       NIPS 2012.
// Pure functions, safe from any thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace histokt {

// The search for the noise's variance.
enum class NoiseSearch {
  kPublished,  // Brent's method to an ABSOLUTE 1e-5: on small weights it stops early and keeps fewer values
  kConverged   // to 9 digits, whatever the scale of the matrix
};

// The shape of a matrix, rows <= columns, and what follows from it.
struct MatrixShape {
  MatrixShape(std::int64_t rows, std::int64_t columns);

  double rows, columns;  // L, M
  double alpha;          // L / M
  double tau;            // 2.5129 sqrt(alpha), the approximate threshold of [2]
  double x;              // (1 + tau)(1 + alpha / tau): values s^2 / (M sigma^2) above it are kept
};

// The free energy as a function of the noise's variance, up to a constant ([2], eq. 16 and 17):
//   sum over x_h <= x of (x_h - log x_h)
//   + sum over x_h > x of (x_h - t_h + log((t_h + 1) / x_h) + alpha log(t_h / alpha + 1)),
// where x_h = s_h^2 / (M sigma^2) and t_h = ((x_h - 1 - alpha) + sqrt((x_h - 1 - alpha)^2 - 4 alpha)) / 2.
class FreeEnergy {
 public:
  // The L singular values, largest first, the first of them > 0.
  FreeEnergy(const MatrixShape& shape, std::span<const double> singular_values);

  double operator()(double variance) const;

  // The bounds of the noise's variance ([2], eq. 15).
  double lower_bound() const { return lower_bound_; }
  double upper_bound() const { return upper_bound_; }

 private:
  MatrixShape shape_;
  std::vector<double> squares_;         // s_h^2
  std::vector<double> sum_from_;        // sum of s_i^2 over i >= h
  std::vector<double> logarithm_from_;  // sum of log s_i^2 over i >= h
  double lower_bound_, upper_bound_;
};

// The singular values kept, shrunk, largest first ([2], eq. 15 of the solution):
//   d = s/2 (1 - (L + M) sigma^2 / s^2 + sqrt((1 - (L + M) sigma^2 / s^2)^2 - 4 L M sigma^4 / s^4)).
// `singular_values` are the min(rows, columns) of the matrix, largest first, finite.
std::vector<double> evbmf(std::span<const double> singular_values, std::int64_t rows, std::int64_t columns,
                          NoiseSearch search);

}  // namespace histokt
