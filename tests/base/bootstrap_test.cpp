// SPDX-License-Identifier: MIT
#include "base/bootstrap.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <numeric>

namespace histokt {
namespace {

std::vector<std::uint32_t> drawn(int resample, std::size_t groups) {
  std::vector<std::uint32_t> times(groups);
  draw_groups(resample, times);
  return times;
}

TEST(Bootstrap, DrawsAsManyGroupsAsThereAre) {
  const std::vector<std::uint32_t> times = drawn(3, 25);
  EXPECT_EQ(25U, std::accumulate(times.begin(), times.end(), 0U));
}

TEST(Bootstrap, DrawsTheSameAgainAndOthersInAnotherResample) {
  EXPECT_EQ(drawn(3, 25), drawn(3, 25));
  EXPECT_NE(drawn(3, 25), drawn(4, 25));
}

TEST(Bootstrap, DrawsEachGroupOnceOnAverage) {
  std::uint64_t first = 0;
  for (int r = 0; r < 4000; ++r) first += drawn(r, 20)[0];
  EXPECT_NEAR(static_cast<double>(first) / 4000, 1, 0.06);
}

// numpy.percentile(..., [2.5, 97.5])
TEST(Bootstrap, PercentilesAreLinearBetweenNeighbours) {
  const Interval interval = middle_95_percent({3, 1, 2, 5, 4, 9, 7}).value();
  EXPECT_NEAR(interval.low, 1.15, 1e-12);
  EXPECT_NEAR(interval.high, 8.7, 1e-12);
}

TEST(Bootstrap, LeavesOutWhatIsNotDefinedUnlessThatIsMost) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(2, middle_95_percent({2, nan, 2}).value().low);
  EXPECT_FALSE(middle_95_percent({2, nan, nan}));
  EXPECT_FALSE(middle_95_percent({}));
}

// Of a mean of 400 tosses of a coin, a group each: 0.5 +- 1.96 x 0.5 / sqrt(400).
TEST(Bootstrap, OfAMeanIsAsWideAsItsStandardErrorSays) {
  std::vector<double> right(400), all(400, 1.0);
  for (std::size_t g = 0; g < 200; ++g) right[g] = 1;
  const Interval interval = ratio_interval(right, all).value();
  EXPECT_NEAR(interval.low, 0.451, 0.005);
  EXPECT_NEAR(interval.high, 0.549, 0.005);
}

TEST(Bootstrap, OfGroupsThatAreAllAlikeIsAPoint) {
  const Interval interval = ratio_interval(std::vector<double>(10, 3), std::vector<double>(10, 4)).value();
  EXPECT_EQ(0.75, interval.low);
  EXPECT_EQ(0.75, interval.high);
}

TEST(Bootstrap, OfFewGroupsIsRefusedAndSaysWhy) {
  EXPECT_FALSE(ratio_interval(std::vector<double>(9, 1), std::vector<double>(9, 1)));
  EXPECT_EQ("no interval: 4 patients were tested, and an interval needs at least 10",
            why_no_interval(4, "patient"));
  EXPECT_EQ("no interval: 1 slide was tested, and an interval needs at least 10",
            why_no_interval(1, "slide"));
  EXPECT_EQ("", why_no_interval(10, "slide"));
}

}  // namespace
}  // namespace histokt
