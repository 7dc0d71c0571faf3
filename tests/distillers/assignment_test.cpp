// SPDX-License-Identifier: MIT
#include "rebasin/assignment.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/random.hpp"
#include "rebasin/products.hpp"

namespace histokt {
namespace {

double total(const std::vector<double>& gains, const Permutation& order) {
  double sum = 0;
  for (std::size_t i = 0; i < order.size(); ++i) sum += gains[i * order.size() + order[i]];
  return sum;
}

double best_by_trying_all(const std::vector<double>& gains, std::size_t n) {
  Permutation order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  double best = -std::numeric_limits<double>::infinity();
  do best = std::max(best, total(gains, order));
  while (std::next_permutation(order.begin(), order.end()));
  return best;
}

TEST(Assignment, IsAsGoodAsTheBestOfAllPermutations) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Random random{seed, random_word("gains")};
    const std::size_t n = seed % 7;
    std::vector<double> gains(n * n);
    // Half of them round numbers, so that there are ties.
    for (double& gain : gains) gain = seed % 2 ? std::round(2 * random.normal()) : random.normal();
    const Permutation order = best_assignment(gains, n);
    Permutation sorted = order;
    std::sort(sorted.begin(), sorted.end());
    for (std::size_t i = 0; i < n; ++i) ASSERT_EQ(sorted[i], i) << "seed " << seed;
    ASSERT_NEAR(total(gains, order), best_by_trying_all(gains, n), 1e-9) << "seed " << seed;
  }
}

TEST(Products, AreTheSumsOfTheDefinition) {
  constexpr std::size_t kChannels = 7, kEntries = 300;
  std::vector<float> a(kChannels * kEntries), b(a.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    a[i] = static_cast<float>(i % 11), b[i] = static_cast<float>(i % 13);
  std::vector<std::size_t> offsets(kEntries);
  std::iota(offsets.begin(), offsets.end(), std::size_t{0});
  for (const std::size_t threads : {1, 2, 9}) {
    std::vector<double> products(kChannels * kChannels, 1.0);
    add_products({a, kEntries, offsets}, {b, kEntries, offsets}, kChannels, products, threads);
    for (std::size_t i = 0; i < kChannels; ++i) {
      for (std::size_t j = 0; j < kChannels; ++j) {
        double sum = 1;
        for (std::size_t k = 0; k < kEntries; ++k) sum += double{a[i * kEntries + k]} * b[j * kEntries + k];
        EXPECT_EQ(products[i * kChannels + j], sum) << threads << " threads";
      }
    }
  }
}

}  // namespace
}  // namespace histokt
