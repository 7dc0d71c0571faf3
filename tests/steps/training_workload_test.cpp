// SPDX-License-Identifier: MIT
// The workload of a training, from which the remaining time of an experiment is estimated.
#include "steps/training_workload.hpp"

#include <gtest/gtest.h>

namespace histokt {
namespace {

// A training on a split of 100 training patches.
struct Training {
  Step split, step;

  Training() {
    split.record.emplace();
    split.record->result.summary = {{"patches", {100, 10, 10}}};
    step.inputs.push_back({"split", &split, "split"});
  }
  std::optional<double> amount(const Recipe& recipe) const {
    return training_workload("resnet18", recipe).amount(step);
  }
};

Recipe of(int epochs, int views = 0, Layers layers = Layers::kAll) {
  Recipe recipe;
  recipe.epochs = epochs;
  recipe.views = views;
  recipe.layers = layers;
  return recipe;
}

TEST(TrainingWorkload, IsEpochsTimesTrainingPatches) {
  EXPECT_EQ(Training().amount(of(10)), 1000);
}

TEST(TrainingWorkload, IsViewsTimesTrainingPatchesWhereViewsAreKept) {
  EXPECT_EQ(Training().amount(of(10, 3)), 300);
}

TEST(TrainingWorkload, IsUnknownBeforeTheSplitIsMade) {
  Training training;
  training.split.record.reset();
  EXPECT_EQ(training.amount(of(10)), std::nullopt);
}

TEST(TrainingWorkload, IsNothingToMeasureWhereTrainingDiverged) {
  Training training;
  training.step.record.emplace();
  EXPECT_EQ(training.amount(of(10)), 1000);
  training.step.record->result.summary = {{"diverged", {{"epoch", 1}}}};
  EXPECT_EQ(training.amount(of(10)), std::nullopt);
}

TEST(TrainingWorkload, IsAlikeForTheSameModelAndLayers) {
  const auto like = [](const char* model, const Recipe& recipe) {
    return training_workload(model, recipe).like;
  };
  EXPECT_EQ(like("resnet18", of(10)), like("resnet18", of(20, 3)));
  EXPECT_NE(like("resnet18", of(10)), like("resnet18", of(10, 0, Layers::kHead)));
  EXPECT_NE(like("resnet18", of(10)), like("tiny", of(10)));
}

}  // namespace
}  // namespace histokt
