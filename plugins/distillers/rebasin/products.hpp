// SPDX-License-Identifier: MIT
// Products of channels in double precision, whose bits do not depend on the number of threads.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace histokt {

// Channel c of a tensor is its entries at c * step + offsets[k], for all k.
struct Channels {
  std::span<const float> entries;
  std::size_t step = 0;
  std::vector<std::size_t> offsets;
};

// products[i * n + j] += sum_k a_i[k] b_j[k] for all n channels of either; their offsets are as many. Each
// entry is summed by one of `threads` threads, in the order of k.
void add_products(const Channels& a, const Channels& b, std::size_t n, std::span<double> products,
                  std::size_t threads);

}  // namespace histokt
