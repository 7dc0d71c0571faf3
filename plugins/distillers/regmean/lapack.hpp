// The BLAS and LAPACK routines in use, by their Fortran symbols: matrices lie columns first, and the length
// of each text argument follows at the end.
#pragma once

#include <cstddef>

extern "C" {
// C = alpha A B + beta C, A symmetric on the left.
void ssymm_(const char* side, const char* triangle, const int* m, const int* n, const float* alpha,
            const float* a, const int* lda, const float* b, const int* ldb, const float* beta, float* c,
            const int* ldc, std::size_t, std::size_t);
// A = L L^T, A symmetric and positive.
void dpotrf_(const char* triangle, const int* n, double* a, const int* lda, int* info, std::size_t);
// Solves A X = B with the L of dpotrf.
void dpotrs_(const char* triangle, const int* n, const int* columns, const double* a, const int* lda,
             double* b, const int* ldb, int* info, std::size_t);
}
