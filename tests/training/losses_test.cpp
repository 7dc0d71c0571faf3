// SPDX-License-Identifier: MIT
#include "training/losses.hpp"

#include <gtest/gtest.h>

#include "support/golden_torch.hpp"
#include "training/golden_metrics.hpp"

namespace histokt {
namespace {

using testing::GoldenMetrics;
using testing::read_torch_golden;
using testing::TorchGolden;

TEST(Losses, AgreeWithTheGoldenValues) {
  const TorchGolden golden = read_torch_golden("metrics");
  const auto tensor = [&](const char* name) { return golden.at(name); };
  const torch::Tensor single = cross_entropy(tensor("single/logits"), tensor("single/labels"));
  EXPECT_NEAR(single.item<double>(), golden.number("single/cross_entropy"), 1e-6);
  const torch::Tensor multi = soft_margin(tensor("multi/logits"), tensor("multi/labels").to(torch::kFloat32),
                                          tensor("multi/class_weights"));
  EXPECT_NEAR(multi.item<double>(), golden.number("multi/weighted_soft_margin_loss"), 1e-5);
}

TEST(Losses, StayFiniteForLargeLogits) {
  const torch::Tensor logits = torch::tensor({{200.F, -200.F}});
  EXPECT_FLOAT_EQ(soft_margin(logits, torch::tensor({{0.F, 1.F}}), torch::ones(2)).item<float>(), 200.F);
}

TEST(Losses, OfGuessingAreThoseOfEqualLogits) {
  const torch::Tensor logits = torch::full({2, 3}, 0.0F);
  EXPECT_NEAR(cross_entropy(logits, torch::tensor({2, 0})).item<double>(), chance_loss(3, false, {}), 1e-6);
  const std::vector<float> weights = {1.0F, 2.5F, 0.25F};
  const torch::Tensor labels = torch::tensor({{0.F, 1.F, 1.F}, {1.F, 0.F, 0.F}});
  EXPECT_NEAR(soft_margin(logits, labels, torch::tensor(weights)).item<double>(),
              chance_loss(3, true, weights), 1e-6);
  EXPECT_NEAR(soft_margin(logits, labels, torch::ones(3)).item<double>(), chance_loss(3, true, {}), 1e-6);
}

// Two patches of three classes: the first always there, the second once, the third never.
class FewLabels final : public PatchSource {
 public:
  std::size_t size() const override { return 2; }
  int patch_side() const override { return 1; }
  int class_count() const override { return 3; }
  bool multi_label() const override { return true; }
  std::span<const std::uint8_t> pixels(std::size_t) const override { return {}; }
  std::int64_t label(std::size_t) const override { return 0; }
  std::span<const std::uint8_t> labels(std::size_t i) const override {
    return std::span(kLabels).subspan(3 * i, 3);
  }

 private:
  static constexpr std::uint8_t kLabels[6] = {1, 1, 0, 1, 0, 0};
};

TEST(ClassWeights, AreThePatchesOverThePositives) {
  const ClassWeights weights = balanced_weights(FewLabels());
  EXPECT_EQ(weights.values, (std::vector<float>{1, 2, 2}));
}

TEST(ClassWeights, NameTheClassesThatNeverOccur) {
  EXPECT_EQ(balanced_weights(FewLabels()).absent, std::vector{2});
  EXPECT_EQ(equal_weights(FewLabels()).absent, std::vector{2});
  EXPECT_EQ(equal_weights(FewLabels()).values, (std::vector<float>{1, 1, 1}));
}

// The patches of the golden values.
class GoldenLabels final : public PatchSource {
 public:
  explicit GoldenLabels(bool multi_label) : multi_label_(multi_label) {}

  std::size_t size() const override { return golden_.patches(kind()); }
  int patch_side() const override { return 1; }
  int class_count() const override { return golden_.classes(kind()); }
  bool multi_label() const override { return multi_label_; }
  std::span<const std::uint8_t> pixels(std::size_t) const override { return {}; }
  std::int64_t label(std::size_t i) const override { return single_.at(i); }
  std::span<const std::uint8_t> labels(std::size_t i) const override {
    const auto classes = static_cast<std::size_t>(class_count());
    return std::span(many_).subspan(i * classes, classes);
  }

 private:
  const char* kind() const { return multi_label_ ? "multi" : "single"; }

  bool multi_label_;
  GoldenMetrics golden_;
  std::vector<std::int64_t> single_ = golden_.single_labels();
  std::vector<std::uint8_t> many_ = golden_.multi_labels();
};

TEST(ClassWeights, OfSeveralLabelsAreThePublishedOnes) {
  const torch::Tensor weights = torch::tensor(balanced_weights(GoldenLabels(true)).values);
  EXPECT_TRUE(weights.allclose(read_torch_golden("metrics").at("multi/class_weights"), 1e-6, 0)) << weights;
}

// scikit-learn: compute_class_weight("balanced"), and log_loss with those as the weights of the samples.
TEST(ClassWeights, OfOneLabelAreScikitLearns) {
  const GoldenMetrics golden;
  const torch::Tensor weights = torch::tensor(balanced_weights(GoldenLabels(false)).values);
  EXPECT_TRUE(weights.allclose(torch::tensor(golden.balanced_weights()), 1e-6, 0)) << weights;
  const TorchGolden tensors = read_torch_golden("metrics");
  const torch::Tensor loss = cross_entropy(tensors.at("single/logits"), tensors.at("single/labels"), weights);
  EXPECT_NEAR(loss.item<double>(), golden.weighted_cross_entropy(golden.balanced_weights()), 1e-6);
}

// Single-label patches of three classes, of which the last never occurs.
TEST(ClassWeights, OfOneLabelCountTheClassesThatOccur) {
  class Two final : public PatchSource {
   public:
    std::size_t size() const override { return 4; }
    int patch_side() const override { return 1; }
    int class_count() const override { return 3; }
    bool multi_label() const override { return false; }
    std::span<const std::uint8_t> pixels(std::size_t) const override { return {}; }
    std::int64_t label(std::size_t i) const override { return i == 0; }
    std::span<const std::uint8_t> labels(std::size_t) const override { return {}; }
  };
  const ClassWeights weights = balanced_weights(Two());
  EXPECT_EQ(weights.values, (std::vector<float>{4.0F / 6, 2, 2}));
  EXPECT_EQ(weights.absent, std::vector{2});
}

}  // namespace
}  // namespace histokt
