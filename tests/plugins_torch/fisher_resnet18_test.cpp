// SPDX-License-Identifier: MIT
// Fisher information through resnet18's fused norms, with one backward pass per class after one forward pass.
#include <gtest/gtest.h>
#include <torch/autograd.h>

#include "models/resnet18/resnet18.hpp"
#include "support/golden_torch.hpp"
#include "support/settings.hpp"
#include "support/tiny_model.hpp"
#include "training/fisher.hpp"
#include "training/inference.hpp"
#include "training/input_grams.hpp"

namespace histokt {
namespace {

using testing::ColouredPatches;
using testing::relative_error;
using testing::TestSettings;
using torch::Tensor;

constexpr std::int64_t kClasses = 3;

ResNet18 make() {
  const TestSettings settings(ResNet18::kOptions, {{"zero_init_residual", false}});
  ResNet18 model(ModelRequest{settings.view(), Host(nullptr), kClasses, 1});
  place(model, Runtime{});
  return model;
}

// The definition with libtorch's own passes, a forward one for each class.
std::map<std::string, Tensor> by_definition(ResNet18& model, const PatchSource& patches, std::int64_t count) {
  std::map<std::string, Tensor> sums;
  const NormalizationTable table(Normalization{});
  Loader loader(patches, table, {.order = file_order(static_cast<std::size_t>(count)), .batch_size = 1}, {});
  model.set_training(false, false);
  while (const auto batch = loader.next()) {
    for (std::int64_t c = 0; c < kClasses; ++c) {
      const Tensor answers = torch::log_softmax(model.forward(batch->images), 1)[0];
      std::vector<Tensor> parameters;
      std::vector<std::string> names;
      for (const ModelTensor& entry : model.tensors()) {
        if (!entry.trainable) continue;
        parameters.push_back(entry.tensor);
        names.push_back(entry.name);
      }
      const auto gradients = torch::autograd::grad({answers[c]}, parameters);
      for (std::size_t i = 0; i < names.size(); ++i) {
        const Tensor square = gradients[i].square() * (answers[c].detach().exp() / count);
        sums[names[i]] = sums[names[i]].defined() ? sums[names[i]] + square : square;
      }
    }
  }
  return sums;
}

TEST(FisherResNet18, IsWhatOnePassForEachClassGives) {
  ResNet18 model = make();
  const ColouredPatches patches(2, kClasses, false, 64);
  const auto expected = by_definition(model, patches, 2);
  const auto fisher = diagonal_fisher(model, patches, {}, Runtime{});
  ASSERT_EQ(expected.size(), fisher.size());
  for (const NamedTensor& entry : fisher) {
    EXPECT_LT(relative_error(entry.tensor, expected.at(entry.name)), 1e-3) << entry.name;
  }
}

TEST(InputGramsResNet18, AreThereForEveryWeightThatMultiplies) {
  ResNet18 model = make();
  std::vector<MultipliedWeight> small;
  std::int64_t entries = 0;
  for (const MultipliedWeight& weight : multiplied_weights(model)) {
    entries += weight.side * weight.side;
    if (weight.side <= 1152) small.push_back(weight);
  }
  EXPECT_EQ(92'271'721, entries) << "369 MB, as plugin.h and the docs say";
  const auto grams = input_grams(model, small, ColouredPatches(2, kClasses, false, 64), {}, Runtime{});
  EXPECT_EQ(small.size(), grams.size());
  EXPECT_EQ(14u, small.size()) << "of 21";
}

}  // namespace
}  // namespace histokt
