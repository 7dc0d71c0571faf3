// SPDX-License-Identifier: MIT
// The BLAS and LAPACK routines in use, by their Fortran symbols: matrices are column-major, and the length of
// each text argument follows at the end.
#pragma once

#include <cstddef>

extern "C" {
// C = alpha A B + beta C, each of A and B optionally transposed.
void dgemm_(const char* transpose_a, const char* transpose_b, const int* m, const int* n, const int* k,
            const double* alpha, const double* a, const int* lda, const double* b, const int* ldb,
            const double* beta, double* c, const int* ldc, std::size_t, std::size_t);
// A = L L^T, A symmetric and positive.
void dpotrf_(const char* triangle, const int* n, double* a, const int* lda, int* info, std::size_t);
// Solves A X = B with the L of dpotrf.
void dpotrs_(const char* triangle, const int* n, const int* columns, const double* a, const int* lda,
             double* b, const int* ldb, int* info, std::size_t);
}
