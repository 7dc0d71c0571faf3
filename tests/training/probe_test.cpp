// SPDX-License-Identifier: MIT
#include <torch/utils.h>

#include "training/probe.hpp"

#include <gtest/gtest.h>

#include "base/errors.hpp"

namespace histokt {
namespace {

using torch::Tensor;

// Three classes, each a cloud around a place of its own, with features that say nothing and one that never
// changes.
LabelledFeatures clouds(std::int64_t patches, std::uint64_t seed, double spread = 0.5) {
  torch::manual_seed(seed);
  const Tensor labels = torch::arange(patches, torch::kInt64) % 3;
  Tensor features = torch::randn({patches, 8});
  features.slice(1, 0, 3) *= spread;
  features.slice(1, 0, 3) += 2 * torch::one_hot(labels, 3);
  features.select(1, 7).fill_(4);
  return {features, labels};
}

ProbeData three_classes(double spread = 0.5) {
  return {clouds(240, 1, spread), clouds(60, 2, spread), clouds(90, 3, spread), 3};
}

// Class c is there where feature c is above 0.
LabelledFeatures signs(std::int64_t patches, std::uint64_t seed) {
  torch::manual_seed(seed);
  const Tensor features = torch::randn({patches, 4});
  return {features, (features.slice(1, 0, 3) > 0).to(torch::kFloat)};
}

TEST(LinearProbe, FindsWhatFeaturesSay) {
  const ProbeResult result = linear_probe(three_classes());
  EXPECT_GT(result.test_accuracy, 0.95);
  EXPECT_GT(result.valid_accuracy, 0.95);
  EXPECT_EQ(result.test_scores.sizes(), torch::IntArrayRef({90, 3}));
}

// At the minimum the gradient is 0: mean (p - y) x^T = -penalty W, and the mean of p is that of y.
TEST(LinearProbe, ReachesTheMinimum) {
  ProbeData data = three_classes(2);
  data.test = data.train;
  const ProbeResult result = linear_probe(data, {0.1});
  const Tensor off = result.test_scores.softmax(1) - torch::one_hot(data.train.labels, 3);
  EXPECT_LT(off.mean(0).abs().max().item<double>(), 1e-5);
}

TEST(LinearProbe, ChoosesThePenaltyByValidationAlone) {
  ProbeData data = three_classes(2);
  const double chosen = linear_probe(data).setting;
  data.test = clouds(90, 77, 9);
  EXPECT_EQ(linear_probe(data).setting, chosen);
}

TEST(LinearProbe, TakesOneLogisticAClassWhereMultiLabel) {
  const ProbeData data{signs(300, 1), signs(80, 2), signs(80, 3), 3};
  EXPECT_GT(linear_probe(data).test_accuracy, 0.95);
  EXPECT_GT(nearest_neighbours(data).test_accuracy, 0.8);
}

// Two rare classes, each there in two of five patches where a sign is set, which two features say together
// and neither alone. Nothing is ever more likely than not.
LabelledFeatures rare(std::int64_t patches, std::uint64_t seed) {
  torch::manual_seed(seed);
  const Tensor signs = (torch::rand({patches, 2}) < 0.25).to(torch::kFloat);
  const Tensor noise = 3 * torch::randn({patches, 2});
  return {torch::cat({signs + noise, noise}, 1), (torch::rand({patches, 2}) < 0.4 * signs).to(torch::kFloat)};
}

TEST(LinearProbe, ChoosesByTheScoreThatTrainingChoosesBy) {
  ProbeData data{rare(2000, 1), rare(1000, 2), rare(1000, 3), 2};
  const double nothing = 1 - data.test.labels.mean().item<double>();
  const ProbeResult by_accuracy = linear_probe(data);
  EXPECT_EQ(by_accuracy.setting, 10) << "all penalties answer nothing, so the largest is taken";
  EXPECT_NEAR(by_accuracy.test_accuracy, nothing, 1e-6);
  data.selection = "mean-average-precision";
  const ProbeResult by_precision = linear_probe(data);
  EXPECT_LT(by_precision.setting, 10);
  EXPECT_NEAR(by_precision.test_accuracy, nothing, 1e-6);
  EXPECT_GT(by_precision.test_average_precision.value(), by_accuracy.test_average_precision.value() + 0.05);
}

TEST(NearestNeighbours, ChooseByTheScoreThatTrainingChoosesBy) {
  ProbeData data{signs(300, 1), signs(80, 2), signs(80, 3), 3};
  for (const char* score : {"accuracy", "mean-average-precision"}) {
    data.selection = score;
    const double chosen = nearest_neighbours(data, {1, 20}).valid_score;
    EXPECT_GE(chosen, nearest_neighbours(data, {1}).valid_score);
    EXPECT_GE(chosen, nearest_neighbours(data, {20}).valid_score);
  }
  EXPECT_GT(nearest_neighbours(data, {1, 20}).valid_score, nearest_neighbours(data, {1}).valid_score)
      << "one neighbour ranks nothing";
}

TEST(NearestNeighbours, SoftmaxGivesTheSharesOfTheNeighbours) {
  const LabelledFeatures train{torch::tensor({{1.f, 0.f}, {1.f, 0.f}, {1.f, 0.f}, {1.f, 0.f}}),
                               torch::tensor({0L, 1L, 1L, 1L})};
  const LabelledFeatures asked{torch::tensor({{1.f, 0.f}}), torch::tensor({1L})};
  const Tensor shares = nearest_neighbours({train, asked, asked, 2}, {4}).test_scores.softmax(1);
  EXPECT_NEAR(shares[0][1].item<double>(), 0.75, 1e-9);
}

TEST(Probe, ScoresThatAreNotDefinedAreNoReasonToChooseNothing) {
  ProbeData data{signs(60, 1), signs(20, 2), signs(20, 3), 3, "mean-average-precision"};
  data.valid.labels.zero_();
  EXPECT_EQ(linear_probe(data).setting, 10) << "the first";
  EXPECT_EQ(nearest_neighbours(data, {5, 1}).setting, 5);
}

TEST(LinearProbe, GivesTheSameBitsAgain) {
  EXPECT_TRUE(linear_probe(three_classes()).test_scores.equal(linear_probe(three_classes()).test_scores));
}

TEST(NearestNeighbours, FindsWhatFeaturesSay) {
  EXPECT_GT(nearest_neighbours(three_classes()).test_accuracy, 0.85);
}

TEST(NearestNeighbours, LooksAtTheDirectionAndNotTheLength) {
  const Tensor places = torch::tensor({{1.f, 0.f}, {0.f, 1.f}}), labels = torch::tensor({0L, 1L});
  const LabelledFeatures far{torch::tensor({{100.f, 10.f}, {0.001f, 0.01f}}), labels};
  const ProbeResult result = nearest_neighbours({{places, labels}, far, far, 2}, {1});
  EXPECT_EQ(result.test_accuracy, 1);
}

TEST(NearestNeighbours, TakesNoMoreThanThereAre) {
  const ProbeData data{clouds(6, 1), clouds(6, 2), clouds(6, 3), 3};
  EXPECT_EQ(nearest_neighbours(data, {100}).setting, 6);
}

TEST(NearestNeighbours, LeavesATieToTheNearer) {
  const LabelledFeatures train{torch::tensor({{1.f, 0.f}, {0.f, 1.f}}), torch::tensor({0L, 1L})};
  const LabelledFeatures asked{torch::tensor({{1.f, 2.f}}), torch::tensor({1L})};
  EXPECT_EQ(nearest_neighbours({train, asked, asked, 2}, {2}).test_accuracy, 1);
}

TEST(Probe, RefusesAnEmptyPart) {
  ProbeData data = three_classes();
  data.test.features = torch::empty({0, 8});
  EXPECT_THROW(linear_probe(data), RunError);
  EXPECT_THROW(nearest_neighbours(data), RunError);
}

}  // namespace
}  // namespace histokt
