// SPDX-License-Identifier: MIT
#include <torch/utils.h>

#include "training/recalibrate.hpp"

#include <gtest/gtest.h>

#include "base/errors.hpp"
#include "support/tiny_model.hpp"
#include "training/inference.hpp"

namespace histokt {
namespace {

using testing::ColouredPatches;
using testing::TinyModel;
using torch::Tensor;

constexpr Normalization kNormalization{{.4, .4, .4}, {.2, .2, .2}};

Tensor tensor_of(Model& model, const std::string& name) {
  for (const ModelTensor& entry : model.tensors()) {
    if (entry.name == name) return entry.tensor;
  }
  throw RunError("no tensor " + name);
}

// All patches as one batch.
Tensor images_of(const PatchSource& patches) {
  const NormalizationTable table(kNormalization);
  const int side = patches.patch_side();
  Tensor images = torch::empty({static_cast<std::int64_t>(patches.size()), 3, side, side});
  for (std::size_t i = 0; i < patches.size(); ++i) {
    const auto pixels = patches.pixels(i);
    for (std::size_t k = 0; k < pixels.size(); ++k) {
      const auto at = static_cast<std::int64_t>(k);
      images[static_cast<std::int64_t>(i)].select(0, at % 3).view({-1})[at / 3] =
          table.channel(at % 3)[pixels[k]];
    }
  }
  return images;
}

class Recalibrate : public ::testing::Test {
 protected:
  std::size_t recalibrated(std::size_t batch_size = 64, std::size_t count = 0) {
    return recalibrate(model_, patches_,
                       {.normalization = kNormalization,
                        .count = count,
                        .on_progress = [&](std::size_t done, std::size_t) { done_ = done; }},
                       {}, batch_size);
  }

  TinyModel model_{3};
  ColouredPatches patches_{20, 3};
  std::size_t done_ = 0;
};

TEST_F(Recalibrate, TakesTheMomentsOfTheActivations) {
  EXPECT_EQ(recalibrated(), 2u);
  const torch::NoGradGuard no_gradient;
  const Tensor before_norm = torch::conv2d(images_of(patches_), tensor_of(model_, "conv1.weight"), {}, 2, 1)
                                 .transpose(0, 1)
                                 .flatten(1);
  EXPECT_TRUE(tensor_of(model_, "bn1.running_mean").allclose(before_norm.mean(1), 1e-4, 1e-5));
  EXPECT_TRUE(tensor_of(model_, "bn1.running_var").allclose(before_norm.var(1), 1e-4, 1e-5));
  EXPECT_EQ(tensor_of(model_, "bn1.num_batches_tracked").item<std::int64_t>(), 1);
}

TEST_F(Recalibrate, WeighsAllPatchesAlikeWhateverTheirBatch) {
  recalibrated();
  const Tensor whole = tensor_of(model_, "bn1.running_mean").clone();
  recalibrated(6);
  EXPECT_TRUE(tensor_of(model_, "bn1.running_mean").allclose(whole, 1e-4, 1e-5));
}

TEST_F(Recalibrate, KeepsNothingOfTheOldStatisticsAndEveryWeight) {
  const torch::NoGradGuard no_gradient;
  const Tensor weight = tensor_of(model_, "conv2.weight").clone();
  recalibrated();
  const Tensor first = tensor_of(model_, "bn1.running_var").clone();
  tensor_of(model_, "bn1.running_var").fill_(1e6);
  recalibrated();
  EXPECT_TRUE(tensor_of(model_, "bn1.running_var").equal(first));
  EXPECT_TRUE(tensor_of(model_, "conv2.weight").equal(weight));
}

TEST_F(Recalibrate, UndoesAScaleThatANormHides) {
  recalibrated();
  const Tensor before = infer(model_, patches_, {.normalization = kNormalization}, {}).logits;
  {
    const torch::NoGradGuard no_gradient;
    tensor_of(model_, "conv1.weight").mul_(5);
  }
  EXPECT_FALSE(
      infer(model_, patches_, {.normalization = kNormalization}, {}).logits.allclose(before, 1e-2, 1e-2));
  recalibrated();
  EXPECT_TRUE(
      infer(model_, patches_, {.normalization = kNormalization}, {}).logits.allclose(before, 0.05, 0.05));
}

TEST_F(Recalibrate, TakesNoMorePatchesThanAsked) {
  recalibrated(4, 7);
  EXPECT_EQ(done_, 7u);
}

TEST_F(Recalibrate, RefusesOnePatchAndWeightsThatAreNoNumbers) {
  EXPECT_THROW(recalibrated(64, 1), RunError);
  {
    const torch::NoGradGuard no_gradient;
    tensor_of(model_, "conv1.weight").fill_(std::numeric_limits<float>::infinity());
  }
  EXPECT_THROW(recalibrated(), RunError);
}

}  // namespace
}  // namespace histokt
