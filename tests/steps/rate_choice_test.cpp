// SPDX-License-Identifier: MIT
#include "steps/rate_choice.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace histokt {
namespace {

const double kNaN = std::numeric_limits<double>::quiet_NaN();

std::string says(const std::vector<SettingScores>& settings) {
  return choose_rate(settings, "accuracy").says;
}

TEST(RateChoice, IsByTheMeanOverTrialsNotByTheBestTrial) {
  const RateChoice choice =
      choose_rate({{"lr0.1", {{0.99, 0.5, 0.5}}}, {"lr0.01", {{0.8, 0.8, 0.8}}}}, "accuracy");
  EXPECT_EQ(choice.best, 1U);
  EXPECT_NEAR(choice.margin.value(), 0.8 - 1.99 / 3, 1e-12);
}

TEST(RateChoice, CountsTheTrialsOfOtherSources) {
  EXPECT_EQ(choose_rate({{"a", {{0.9}, {0.1}}}, {"b", {{0.8}, {0.7}}}}, "accuracy").best, 1U);
}

TEST(RateChoice, SaysWhenTheNextIsWithinTheDeviationOfTrials) {
  EXPECT_EQ(
      says({{"lr0.001", {{0.924, 0.940}}}, {"lr0.003", {{0.921, 0.937}}}}),
      "lr0.001 (valid accuracy 93.2 %); next lr0.003 at 92.9 %, within the deviation of trials (1.1 %)");
}

TEST(RateChoice, SaysWhenTheNextIsBeyondIt) {
  EXPECT_EQ(says({{"lr0.001", {{0.5, 0.51}}}, {"lr0.003", {{0.9, 0.91}}}, {"lr0.01", {{0.7, 0.71}}}}),
            "lr0.003 (valid accuracy 90.5 %); next lr0.01 at 70.5 %, beyond the deviation of trials (0.7 %)");
}

// Two sources differ by 40 points; their trials by nothing.
TEST(RateChoice, DoesNotTakeTheDifferenceOfSourcesForNoise) {
  const RateChoice choice =
      choose_rate({{"a", {{0.9, 0.9}, {0.5, 0.5}}}, {"b", {{0.8, 0.8}, {0.4, 0.4}}}}, "accuracy");
  EXPECT_NEAR(choice.trial_deviation.value(), 0, 1e-12);
  EXPECT_FALSE(choice.within_deviation);
}

TEST(RateChoice, SaysWhatTies) {
  const RateChoice choice = choose_rate({{"a", {{0.7}}}, {"b", {{0.8}}}, {"c", {{0.8}}}}, "macro-f1");
  EXPECT_EQ(choice.best, 1U);
  EXPECT_EQ(choice.ties, std::vector<std::string>{"c"});
  EXPECT_EQ(choice.says, "b (valid macro-f1 80.0 %) ties with c; the first of them was taken");
}

TEST(RateChoice, OfOneTrialSaysThatTheNoiseIsNotKnown) {
  EXPECT_EQ(says({{"a", {{0.7}}}, {"b", {{0.8}}}}),
            "b (valid accuracy 80.0 %); next a at 70.0 %; with one trial it is not known how much of that is "
            "noise");
}

TEST(RateChoice, LeavesOutASettingWithoutAScore) {
  EXPECT_EQ(choose_rate({{"a", {{kNaN, 0.99}}}, {"b", {{0.2, 0.2}}}}, "accuracy").best, 1U);
  EXPECT_EQ(choose_rate({{"a", {{kNaN}}}, {"b", {{kNaN}}}}, "accuracy").best, 0U);
  EXPECT_EQ(says({{"a", {{kNaN}}}, {"b", {{kNaN}}}}),
            "no setting has a valid accuracy that is defined; a, the first, was taken");
}

TEST(RateChoice, LeavesOutASettingThatDivergedInOneTrialAndSaysSo) {
  const std::vector<SettingScores> settings = {
      {"lr1", {{0.99, kNaN}}, "epoch 1, batch 2"}, {"lr0.1", {{0.6, 0.6}}}, {"lr0.01", {{0.7, 0.7}}}};
  const RateChoice choice = choose_rate(settings, "accuracy");
  EXPECT_EQ(choice.best, 2U);
  EXPECT_EQ(choice.next, 1U);
  EXPECT_TRUE(std::isnan(choice.means[0]));
  EXPECT_EQ(
      choice.says,
      "lr0.01 (valid accuracy 70.0 %); next lr0.1 at 60.0 %, beyond the deviation of trials (0.0 %); lr1 "
      "diverged and was left out");
}

TEST(RateChoice, SaysThatAllOthersDiverged) {
  EXPECT_EQ(says({{"lr10", {{kNaN}}, "epoch 1, batch 2"},
                  {"lr1", {{kNaN}}, "epoch 1, batch 2"},
                  {"lr0.1", {{0.6}}}}),
            "lr0.1 (valid accuracy 60.0 %); lr10 and lr1 diverged and were left out");
}

TEST(RateChoice, WithoutAnyScoreTakesTheFirstThatDidNotDiverge) {
  EXPECT_EQ(
      choose_rate({{"a", {{kNaN}}, "epoch 1, batch 2"}, {"b", {{kNaN}}}, {"c", {{kNaN}}}}, "accuracy").best,
      1U);
}

TEST(RateChoice, OfASingleSettingSaysNothing) {
  EXPECT_EQ(says({{"a", {{0.7, 0.8}}}}), "");
}

}  // namespace
}  // namespace histokt
