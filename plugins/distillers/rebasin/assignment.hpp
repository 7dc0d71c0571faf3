// SPDX-License-Identifier: MIT
// The linear assignment problem.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace histokt {

// Entry i is the element at position i.
using Permutation = std::vector<std::size_t>;

// The permutation p with the largest sum_i gains[i * n + p[i]], exactly, for an (n, n) matrix of finite
// numbers: shortest augmenting paths (Jonker and Volgenant 1987), O(n^3).
Permutation best_assignment(std::span<const double> gains, std::size_t n);

}  // namespace histokt
