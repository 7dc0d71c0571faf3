// SPDX-License-Identifier: MIT
#include "rebasin/products.hpp"

#include <algorithm>
#include <thread>

namespace histokt {
namespace {

// A tile of the result is kTile x kTile, and sums over kDepth entries of each channel while those are near.
constexpr std::size_t kTile = 4;
constexpr std::size_t kDepth = 256;

// Channels in groups of kTile, entry by entry: [part of kDepth][group][entry][channel in the group]. Channels
// past the last are 0.
class Packed {
 public:
  Packed(const Channels& channels, std::size_t n)
      : groups_((n + kTile - 1) / kTile),
        size_(channels.offsets.size()),
        numbers_(groups_ * kTile * size_, 0.0) {
    for (std::size_t channel = 0; channel < n; ++channel) {
      const float* from = channels.entries.data() + channel * channels.step;
      for (std::size_t k = 0; k < size_; ++k) {
        const std::size_t begin = k / kDepth * kDepth;
        double* group = numbers_.data() + begin * groups_ * kTile + channel / kTile * kTile * depth(begin);
        group[(k - begin) * kTile + channel % kTile] = from[channels.offsets[k]];
      }
    }
  }

  std::size_t groups() const { return groups_; }
  std::size_t size() const { return size_; }
  std::size_t depth(std::size_t begin) const { return std::min(kDepth, size_ - begin); }
  const double* group(std::size_t begin, std::size_t group) const {
    return numbers_.data() + begin * groups_ * kTile + group * kTile * depth(begin);
  }

 private:
  std::size_t groups_, size_;
  std::vector<double> numbers_;
};

void multiply_tile(const double* a, const double* b, std::size_t depth, double (&sums)[kTile][kTile]) {
  for (auto& row : sums) std::fill(row, row + kTile, 0.0);
  for (std::size_t k = 0; k < depth; ++k, a += kTile, b += kTile) {
    for (std::size_t i = 0; i < kTile; ++i) {
      for (std::size_t j = 0; j < kTile; ++j) sums[i][j] += a[i] * b[j];
    }
  }
}

void multiply_groups(const Packed& a, const Packed& b, std::size_t first, std::size_t last, std::size_t n,
                     std::span<double> products) {
  double sums[kTile][kTile];
  for (std::size_t begin = 0; begin < a.size(); begin += kDepth) {
    for (std::size_t row = first; row < last; ++row) {
      for (std::size_t column = 0; column < b.groups(); ++column) {
        multiply_tile(a.group(begin, row), b.group(begin, column), a.depth(begin), sums);
        for (std::size_t i = 0; i < kTile && row * kTile + i < n; ++i) {
          double* line = products.data() + (row * kTile + i) * n + column * kTile;
          for (std::size_t j = 0; j < kTile && column * kTile + j < n; ++j) line[j] += sums[i][j];
        }
      }
    }
  }
}

}  // namespace

void add_products(const Channels& a, const Channels& b, std::size_t n, std::span<double> products,
                  std::size_t threads) {
  const Packed packed_a(a, n), packed_b(b, n);
  const std::size_t groups = packed_a.groups();
  threads = std::clamp<std::size_t>(threads, 1, std::max<std::size_t>(groups, 1));
  std::vector<std::jthread> team;
  for (std::size_t t = 1; t < threads; ++t) {
    team.emplace_back([&, t] {
      multiply_groups(packed_a, packed_b, groups * t / threads, groups * (t + 1) / threads, n, products);
    });
  }
  multiply_groups(packed_a, packed_b, 0, groups / threads, n, products);
}

}  // namespace histokt
