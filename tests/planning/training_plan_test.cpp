// SPDX-License-Identifier: MIT
// The networks of a plan and their choice, planned one by one.
#include "planning/training_plan.hpp"

#include <gtest/gtest.h>

#include "planning/planned.hpp"

namespace histokt {
namespace {

using test::Labels;

struct Trainings : test::TinyPlanned {
  explicit Trainings(const std::vector<std::string>& settings)
      : TinyPlanned(settings),
        data(experiment(), compute(), graph),
        plan(experiment(), compute(), graph, data) {}

  Labels of_kind(const std::string& kind) const { return test::labels_of(graph.steps(), kind); }

  StepGraph graph;
  DataPlan data;
  TrainingPlan plan;
};

TEST(TrainingPlan, ABaselineIsTrainedOnceAndTestedOnlyWhereThatIsAskedFor) {
  Trainings trainings({"trials=2"});
  const Trained& first = trainings.plan.baseline("a", "baseline", kFirstFold);
  EXPECT_EQ(&first, &trainings.plan.baseline("a", "baseline", kFirstFold));
  EXPECT_EQ((Labels{"a-baseline-trial1", "a-baseline-trial2"}), trainings.of_kind("train"));
  EXPECT_TRUE(trainings.of_kind("evaluate").empty());
  EXPECT_EQ(2u, trainings.plan.tested_baseline("a", "baseline", kFirstFold).tests.size());
  EXPECT_EQ(2u, trainings.of_kind("train").size());
}

TEST(TrainingPlan, WhatIsTunedIsChosenAmongItsSettings) {
  Trainings trainings({});
  const Origin origin = trainings.plan.candidate("a", "baseline", "b", kFirstFold);
  trainings.plan.train(origin, "deep", "b", kFirstFold);
  const Trained& tuned = trainings.plan.tested(origin, "deep", "b", kFirstFold);
  EXPECT_EQ(2u, tuned.trainings.size()) << "rates";
  EXPECT_EQ("choose-rate a-to-b-deep", tuned.choice->title());
  EXPECT_EQ("evaluate a-to-b-deep-trial1", tuned.tests.front()->title());
  EXPECT_EQ("deep", trainings.plan.recipes().at(tuned.trainings.front().front())->name);
}

TEST(TrainingPlan, ANetworkThatIsNotTunedIsTestedAsItIs) {
  Trainings trainings({"recipes.deep.layers=none"});
  const Origin origin = trainings.plan.candidate("a", "baseline", "b", kFirstFold);
  trainings.plan.train(origin, "deep", "b", kFirstFold);
  const Trained& tested = trainings.plan.tested(origin, "deep", "b", kFirstFold);
  EXPECT_EQ(nullptr, tested.choice);
  EXPECT_EQ("evaluate a-to-b-deep", tested.tests.front()->title());
  EXPECT_EQ(Labels{"a-b"}, trainings.of_kind("check-classes"));
}

TEST(DataPlan, NamesEachDatasetAndTargetOnce) {
  const test::TinyPlanned tiny({});
  EXPECT_EQ((std::vector<std::string>{"a", "b"}), used_datasets(tiny.experiment()));
  EXPECT_EQ(std::vector<std::string>{"b"}, targets_of(tiny.experiment()));
}

TEST(DataPlan, ADatasetIsStandardisedOnceForAllItsFolds) {
  Trainings trainings({"datasets.b.folds=3"});
  EXPECT_EQ(3, trainings.data.folds("b"));
  for (int fold = 1; fold <= 3; ++fold) trainings.data.split("b", fold);
  EXPECT_EQ(Labels{"b"}, trainings.of_kind("standardize"));
  EXPECT_EQ((Labels{"b-fold1", "b-fold2", "b-fold3"}), trainings.of_kind("split"));
}

}  // namespace
}  // namespace histokt
