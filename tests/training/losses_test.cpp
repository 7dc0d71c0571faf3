#include "training/losses.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "tensors/safetensors.hpp"
#include "training/checkpoint.hpp"
#include "training/metrics.hpp"

namespace histokt {
namespace {

const TensorFile& golden() {
  static const TensorFile file = read_safetensors(HISTOKT_GOLDENS "/metrics.safetensors");
  return file;
}
torch::Tensor tensor(const std::string& name) {
  return to_torch(*golden().find(name));
}

TEST(Losses, AgreeWithTheGoldenValues) {
  const torch::Tensor single = cross_entropy(tensor("single/logits"), tensor("single/labels"));
  EXPECT_NEAR(single.item<double>(), std::stod(golden().metadata.at("single/cross_entropy")), 1e-6);
  const torch::Tensor multi = soft_margin(tensor("multi/logits"), tensor("multi/labels").to(torch::kFloat32),
                                          tensor("multi/class_weights"));
  EXPECT_NEAR(multi.item<double>(), std::stod(golden().metadata.at("multi/weighted_soft_margin_loss")), 1e-5);
}

TEST(Losses, StayFiniteForLargeLogits) {
  const torch::Tensor logits = torch::tensor({{200.F, -200.F}});
  EXPECT_FLOAT_EQ(soft_margin(logits, torch::tensor({{0.F, 1.F}}), torch::ones(2)).item<float>(), 200.F);
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

  std::size_t size() const override { return 240; }
  int patch_side() const override { return 1; }
  int class_count() const override { return multi_label_ ? 7 : 4; }
  bool multi_label() const override { return multi_label_; }
  std::span<const std::uint8_t> pixels(std::size_t) const override { return {}; }
  std::int64_t label(std::size_t i) const override {
    return single_[static_cast<std::int64_t>(i)].item<std::int64_t>();
  }
  std::span<const std::uint8_t> labels(std::size_t i) const override {
    return std::span(many_.data_ptr<std::uint8_t>() + 7 * i, 7);
  }

 private:
  bool multi_label_;
  torch::Tensor single_ = tensor("single/labels"), many_ = tensor("multi/labels").contiguous();
};

TEST(ClassWeights, OfSeveralLabelsAreThePublishedOnes) {
  const torch::Tensor weights = torch::tensor(balanced_weights(GoldenLabels(true)).values);
  EXPECT_TRUE(weights.allclose(tensor("multi/class_weights"), 1e-6, 0)) << weights;
}

// scikit-learn: compute_class_weight("balanced"), and log_loss with those as the weights of the samples.
TEST(ClassWeights, OfOneLabelAreScikitLearns) {
  const torch::Tensor weights = torch::tensor(balanced_weights(GoldenLabels(false)).values);
  const torch::Tensor expected =
      torch::tensor({1.0F, 1.1320754716981132F, 1.0169491525423728F, 0.8823529411764706F});
  EXPECT_TRUE(weights.allclose(expected, 1e-6, 0)) << weights;
  const torch::Tensor loss = cross_entropy(tensor("single/logits"), tensor("single/labels"), weights);
  EXPECT_NEAR(loss.item<double>(), 1.1155703939429156, 1e-6);
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
