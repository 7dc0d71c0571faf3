// SPDX-License-Identifier: MIT
// The distiller `rebasin` on the channels that resnet18 declares as tied.
#include <gtest/gtest.h>
#include <torch/utils.h>

#include <cmath>
#include <cstring>
#include <map>

#include "distill/small_networks.hpp"
#include "distillers/merging.hpp"
#include "models/resnet18/resnet18.hpp"
#include "rebasin/rebasin.hpp"
#include "support/golden_torch.hpp"
#include "support/settings.hpp"

namespace histokt {
namespace {

using testing::relative_error;
using testing::TestSettings;

ResNet18 make() {
  const TestSettings settings(ResNet18::kOptions, {{"zero_init_residual", false}});
  return ResNet18(ModelRequest{settings.view(), Host(nullptr), 4, 1});
}

// Entry `index` of tensor `number`: uniform in [-1, 1) from splitmix64.
float hashed(std::uint64_t number, std::uint64_t index) {
  std::uint64_t bits = ((number << 32) | index) + 0x9E3779B97F4A7C15u;
  bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9u;
  bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBu;
  return static_cast<float>(static_cast<double>((bits ^ (bits >> 31)) >> 40) / 8388608.0 - 1);
}

void load_from_integers(ResNet18& model, std::uint64_t first_number) {
  torch::NoGradGuard no_grad;
  for (ModelTensor& entry : model.tensors()) {
    if (entry.tensor.dim() == 0) continue;
    torch::Tensor values = torch::empty(entry.tensor.sizes());
    for (std::int64_t i = 0; i < values.numel(); ++i) {
      values.data_ptr<float>()[i] = hashed(first_number, static_cast<std::uint64_t>(i));
    }
    ++first_number;
    if (values.dim() > 1) {
      values *= std::sqrt(6.0 / static_cast<double>(values.numel() / values.size(0)));
    } else if (entry.name.ends_with("running_var") || entry.name.ends_with("weight")) {
      values = 1 + 0.3 * values;
    } else {
      values *= 0.1;
    }
    entry.tensor.copy_(values);
  }
}

MergeInput input_of(ResNet18& model, const std::string& name) {
  MergeInput input{name, {}};
  for (ModelTensor& entry : model.tensors()) {
    if (entry.tensor.dim() == 0) continue;
    const torch::Tensor tensor = entry.tensor.detach().contiguous();
    input.content.tensors.push_back(
        float_tensor(entry.name, tensor.sizes().vec(),
                     {tensor.data_ptr<float>(), tensor.data_ptr<float>() + tensor.numel()}));
  }
  return input;
}

void load(ResNet18& model, const TensorFile& file) {
  torch::NoGradGuard no_grad;
  for (ModelTensor& entry : model.tensors()) {
    const StoredTensor* stored = file.find(entry.name);
    if (!stored) continue;
    std::vector<float> entries = entries_of(*stored);
    entry.tensor.copy_(torch::from_blob(entries.data(), entry.tensor.sizes()));
  }
}

torch::Tensor logits(ResNet18& model) {
  torch::NoGradGuard no_grad;
  const torch::Tensor images = torch::linspace(-2, 2, 2 * 3 * 64 * 64).sin().reshape({2, 3, 64, 64});
  return model.classify(model.pool(model.encode(images))).clone();
}

// Every set of tied channels in another order.
void permute(ResNet18& model) {
  torch::NoGradGuard no_grad;
  torch::manual_seed(5);
  std::map<std::string, torch::Tensor> orders;
  for (ModelTensor& entry : model.tensors()) {
    torch::Tensor values = entry.tensor.detach().clone();
    for (std::size_t axis = 0; axis < entry.channels.size(); ++axis) {
      if (entry.channels[axis].empty()) continue;
      const auto dimension = static_cast<std::int64_t>(axis);
      torch::Tensor& order = orders[entry.channels[axis]];
      if (!order.defined()) order = torch::randperm(values.size(dimension));
      values = values.index_select(dimension, order);
    }
    entry.tensor.copy_(values);
  }
}

TensorFile rebased(ResNet18& first, ResNet18& second, std::int64_t passes) {
  std::vector<TensorRole> roles;
  for (const ModelTensor& entry : first.tensors()) roles.push_back({entry.name, entry.role, entry.channels});
  const auto settings = FakeSettings().numbers("weights", {0, 1}).integer("passes", passes);
  return merged_by<RebasinDistiller>(settings, {input_of(first, "first"), input_of(second, "second")},
                                     nullptr, roles);
}

TEST(RebasinResNet18, RecoversAPermutedCopyExactly) {
  ResNet18 original = make(), copy = make();
  load_from_integers(original, 0);
  load_from_integers(copy, 0);
  permute(copy);
  EXPECT_LT(relative_error(logits(copy), logits(original)), 1e-4);
  const MergeInput expected = input_of(original, "original");
  ASSERT_NE(entries_of(input_of(copy, "copy").content.tensors[0]), entries_of(expected.content.tensors[0]));
  const TensorFile recovered = rebased(original, copy, 100);
  for (const StoredTensor& tensor : expected.content.tensors) {
    EXPECT_EQ(entries_of(*recovered.find(tensor.name)), entries_of(tensor)) << tensor.name;
  }
}

TEST(RebasinResNet18, AligningANetworkLeavesItsLogits) {
  ResNet18 first = make(), second = make();
  load_from_integers(first, 0);
  load_from_integers(second, 1000);
  const torch::Tensor expected = logits(second);
  const TensorFile aligned = rebased(first, second, 1);
  EXPECT_NE(entries_of(*aligned.find("conv1.weight")),
            entries_of(*input_of(second, "second").content.find("conv1.weight")));
  load(second, aligned);
  EXPECT_LT(relative_error(logits(second), expected), 1e-4);
}

}  // namespace
}  // namespace histokt
