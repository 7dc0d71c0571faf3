#include "training/losses.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "base/errors.hpp"
#include "support/tiny_model.hpp"
#include "tensors/safetensors.hpp"
#include "training/checkpoint.hpp"
#include "training/metrics.hpp"

namespace histokt {
namespace {

using testing::ColouredPatches;

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
  const ClassWeights weights = class_weights(FewLabels());
  EXPECT_EQ(weights.values, (std::vector<float>{1, 2, 2}));
}

TEST(ClassWeights, NameTheClassesThatNeverOccur) {
  EXPECT_EQ(class_weights(FewLabels()).absent, std::vector{2});
}

TEST(ClassWeights, RefuseSingleLabelPatches) {
  EXPECT_THROW(class_weights(ColouredPatches(3, 3)), RunError);
}

}  // namespace
}  // namespace histokt
