// SPDX-License-Identifier: MIT
#include "results/significance.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "results/example_rows.hpp"

namespace histokt {
namespace {

using test::held_out;
using test::left_out_one_by_one;
using test::of_twenty_groups;

TEST(Statistics, MeansGoOverFoldsAndTrials) {
  EXPECT_DOUBLE_EQ(mean_accuracy(left_out_one_by_one()), 0.75);
  EXPECT_DOUBLE_EQ(mean_accuracy(held_out()), 0.6);
}

TEST(Statistics, DeviationIsBetweenFoldsWhereThereAreSome) {
  // of 0.625, 0.75, 0.75 and 0.875
  EXPECT_NEAR(*accuracy_deviation(left_out_one_by_one()), std::sqrt(0.03125 / 3), 1e-12);
  EXPECT_NEAR(*accuracy_deviation(held_out()), std::sqrt(0.02), 1e-12);
  ResultRow one = held_out();
  one.accuracies = {{0.5}};
  EXPECT_FALSE(accuracy_deviation(one));
}

TEST(Statistics, IntervalsComeFromDrawingGroups) {
  const std::vector<ResultRow> rows = of_twenty_groups(0.1);
  const Interval interval = accuracy_interval(rows[1]).value();
  EXPECT_NEAR(interval.low, 0.6 - 0.043, 0.006) << "1.96 x 0.1 / sqrt(20)";
  EXPECT_NEAR(interval.high, 0.6 + 0.043, 0.006);
}

// Each group gains the same: that is sure, however much groups differ.
TEST(Statistics, DifferencesAreTakenGroupByGroup) {
  const std::vector<ResultRow> rows = of_twenty_groups(0.1);
  const Interval interval = difference_interval(rows[1], rows[0]).value();
  EXPECT_NEAR(interval.low, 0.1, 1e-9);
  EXPECT_NEAR(interval.high, 0.1, 1e-9);
}

TEST(Statistics, ADifferenceFromATestOfOtherGroupsHasNoInterval) {
  std::vector<ResultRow> rows = of_twenty_groups(0.1);
  rows[0].group_weight[0] = 0.04;
  EXPECT_FALSE(difference_interval(rows[1], rows[0]));
  EXPECT_FALSE(difference_interval(rows[0], rows[0])) << "a baseline from itself";
}

TEST(Significance, ADifferenceWhoseIntervalHoldsZeroIsNoise) {
  std::vector<ResultRow> rows = of_twenty_groups(0);
  rows[1].accuracies = {{0.505}};
  for (std::size_t g = 0; g < 20; ++g) rows[1].group_right[g] += g % 3 == 0 ? 0.01 : g % 3 == 1 ? -0.01 : 0;
  EXPECT_EQ(Verdict::kWithinTest, compare(rows[1], rows[0]).verdict);
}

TEST(Significance, ADifferenceThatTrialsDifferByIsNoise) {
  std::vector<ResultRow> rows = of_twenty_groups(0.1);
  EXPECT_EQ(Verdict::kBetter, compare(rows[1], rows[0]).verdict);
  rows[0].accuracies = {{0.5, 0.5}};
  rows[1].accuracies = {{0.3, 0.9}};
  EXPECT_EQ(Verdict::kWithinTrials, compare(rows[1], rows[0]).verdict);
}

// Few groups, so no interval: 20 points are more than 400 patches allow for.
TEST(Significance, PatchesStandForTheIntervalWhereThereIsNone) {
  ResultRow baseline = held_out(), row = held_out();
  row.kind = ResultKind::kTransfer;
  const auto verdict = [&](double accuracy, double other) {
    row.accuracies = {{accuracy, accuracy}};
    baseline.accuracies = {{other, other}};
    return compare(row, baseline).verdict;
  };
  EXPECT_EQ(Verdict::kBetter, verdict(0.6, 0.4));
  EXPECT_EQ(Verdict::kWorse, verdict(0.4, 0.6));
  EXPECT_EQ(Verdict::kWithinTest, verdict(0.45, 0.4));
  EXPECT_EQ(Verdict::kWithinTest, verdict(0.4, 0.4));
}

// Two baselines of a target, by two recipes, and what came from the second one's sources.
TEST(Significance, ARowIsComparedWithTheBaselineOfItsOwnRecipe) {
  ResultRow other = held_out(), own = held_out(), row = held_out();
  own.recipe = own.train = "long";
  own.accuracies = {{0.25, 0.25}};
  row.kind = ResultKind::kTransfer;
  row.train = "long";
  row.accuracies = {{0.5, 0.5}};
  const std::vector<ResultRow> rows = {other, own, row};
  const ComparedRow compared = compared_rows(rows).back();
  EXPECT_EQ(&rows[1], compared.baseline);
  EXPECT_DOUBLE_EQ(0.25, compared.over_baseline->difference);
}

}  // namespace
}  // namespace histokt
