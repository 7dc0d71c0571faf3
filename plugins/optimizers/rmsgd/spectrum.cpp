// SPDX-License-Identifier: MIT
#include "optimizers/rmsgd/spectrum.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

extern "C" {
void dsyrk_(const char* triangle, const char* transposed, const int* n, const int* k, const double* alpha,
            const double* a, const int* lda, const double* beta, double* c, const int* ldc);
void ssyrk_(const char* triangle, const char* transposed, const int* n, const int* k, const float* alpha,
            const float* a, const int* lda, const float* beta, float* c, const int* ldc);
void dsyev_(const char* job, const char* triangle, const int* n, double* a, const int* lda,
            double* eigenvalues, double* work, const int* work_size, int* info);
// OpenBLAS has these, other libraries do not.
__attribute__((weak)) void openblas_set_num_threads(int threads);
__attribute__((weak)) int openblas_get_num_threads();
}

namespace histokt {
namespace {

using Offsets = std::vector<std::int64_t>;

constexpr int kColumnsAtOnce = 512;
// Products in single precision leave an error of about 1e-8 of the largest eigenvalue. Where the smallest is
// below this share of the largest, that is too much.
constexpr double kWellConditioned = 1e-4;

// The places of all entries along the given axes, in the order of memory.
Offsets offsets_along(const WeightView& weight, const std::vector<std::size_t>& axes) {
  Offsets offsets = {0};
  for (const std::size_t axis : axes) {
    Offsets more;
    more.reserve(offsets.size() * static_cast<std::size_t>(weight.sizes[axis]));
    for (const std::int64_t offset : offsets) {
      for (std::int64_t i = 0; i < weight.sizes[axis]; ++i) more.push_back(offset + i * weight.strides[axis]);
    }
    offsets = std::move(more);
  }
  std::sort(offsets.begin(), offsets.end());
  return offsets;
}

std::int64_t spacing(const Offsets& offsets) {
  return offsets.size() < 2 ? std::numeric_limits<std::int64_t>::max() : offsets[1] - offsets[0];
}

// c = a a^T, or a^T a where transposed is "T", in the lower triangle.
void multiply(const char* transposed, int n, int k, const float* a, int leading, float* c) {
  const float one = 1, zero = 0;
  ssyrk_("L", transposed, &n, &k, &one, a, &leading, &zero, c, &n);
}
void multiply(const char* transposed, int n, int k, const double* a, int leading, double* c) {
  const double one = 1, zero = 0;
  dsyrk_("L", transposed, &n, &k, &one, a, &leading, &zero, c, &n);
}

// A A^T of the matrix A with entries data[rows[i] + columns[j]], in the lower triangle, columns first.
// Neither order of the columns nor of the rows matters to the eigenvalues. A few columns at a time are
// gathered in the order of memory and multiplied as Real (float takes half the time); their sums are formed
// in double precision.
template <typename Real>
std::vector<double> gram_matrix(const float* data, const Offsets& rows, const Offsets& columns) {
  const int n = static_cast<int>(rows.size());
  const bool rows_run_faster = spacing(rows) < spacing(columns);
  std::vector<double> gram(rows.size() * rows.size());
  std::vector<Real> product(gram.size());
  std::vector<Real> part(rows.size() * kColumnsAtOnce);
  for (std::size_t first = 0; first < columns.size(); first += kColumnsAtOnce) {
    const int count = static_cast<int>(std::min<std::size_t>(kColumnsAtOnce, columns.size() - first));
    const std::int64_t* column = columns.data() + first;
    Real* to = part.data();
    if (rows_run_faster) {
      for (int j = 0; j < count; ++j) {
        for (const std::int64_t row : rows) *to++ = data[row + column[j]];
      }
    } else {
      for (const std::int64_t row : rows) {
        for (int j = 0; j < count; ++j) *to++ = data[row + column[j]];
      }
    }
    const int leading = rows_run_faster ? n : count;
    multiply(rows_run_faster ? "N" : "T", n, count, part.data(), leading, product.data());
    for (std::size_t j = 0; j < rows.size(); ++j) {
      for (std::size_t i = j * rows.size() + j; i < (j + 1) * rows.size(); ++i) gram[i] += product[i];
    }
  }
  return gram;
}

double trace(const std::vector<double>& matrix, int n) {
  double sum = 0;
  for (int i = 0; i < n; ++i) sum += matrix[static_cast<std::size_t>(i) * (static_cast<std::size_t>(n) + 1)];
  return sum;
}

// The eigenvalues of a symmetric matrix, smallest first.
std::vector<double> eigenvalues(std::vector<double> matrix, int n) {
  std::vector<double> values(static_cast<std::size_t>(n));
  const int work_size = 66 * n;  // room for blocks of 64 columns
  std::vector<double> work(static_cast<std::size_t>(work_size));
  int info = 0;
  dsyev_("N", "L", &n, matrix.data(), &n, values.data(), work.data(), &work_size, &info);
  if (info != 0) {
    throw std::runtime_error("rmsgd: LAPACK's dsyev found no eigenvalues of a " + std::to_string(n) + " x " +
                             std::to_string(n) + " matrix (info " + std::to_string(info) + ")");
  }
  return values;
}

}  // namespace

std::vector<double> singular_values(const WeightView& weight, std::size_t axis) {
  std::vector<std::size_t> others;
  for (std::size_t other = 0; other < weight.sizes.size(); ++other) {
    if (other != axis) others.push_back(other);
  }
  Offsets rows = offsets_along(weight, {axis}), columns = offsets_along(weight, others);
  if (rows.empty() || columns.empty()) return {};
  if (rows.size() > columns.size()) rows.swap(columns);

  const int n = static_cast<int>(rows.size());
  std::vector<double> gram = gram_matrix<float>(weight.data, rows, columns);
  if (!std::isfinite(trace(gram, n))) {  // in double no finite float overflows
    gram = gram_matrix<double>(weight.data, rows, columns);
    if (!std::isfinite(trace(gram, n))) return std::vector<double>(rows.size(), trace(gram, n));
  }
  std::vector<double> values = eigenvalues(std::move(gram), n);
  if (values.front() < kWellConditioned * values.back()) {
    values = eigenvalues(gram_matrix<double>(weight.data, rows, columns), n);
  }
  std::reverse(values.begin(), values.end());
  for (double& value : values) value = std::sqrt(std::max(value, 0.0));
  return values;
}

SerialBlas::SerialBlas() {
  if (!openblas_get_num_threads || !openblas_set_num_threads) return;
  threads_ = openblas_get_num_threads();
  openblas_set_num_threads(1);
}

SerialBlas::~SerialBlas() {
  if (threads_ > 0) openblas_set_num_threads(threads_);
}

}  // namespace histokt
