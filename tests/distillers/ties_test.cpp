// SPDX-License-Identifier: MIT
#include "ties/ties.hpp"

#include <gtest/gtest.h>

#include "distillers/one_weight.hpp"

namespace histokt {
namespace {

std::vector<float> merged(double density, const std::vector<MergeInput>& sources, const MergeInput& base) {
  return merged_entries<TiesDistiller>(FakeSettings().number("density", density).number("scale", 1), sources,
                                       base);
}

TEST(Ties, KeepsTheMeanOfThoseThatAgreeWithTheElectedSign) {
  const auto result =
      merged(1, {one_weight("a", {5, 1, 1}), one_weight("b", {3, -2, 1}), one_weight("c", {-1, -5, 1})},
             one_weight("base", {1, 0, 1}));
  EXPECT_EQ(result, (std::vector<float>{4, -3.5f, 1}));
}

TEST(Ties, TrimsEachSourceToItsLargestChanges) {
  const auto result = merged(0.5, {one_weight("a", {4, 3, 1, -2}), one_weight("b", {1, -2, 8, 9})},
                             one_weight("base", {0, 0, 0, 0}));
  EXPECT_EQ(result, (std::vector<float>{4, 3, 8, 9}));
}

TEST(Ties, IsTheBaseWhereNothingWasLearnt) {
  const MergeInput base = one_weight("base", {1, -2});
  EXPECT_EQ(merged(0.2, {base, base}, base), (std::vector<float>{1, -2}));
}

TEST(Ties, NeedsABase) {
  const FakeSettings settings = FakeSettings().number("density", 1).number("scale", 1);
  EXPECT_THROW(merged_by<TiesDistiller>(settings, {network("a", 1), network("b", 2)}), PluginError);
}

}  // namespace
}  // namespace histokt
