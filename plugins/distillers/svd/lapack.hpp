// SPDX-License-Identifier: MIT
// The BLAS and LAPACK routines in use, by their Fortran symbols: matrices are column-major, and the length of
// each text argument follows at the end.
#pragma once

#include <cstddef>
#include <histokt/host.hpp>
#include <string>

extern "C" {
// C = alpha A A^T + beta C, or with A^T A; one triangle.
void dsyrk_(const char* triangle, const char* transposed, const int* n, const int* k, const double* alpha,
            const double* a, const int* lda, const double* beta, double* c, const int* ldc, std::size_t,
            std::size_t);
// C = alpha A B + beta C, each of A and B optionally transposed.
void dgemm_(const char* transpose_a, const char* transpose_b, const int* m, const int* n, const int* k,
            const double* alpha, const double* a, const int* lda, const double* b, const int* ldb,
            const double* beta, double* c, const int* ldc, std::size_t, std::size_t);
// A = Q T Q^T with T tridiagonal.
void dsytrd_(const char* triangle, const int* n, double* a, const int* lda, double* diagonal,
             double* off_diagonal, double* tau, double* work, const int* work_size, int* info, std::size_t);
// Eigenvalues, ascending, and eigenvectors of a tridiagonal matrix, by divide and conquer.
void dstedc_(const char* vectors, const int* n, double* diagonal, double* off_diagonal, double* z,
             const int* ldz, double* work, const int* work_size, int* int_work, const int* int_work_size,
             int* info, std::size_t);
// A = Q R; and the leading columns of that Q.
void dgeqrf_(const int* m, const int* n, double* a, const int* lda, double* tau, double* work,
             const int* work_size, int* info);
void dorgqr_(const int* m, const int* n, const int* k, double* a, const int* lda, const double* tau,
             double* work, const int* work_size, int* info);
// C = Q C with the Q of dsytrd.
void dormtr_(const char* side, const char* triangle, const char* transposed, const int* m, const int* n,
             const double* a, const int* lda, const double* tau, double* c, const int* ldc, double* work,
             const int* work_size, int* info, std::size_t, std::size_t, std::size_t);
}

namespace histokt {

// Throws PluginError if a routine's `info` reports a failure.
inline void check_lapack(const char* routine, int info) {
  if (info != 0) throw PluginError(std::string(routine) + " failed with code " + std::to_string(info));
}

}  // namespace histokt
