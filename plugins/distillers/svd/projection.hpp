// SPDX-License-Identifier: MIT
// The paper's weight distillation for one tensor (section 6): A = [W_1; ...; W_D] of (D n_o, k) = U S V^T,
// and
//   W' = U[:n_o, :r] S[:r] V^T[:r] = W_1 V_r V_r^T.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "mean/weighted_mean.hpp"
#include "svd/leading_eigenvectors.hpp"
#include "svd/random_directions.hpp"
#include "svd/scratch.hpp"

namespace histokt {

// The weights that are projected on the leading directions: the first source's, or the mean of all.
enum class Reference { kFirst, kMean };

// One weight of every source, unfolded to (rows, columns), rows first.
struct StackedWeights {
  InAllSources sources;
  std::size_t rows = 0;     // n_o
  std::size_t columns = 0;  // k
};

// Keeps its memory from one tensor to the next. One thread at a time.
class SubspaceProjection {
 public:
  // Writes rows x columns entries to `result`. `rank` directions are kept, at most `rows`; 0: `rows`. If
  // those are all directions, the result is exactly the reference. Throws PluginError.
  void project(const StackedWeights& weights, std::size_t rank, Reference reference, std::span<float> result);

  // The control: the same number of directions, drawn at random from all of R^k, each subspace as likely as
  // any other. If `rank` is at least k, the result is the reference itself. Throws PluginError.
  void project_at_random(const StackedWeights& weights, std::size_t rank, Reference reference,
                         const RandomKey& key, std::span<float> result);

 private:
  struct Shape {
    int rows, columns, stacked_rows, kept;
  };
  void project_by_rows(const Shape& shape, Reference reference, const double* stacked, double* result);
  void project_by_columns(const Shape& shape, Reference reference, const double* stacked, double* result);
  // (W V) V^T with the r orthonormal columns of V, (k, r).
  void project_on(const Shape& shape, const double* v, const double* w, double* result);

  Scratch stacked_, gram_, factor_, reference_, result_;
  LeadingEigenvectors eigenvectors_;
  RandomDirections directions_;
};

// The reference itself, unprojected.
void copy_reference(const StackedWeights& weights, Reference reference, std::span<float> result);

}  // namespace histokt
