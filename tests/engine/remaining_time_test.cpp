#include "engine/remaining_time.hpp"

#include <gtest/gtest.h>

namespace histokt {
namespace {

StepRecord record_of(Json summary) {
  StepRecord record;
  record.result.summary = std::move(summary);
  return record;
}

// Trainings on one split of 100 training patches.
struct Trainings {
  Step split;
  std::vector<Step> steps;

  Trainings() {
    split.record = record_of({{"patches", {100, 10, 10}}});
    split.record->result.outputs["split"] = {"digest", "split.h5"};
    steps.reserve(8);
  }
  Step& add(int epochs, const std::string& layers) {
    Step& step = steps.emplace_back();
    step.kind = "train";
    step.options = {{"model", "m"}, {"recipe", {{"epochs", epochs}, {"layers", layers}}}};
    step.inputs.push_back({"split", &split, "split"});
    return step;
  }
  std::vector<Step*> all() {
    std::vector<Step*> pointers;
    for (Step& step : steps) pointers.push_back(&step);
    return pointers;
  }
};

void finish(Step& step, RemainingTime& remaining, double seconds) {
  step.record.emplace();
  remaining.add(step, seconds);
}

TEST(RemainingTime, IsUnknownBeforeATrainingWasTimed) {
  Trainings trainings;
  trainings.add(10, "all");
  EXPECT_EQ(RemainingTime().seconds(trainings.all()), std::nullopt);
}

TEST(RemainingTime, GrowsWithEpochs) {
  Trainings trainings;
  RemainingTime remaining;
  finish(trainings.add(10, "all"), remaining, 50);
  trainings.add(10, "all");
  trainings.add(20, "all");
  EXPECT_DOUBLE_EQ(remaining.seconds(trainings.all()).value(), 50 + 100);
}

TEST(RemainingTime, TakesNoMeasureFromATrainingThatDiverged) {
  Trainings trainings;
  RemainingTime remaining;
  finish(trainings.add(10, "all"), remaining, 50);
  Step& diverged = trainings.add(10, "all");
  diverged.record = record_of({{"diverged", {{"epoch", 1}}}});
  remaining.add(diverged, 1);
  trainings.add(10, "all");
  EXPECT_DOUBLE_EQ(remaining.seconds(trainings.all()).value(), 50);
}

TEST(RemainingTime, GoesByTrainingsOfTheSameLayersWhereOneHasRun) {
  Trainings trainings;
  RemainingTime remaining;
  finish(trainings.add(10, "all"), remaining, 50);
  trainings.add(10, "head");
  EXPECT_DOUBLE_EQ(remaining.seconds(trainings.all()).value(), 50);
  finish(trainings.add(10, "head"), remaining, 10);
  EXPECT_DOUBLE_EQ(remaining.seconds(trainings.all()).value(), 10);
}

TEST(RemainingTime, IsUnknownWhereThePatchesOfOneAreNotCounted) {
  Trainings trainings;
  RemainingTime remaining;
  finish(trainings.add(10, "all"), remaining, 50);
  Step other_split;
  trainings.add(10, "all").inputs.front().step = &other_split;
  EXPECT_EQ(remaining.seconds(trainings.all()), std::nullopt);
}

// A source, what a distiller makes of it alone, and a training from each.
struct FirstAlone : Trainings {
  Step source, alone;

  FirstAlone() {
    alone.kind = "distill";
    source.record = record_of({});
    source.record->result.outputs["winner"] = {"weights", "winner.safetensors"};
    alone.inputs = {{"source-1", &source, "winner"}};
    add(10, "all").inputs.push_back({"initial", &source, "winner"});
    add(10, "all").inputs.push_back({"initial", &alone, "checkpoint"});
  }
  void distil(const std::string& digest) {
    alone.record = record_of({});
    alone.record->result.outputs["checkpoint"] = {digest, "checkpoint.safetensors"};
  }
  // Seconds, where ten epochs take fifty.
  double left() {
    RemainingTime remaining;
    Trainings timed;
    finish(timed.add(10, "all"), remaining, 50);
    return remaining.seconds(all()).value();
  }
};

TEST(RemainingTime, LeavesOutWhatAFirstSourceAloneMayCostUntilTheDistillerHasRun) {
  FirstAlone trainings;
  EXPECT_TRUE(may_be_another(trainings.steps[1]));
  EXPECT_FALSE(may_be_another(trainings.steps[0]));
  EXPECT_DOUBLE_EQ(trainings.left(), 50);
  trainings.distil("other weights");
  EXPECT_FALSE(may_be_another(trainings.steps[1]));
  EXPECT_DOUBLE_EQ(trainings.left(), 50 + 50);
}

TEST(RemainingTime, CountsANetworkOnceThatTwoRowsAskFor) {
  FirstAlone trainings;
  trainings.distil("weights");
  EXPECT_DOUBLE_EQ(trainings.left(), 50);
  trainings.steps[0].record = record_of({});
  trainings.steps[0].record->identity = trainings.steps[0].identity();
  EXPECT_DOUBLE_EQ(trainings.left(), 0);
}

TEST(RemainingTime, CountsWhatIsTunedFromAMergeOfTwo) {
  FirstAlone trainings;
  trainings.alone.inputs.push_back({"source-2", &trainings.source, "winner"});
  EXPECT_DOUBLE_EQ(trainings.left(), 50 + 50);
}

}  // namespace
}  // namespace histokt
