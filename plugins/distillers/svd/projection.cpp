// SPDX-License-Identifier: MIT
// LAPACK reads a row-first (D n_o, k) matrix as its transpose, columns first, with k as the leading
// dimension; "A" in the comments is the row-first matrix.
#include "svd/projection.hpp"

#include <algorithm>

#include <histokt/host.hpp>

#include "svd/lapack.hpp"

namespace histokt {
namespace {

// Beyond this LAPACK's 32-bit sizes of work space overflow.
constexpr std::size_t kMaxGramSide = 40'000;
constexpr std::size_t kMaxSide = 2'000'000'000;

constexpr double kOne = 1.0, kZero = 0.0;

// The mean of `blocks` column blocks of `rows` rows: block d of a column begins at d * rows.
void mean_of_blocks(const double* columns, std::size_t stride, std::size_t rows, std::size_t blocks,
                    std::size_t count, double* mean) {
  for (std::size_t c = 0; c < count; ++c) {
    for (std::size_t r = 0; r < rows; ++r) {
      double sum = 0;
      for (std::size_t d = 0; d < blocks; ++d) sum += columns[c * stride + d * rows + r];
      mean[c * rows + r] = sum / static_cast<double>(blocks);
    }
  }
}

void write_rounded(const double* entries, std::span<float> result) {
  std::transform(entries, entries + result.size(), result.begin(),
                 [](double entry) { return static_cast<float>(entry); });
}

}  // namespace

void copy_reference(const StackedWeights& weights, Reference reference, std::span<float> result) {
  if (reference == Reference::kFirst) {
    std::copy(weights.sources[0].begin(), weights.sources[0].end(), result.begin());
    return;
  }
  write_mean(weights.sources, result);
}

void SubspaceProjection::project(const StackedWeights& weights, std::size_t rank, Reference reference,
                                 std::span<float> result) {
  const std::size_t stacked_rows = weights.sources.size() * weights.rows;
  const std::size_t smaller = std::min(stacked_rows, weights.columns);
  const std::size_t kept = rank == 0 ? weights.rows : std::min(rank, weights.rows);
  if (kept >= smaller) return copy_reference(weights, reference, result);
  if (smaller > kMaxGramSide || std::max(stacked_rows, weights.columns) > kMaxSide) {
    throw PluginError("a stack of " + std::to_string(stacked_rows) + " x " + std::to_string(weights.columns) +
                      " is too large to be decomposed");
  }
  double* stacked = stacked_.take(stacked_rows * weights.columns);
  double* end = stacked;
  for (const auto& source : weights.sources) end = std::copy(source.begin(), source.end(), end);

  double* projected = result_.take(result.size());
  const Shape shape = {static_cast<int>(weights.rows), static_cast<int>(weights.columns),
                       static_cast<int>(stacked_rows), static_cast<int>(kept)};
  if (stacked_rows <= weights.columns) {
    project_by_rows(shape, reference, stacked, projected);
  } else {
    project_by_columns(shape, reference, stacked, projected);
  }
  write_rounded(projected, result);
}

void SubspaceProjection::project_at_random(const StackedWeights& weights, std::size_t rank,
                                           Reference reference, const RandomKey& key,
                                           std::span<float> result) {
  const std::size_t kept = rank == 0 ? weights.rows : std::min(rank, weights.rows);
  copy_reference(weights, reference, result);
  if (kept >= weights.columns) return;
  if (weights.columns > kMaxSide) {
    throw PluginError("rows of " + std::to_string(weights.columns) + " entries are too long to be projected");
  }
  const double* directions = directions_.draw(key, static_cast<int>(weights.columns), static_cast<int>(kept));
  double* reference_weight = stacked_.take(result.size());
  std::copy(result.begin(), result.end(), reference_weight);
  double* projected = result_.take(result.size());
  const Shape shape = {static_cast<int>(weights.rows), static_cast<int>(weights.columns),
                       static_cast<int>(weights.rows), static_cast<int>(kept)};
  project_on(shape, directions, reference_weight, projected);
  write_rounded(projected, result);
}

// A A^T = U S^2 U^T; W' = (U_1 U_r^T) A, where U_1 is the reference's rows of U_r.
void SubspaceProjection::project_by_rows(const Shape& shape, Reference reference, const double* stacked,
                                         double* result) {
  const auto& [n, k, m, r] = shape;
  double* gram = gram_.take(static_cast<std::size_t>(m) * m);
  dsyrk_("L", "T", &m, &k, &kOne, stacked, &k, &kZero, gram, &m, 1, 1);
  const double* u = eigenvectors_.of(gram, m, r);

  const double* rows_of_reference = u;
  int stride = m;
  if (reference == Reference::kMean) {
    double* mean = reference_.take(static_cast<std::size_t>(n) * r);
    mean_of_blocks(u, m, n, static_cast<std::size_t>(m / n), r, mean);
    rows_of_reference = mean;
    stride = n;
  }
  double* factor = factor_.take(static_cast<std::size_t>(m) * n);  // U_r U_1^T, (m, n)
  dgemm_("N", "T", &m, &n, &r, &kOne, u, &m, rows_of_reference, &stride, &kZero, factor, &m, 1, 1);
  dgemm_("N", "N", &k, &n, &m, &kOne, stacked, &k, factor, &m, &kZero, result, &k, 1, 1);
}

// A^T A = V S^2 V^T; W' = (W V_r) V_r^T, where W is the reference.
void SubspaceProjection::project_by_columns(const Shape& shape, Reference reference, const double* stacked,
                                            double* result) {
  const auto& [n, k, m, r] = shape;
  double* gram = gram_.take(static_cast<std::size_t>(k) * k);
  dsyrk_("L", "N", &k, &m, &kOne, stacked, &k, &kZero, gram, &k, 1, 1);
  const double* v = eigenvectors_.of(gram, k, r);

  const double* projected = stacked;  // the first source
  if (reference == Reference::kMean) {
    const std::size_t size = static_cast<std::size_t>(n) * k;
    double* mean = reference_.take(size);
    mean_of_blocks(stacked, 0, size, static_cast<std::size_t>(m / n), 1, mean);
    projected = mean;
  }
  project_on(shape, v, projected, result);
}

void SubspaceProjection::project_on(const Shape& shape, const double* v, const double* w, double* result) {
  const auto& [n, k, m, r] = shape;
  double* coordinates = factor_.take(static_cast<std::size_t>(r) * n);  // V^T W^T, (r, n)
  dgemm_("T", "N", &r, &n, &k, &kOne, v, &k, w, &k, &kZero, coordinates, &r, 1, 1);
  dgemm_("N", "N", &k, &n, &r, &kOne, v, &k, coordinates, &r, &kZero, result, &k, 1, 1);
}

}  // namespace histokt
