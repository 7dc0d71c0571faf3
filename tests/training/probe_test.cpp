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
