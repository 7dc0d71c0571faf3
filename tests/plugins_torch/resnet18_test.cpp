// SPDX-License-Identifier: MIT
#include <torch/utils.h>

#include "models/resnet18/resnet18.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <set>

#include "support/golden_torch.hpp"
#include "support/settings.hpp"

namespace histokt {
namespace {

using testing::read_torch_golden;
using testing::relative_error;
using testing::TestSettings;
using testing::TorchGolden;

ResNet18 make(std::int64_t classes, std::uint64_t seed, bool zero_init_residual = false) {
  const TestSettings settings(ResNet18::kOptions, {{"zero_init_residual", zero_init_residual}});
  return ResNet18(ModelRequest{settings.view(), Host(nullptr), classes, seed});
}

// Entry `index` of tensor `tensor`: uniform in [-1, 1) from splitmix64, as the goldens' README has it.
float hashed(std::uint64_t tensor, std::uint64_t index) {
  std::uint64_t bits = ((tensor << 32) | index) + 0x9E3779B97F4A7C15u;
  bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9u;
  bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBu;
  bits ^= bits >> 31;
  return static_cast<float>(static_cast<double>(bits >> 40) / 8388608.0 - 1);
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

void load_weights_from_integers(ResNet18& model, std::uint64_t salt) {
  torch::NoGradGuard no_grad;
  std::uint64_t number = 1000 * salt;
  for (ModelTensor& entry : model.tensors()) {
    if (ends_with(entry.name, "num_batches_tracked")) continue;
    torch::Tensor values = torch::empty(entry.tensor.sizes());
    for (std::int64_t i = 0; i < values.numel(); ++i) {
      values.data_ptr<float>()[i] = hashed(number, static_cast<std::uint64_t>(i));
    }
    if (values.dim() == 4) {
      values *= std::sqrt(6.0 / static_cast<double>(values.size(0) * values.size(2) * values.size(3)));
    } else if (entry.name == "fc.weight") {
      values *= 4 / std::sqrt(static_cast<double>(values.size(1)));
    } else if (ends_with(entry.name, "running_var")) {
      values = 1 + 0.5 * values;
    } else if (ends_with(entry.name, "weight")) {
      values = 1 + 0.2 * values;
    } else {
      values *= 0.1;
    }
    entry.tensor.copy_(values);
    ++number;
  }
}

// The model of which a golden file tells.
ResNet18 make(const TorchGolden& golden) {
  ResNet18 model = make(golden.integer("classes"), 1);
  load_weights_from_integers(model, static_cast<std::uint64_t>(golden.integer("salt")));
  return model;
}

std::vector<torch::Tensor> copies(ResNet18& model) {
  std::vector<torch::Tensor> copies;
  for (const ModelTensor& entry : model.tensors()) copies.push_back(entry.tensor.detach().clone());
  return copies;
}

TEST(ResNet18, GivesTheGoldenLogitsAndFeatures) {
  const auto golden = read_torch_golden("gradcam");
  ResNet18 model = make(golden);
  torch::NoGradGuard no_grad;
  const torch::Tensor features = model.pool(model.encode(golden.at("input")));
  EXPECT_LT(relative_error(features, golden.at("features")), 1e-4);
  EXPECT_LT(relative_error(model.classify(features), golden.at("logits")), 1e-4);
}

TEST(ResNet18, KeepsChannelsLastThroughTheEncoder) {
  const auto golden = read_torch_golden("gradcam");
  ResNet18 model = make(golden);
  for (ModelTensor& entry : model.tensors()) {
    if (entry.tensor.dim() == 4) {
      entry.tensor.set_data(entry.tensor.data().contiguous(torch::MemoryFormat::ChannelsLast));
    }
  }
  torch::NoGradGuard no_grad;
  const torch::Tensor activations =
      model.encode(golden.at("input").contiguous(torch::MemoryFormat::ChannelsLast));
  EXPECT_TRUE(activations.is_contiguous(torch::MemoryFormat::ChannelsLast));
  EXPECT_LT(relative_error(model.classify(model.pool(activations)), golden.at("logits")), 1e-4);
}

TEST(ResNet18, NamesItsTensorsAsTorchvisionDoes) {
  std::vector<std::string> names;
  const auto norm = [&](const std::string& name) {
    for (const char* part : {".weight", ".bias", ".running_mean", ".running_var", ".num_batches_tracked"}) {
      names.push_back(name + part);
    }
  };
  names.push_back("conv1.weight");
  norm("bn1");
  for (int layer = 1; layer <= 4; ++layer) {
    for (int index = 0; index < 2; ++index) {
      const std::string block = "layer" + std::to_string(layer) + "." + std::to_string(index);
      names.push_back(block + ".conv1.weight");
      norm(block + ".bn1");
      names.push_back(block + ".conv2.weight");
      norm(block + ".bn2");
      if (layer == 1 || index == 1) continue;
      names.push_back(block + ".downsample.0.weight");
      norm(block + ".downsample.1");
    }
  }
  names.insert(names.end(), {"fc.weight", "fc.bias"});

  ResNet18 model = make(9, 1);
  std::vector<std::string> found;
  std::int64_t parameters = 0;
  for (const ModelTensor& entry : model.tensors()) {
    found.push_back(entry.name);
    EXPECT_EQ(entry.channels.size(), static_cast<std::size_t>(entry.tensor.dim())) << entry.name;
    EXPECT_EQ(entry.trainable, entry.tensor.requires_grad()) << entry.name;
    if (entry.trainable) parameters += entry.tensor.numel();
  }
  EXPECT_EQ(found.size(), 122u);
  EXPECT_EQ(found, names);
  EXPECT_EQ(parameters, 11176512 + 9 * 513);  // torchvision's count for nine classes
}

TEST(ResNet18, StartsFromTheSeedAlone) {
  torch::manual_seed(5);
  ResNet18 first = make(3, 42);
  const torch::Tensor global = torch::rand({4});
  ResNet18 second = make(3, 42);
  const auto left = copies(first), right = copies(second);
  for (std::size_t i = 0; i < left.size(); ++i) EXPECT_TRUE(left[i].equal(right[i])) << i;
  torch::manual_seed(5);
  EXPECT_TRUE(torch::rand({4}).equal(global)) << "the global generator was touched";
}

TEST(ResNet18, StartsElsewhereFromASeedThatDiffersInItsUpperHalf) {
  ResNet18 first = make(3, 42), second = make(3, 42 + (std::uint64_t{1} << 40));
  EXPECT_FALSE(copies(first)[0].equal(copies(second)[0]));
}

TEST(ResNet18, StartsWithTheDeviationOfFanOut) {
  ResNet18 model = make(3, 7);
  for (const ModelTensor& entry : model.tensors()) {
    if (entry.role != HISTOKT_ROLE_CONVOLUTION) continue;
    const double fan_out =
        static_cast<double>(entry.tensor.size(0) * entry.tensor.size(2) * entry.tensor.size(3));
    EXPECT_NEAR(entry.tensor.std().item<double>() / std::sqrt(2 / fan_out), 1, 0.04) << entry.name;
    EXPECT_NEAR(entry.tensor.mean().item<double>() / std::sqrt(2 / fan_out), 0, 0.04) << entry.name;
  }
}

TEST(ResNet18, BeginsItsBlocksAsTheIdentityIfAsked) {
  ResNet18 model = make(3, 7, true);
  for (const ModelTensor& entry : model.tensors()) {
    if (!ends_with(entry.name, "bn2.weight")) continue;
    EXPECT_EQ(entry.tensor.abs().max().item<float>(), 0) << entry.name;
  }
}

// Shuffles each group of tied channels through what tensors() declares, and nothing else.
TEST(ResNet18, GivesTheSameLogitsOnceTiedChannelsArePermuted) {
  const auto golden = read_torch_golden("gradcam");
  ResNet18 model = make(golden);
  torch::manual_seed(3);
  std::map<std::string, torch::Tensor> orders;
  {
    torch::NoGradGuard no_grad;
    for (ModelTensor& entry : model.tensors()) {
      for (std::size_t axis = 0; axis < entry.channels.size(); ++axis) {
        const std::string& name = entry.channels[axis];
        if (name.empty()) continue;
        const std::int64_t size = entry.tensor.size(static_cast<std::int64_t>(axis));
        if (!orders.count(name)) orders[name] = torch::randperm(size, torch::kInt64);
        ASSERT_EQ(orders[name].numel(), size) << entry.name;
        entry.tensor.copy_(entry.tensor.index_select(static_cast<std::int64_t>(axis), orders[name]));
      }
    }
    EXPECT_EQ(orders.size(), 12u);  // four streams and eight inner groups
    EXPECT_LT(relative_error(model.forward(golden.at("input")), golden.at("logits")), 1e-4);
  }
}

TEST(ResNet18, KeepsItsStatisticsWhileTheEncoderIsFrozen) {
  ResNet18 model = make(3, 1);
  const auto before = copies(model);
  model.set_training(true, true);
  model.forward(torch::randn({4, 3, 64, 64}));
  auto after = copies(model);
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_TRUE(before[i].equal(after[i])) << i;

  model.set_training(true, false);
  model.forward(torch::randn({4, 3, 64, 64}));
  after = copies(model);
  EXPECT_FALSE(before[3].equal(after[3]));
  EXPECT_EQ(after[5].item<std::int64_t>(), 1);
}

TEST(ResNet18, SendsGradientsToEveryParameter) {
  ResNet18 model = make(3, 1);
  model.set_training(true, false);
  model.forward(torch::randn({4, 3, 64, 64})).pow(2).sum().backward();
  for (const ModelTensor& entry : model.tensors()) {
    if (!entry.trainable) continue;
    EXPECT_GT(entry.tensor.grad().abs().max().item<float>(), 0) << entry.name;
  }
}

TEST(ResNet18, ReplacesItsHeadAlone) {
  ResNet18 model = make(3, 1);
  const auto before = copies(model);
  model.reset_head(7, 99);
  const auto after = copies(model);
  for (std::size_t i = 0; i + 2 < before.size(); ++i) EXPECT_TRUE(before[i].equal(after[i])) << i;
  EXPECT_EQ(after[120].size(0), 7);
  EXPECT_LE(after[120].abs().max().item<double>(), 1 / std::sqrt(512.0));
  EXPECT_THROW(model.reset_head(0, 1), std::runtime_error);
}

}  // namespace
}  // namespace histokt
