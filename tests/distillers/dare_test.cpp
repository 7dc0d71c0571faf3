// SPDX-License-Identifier: MIT
#include "dare/dare.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "distillers/one_weight.hpp"

namespace histokt {
namespace {

constexpr std::size_t kEntries = 20000;

FakeSettings dropping(double drop, std::int64_t seed = 0) {
  return FakeSettings().number("drop", drop).number("scale", 1).integer("seed", seed);
}

MergeInput filled(const std::string& name, float value) {
  return one_weight(name, std::vector<float>(kEntries, value));
}

std::vector<float> merged(const FakeSettings& settings, const std::vector<MergeInput>& sources) {
  return merged_entries<DareDistiller>(settings, sources, filled("base", 1));
}

TEST(Dare, DropsTheShareAskedForAndEnlargesTheRest) {
  const auto result = merged(dropping(0.75), {filled("a", 2)});
  const auto dropped = std::count(result.begin(), result.end(), 1.0f);
  EXPECT_EQ(dropped + std::count(result.begin(), result.end(), 5.0f), static_cast<std::ptrdiff_t>(kEntries));
  EXPECT_NEAR(static_cast<double>(dropped) / kEntries, 0.75, 0.02);
}

TEST(Dare, IsTaskArithmeticWhereNothingIsDropped) {
  for (float entry : merged(dropping(0), {filled("a", 2), filled("b", 4)})) ASSERT_EQ(entry, 5.0f);
}

TEST(Dare, DrawsAnewForAnotherSeedOnly) {
  EXPECT_EQ(merged(dropping(0.5, 1), {filled("a", 2)}), merged(dropping(0.5, 1), {filled("a", 2)}));
  EXPECT_NE(merged(dropping(0.5, 1), {filled("a", 2)}), merged(dropping(0.5, 2), {filled("a", 2)}));
}

TEST(Dare, DropsInEachSourceByItselfWhateverTheOrder) {
  const auto result = merged(dropping(0.5), {filled("a", 2), filled("b", 4)});
  EXPECT_EQ(result, merged(dropping(0.5), {filled("b", 4), filled("a", 2)}));
  for (float value : {1.0f, 3.0f, 7.0f, 9.0f}) {
    EXPECT_NEAR(static_cast<double>(std::count(result.begin(), result.end(), value)) / kEntries, 0.25, 0.02)
        << value;
  }
}

TEST(Dare, NeedsABase) {
  EXPECT_THROW(merged_by<DareDistiller>(dropping(0.5), {network("a", 1), network("b", 2)}), PluginError);
}

}  // namespace
}  // namespace histokt
