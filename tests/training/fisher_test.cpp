// SPDX-License-Identifier: MIT
#include <torch/utils.h>

#include "training/fisher.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "base/errors.hpp"
#include "support/tiny_model.hpp"

namespace histokt {
namespace {

using testing::ColouredPatches;
using testing::TinyModel;
using torch::Tensor;

const Runtime kRuntime;

Tensor find(const std::vector<NamedTensor>& tensors, const std::string& name) {
  for (const NamedTensor& entry : tensors) {
    if (entry.name == name) return entry.tensor;
  }
  ADD_FAILURE() << name << " is not there";
  return {};
}

DrawnPatches drawn(std::size_t count, std::uint64_t seed = 7) {
  return {.normalization = {{0.5, 0.5, 0.5}, {0.25, 0.25, 0.25}}, .count = count, .seed = seed};
}

// One parameter b a class, and logits z = b whatever the patch: everything can be worked by hand.
class Biases final : public Model {
 public:
  explicit Biases(const std::vector<float>& logits) : bias_(torch::tensor(logits)) {}
  Tensor encode(const Tensor& images) override { return images; }
  Tensor pool(const Tensor& activations) override { return activations.mean({2, 3}); }
  Tensor classify(const Tensor& features) override {
    return (0 * features.sum(1, true) + bias_.unsqueeze(0));
  }
  void reset_head(std::int64_t, std::uint64_t) override {}
  std::vector<ModelTensor> tensors() override {
    return {{"fc.bias", bias_, HISTOKT_ROLE_HEAD, true},
            {"unused", unused_, HISTOKT_ROLE_OTHER, true},
            {"counter", torch::zeros({1}), HISTOKT_ROLE_OTHER, false}};
  }
  void set_training(bool, bool) override {}
  void to(torch::Device) override {}

 private:
  Tensor bias_, unused_ = torch::ones({2});
};

TEST(Fisher, OfOneLabelIsTheVarianceOfItsIndicator) {
  // d log p_c / db_j = [c = j] - p_j, whose mean square is p_j (1 - p_j); logits 0 and log 3 are 1/4 and 3/4.
  Biases model({0, std::log(3.0F)});
  const auto fisher = diagonal_fisher(model, ColouredPatches(5, 2), drawn(3), kRuntime);
  ASSERT_EQ(2u, fisher.size()) << "parameters alone";
  for (std::int64_t j = 0; j < 2; ++j) EXPECT_NEAR(3.0 / 16, find(fisher, "fc.bias")[j].item<float>(), 1e-6);
  EXPECT_EQ(0, find(fisher, "unused").abs().max().item<float>());
}

TEST(Fisher, OfSeveralLabelsTakesEachByItself) {
  Biases model({0, std::log(3.0F)});
  const auto fisher = diagonal_fisher(model, ColouredPatches(5, 2, true), drawn(3), kRuntime);
  EXPECT_NEAR(1.0 / 4, find(fisher, "fc.bias")[0].item<float>(), 1e-6);
  EXPECT_NEAR(3.0 / 16, find(fisher, "fc.bias")[1].item<float>(), 1e-6);
}

// The definition, patch by patch and class by class, each with a pass of its own.
TEST(Fisher, IsTheMeanSquareUnderTheNetworksOwnAnswer) {
  TinyModel model(3);
  const ColouredPatches patches(6, 3);
  const auto fisher = diagonal_fisher(model, patches, drawn(0), kRuntime);

  std::map<std::string, Tensor> expected;
  const NormalizationTable table(drawn(0).normalization);
  Loader loader(patches, table, {.order = file_order(6), .batch_size = 1}, {});
  model.set_training(false, false);
  while (const auto batch = loader.next()) {
    for (std::int64_t c = 0; c < 3; ++c) {
      const Tensor logits = model.forward(batch->images);
      const double p = torch::softmax(logits.detach(), 1)[0][c].item<double>();
      for (const ModelTensor& entry : model.tensors()) {
        if (!entry.trainable) continue;
        Tensor parameter = entry.tensor;
        parameter.mutable_grad() = Tensor();
      }
      torch::log_softmax(logits, 1)[0][c].backward();
      for (const ModelTensor& entry : model.tensors()) {
        if (!entry.trainable) continue;
        Tensor& sum = expected[entry.name];
        const Tensor square = entry.tensor.grad().to(torch::kDouble).square() * (p / 6);
        sum = sum.defined() ? sum + square : square;
      }
    }
  }
  ASSERT_EQ(expected.size(), fisher.size());
  for (const auto& [name, tensor] : expected) {
    const Tensor found = find(fisher, name).to(torch::kDouble);
    EXPECT_LT((found - tensor).norm().item<double>(), 1e-5 * tensor.norm().item<double>()) << name;
    EXPECT_GT(tensor.norm().item<double>(), 0) << name;
  }
}

TEST(Fisher, TheSeedDrawsThePatchesAndGivesTheSameBits) {
  TinyModel model(3);
  const ColouredPatches patches(20, 3);
  const auto weights = [&](std::uint64_t seed) {
    return find(diagonal_fisher(model, patches, drawn(4, seed), kRuntime), "conv1.weight");
  };
  const Tensor first = weights(1);
  EXPECT_TRUE(first.equal(weights(1)));
  EXPECT_FALSE(first.equal(weights(2)));
}

TEST(Fisher, LeavesTheNetworkAsItWas) {
  TinyModel model(3);
  std::vector<Tensor> before;
  for (const ModelTensor& entry : model.tensors()) before.push_back(entry.tensor.detach().clone());
  diagonal_fisher(model, ColouredPatches(6, 3), drawn(4), kRuntime);
  std::size_t i = 0;
  for (const ModelTensor& entry : model.tensors()) EXPECT_TRUE(entry.tensor.equal(before[i++])) << entry.name;
}

TEST(Fisher, RefusesNoPatchesAndWeightsThatAreNumbersNoMore) {
  TinyModel model(3);
  EXPECT_THROW(diagonal_fisher(model, ColouredPatches(0, 3), drawn(4), kRuntime), RunError);
  {
    const torch::NoGradGuard no_gradient;
    Tensor weight = model.tensors().front().tensor;
    weight.fill_(std::nanf(""));
  }
  EXPECT_THROW(diagonal_fisher(model, ColouredPatches(6, 3), drawn(4), kRuntime), RunError);
}

}  // namespace
}  // namespace histokt
