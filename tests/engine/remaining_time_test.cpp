// SPDX-License-Identifier: MIT
#include "engine/remaining_time.hpp"

#include <gtest/gtest.h>

namespace histokt {
namespace {

StepRecord record_of(Json summary) {
  StepRecord record;
  record.result.summary = std::move(summary);
  return record;
}

// Steps that each do an amount of work per item of one list of 100 items, which a step makes.
struct LongSteps {
  Step list;
  std::vector<Step> steps;

  LongSteps() {
    list.record = record_of({{"items", 100}});
    list.record->result.outputs["list"] = {"digest", "list.txt"};
    steps.reserve(8);
  }
  Step& add(int rounds, const std::string& like) {
    Step& step = steps.emplace_back();
    step.kind = "long";
    step.options = {{"rounds", rounds}, {"like", like}};
    step.inputs.push_back({"list", &list, "list"});
    step.workload = Workload{like, [rounds](const Step& self) -> std::optional<double> {
                               const bool ended_early =
                                   self.record && self.record->result.summary.contains("ended_early");
                               const std::optional<StepRecord>& made = self.inputs.front().step->record;
                               if (ended_early || !made) return std::nullopt;
                               return rounds * made->result.summary.at("items").get<double>();
                             }};
    return step;
  }
  std::vector<Step*> all() {
    std::vector<Step*> pointers;
    for (Step& step : steps) pointers.push_back(&step);
    return pointers;
  }
};

void finish(Step& step, RemainingTime& remaining, double seconds) {
  if (!step.record) step.record.emplace();
  remaining.add(step, seconds);
}

TEST(RemainingTime, IsUnknownBeforeALongStepWasTimed) {
  LongSteps work;
  work.add(10, "all");
  EXPECT_EQ(RemainingTime().seconds(work.all()), std::nullopt);
}

TEST(RemainingTime, GrowsWithTheAmountOfWork) {
  LongSteps work;
  RemainingTime remaining;
  finish(work.add(10, "all"), remaining, 50);
  work.add(10, "all");
  work.add(20, "all");
  EXPECT_DOUBLE_EQ(remaining.seconds(work.all()).value(), 50 + 100);
}

TEST(RemainingTime, CountsStepsWithoutAWorkloadForNothing) {
  LongSteps work;
  RemainingTime remaining;
  finish(work.add(10, "all"), remaining, 50);
  work.add(10, "all");
  work.add(10, "all").workload.reset();
  Step& timed = work.add(20, "all");
  timed.workload.reset();
  finish(timed, remaining, 1e6);
  EXPECT_DOUBLE_EQ(remaining.seconds(work.all()).value(), 50);
}

TEST(RemainingTime, TakesNoMeasureFromAStepThatEndedEarly) {
  LongSteps work;
  RemainingTime remaining;
  finish(work.add(10, "all"), remaining, 50);
  Step& early = work.add(10, "all");
  early.record = record_of({{"ended_early", true}});
  finish(early, remaining, 1);
  work.add(20, "all");
  EXPECT_DOUBLE_EQ(remaining.seconds(work.all()).value(), 100);
}

TEST(RemainingTime, GoesByStepsThatAreAlikeWhereOneHasRun) {
  LongSteps work;
  RemainingTime remaining;
  finish(work.add(10, "all"), remaining, 50);
  work.add(10, "head");
  EXPECT_DOUBLE_EQ(remaining.seconds(work.all()).value(), 50);
  finish(work.add(10, "head"), remaining, 10);
  EXPECT_DOUBLE_EQ(remaining.seconds(work.all()).value(), 10);
}

TEST(RemainingTime, IsUnknownWhereTheAmountOfOneIsNotKnown) {
  LongSteps work;
  RemainingTime remaining;
  finish(work.add(10, "all"), remaining, 50);
  Step other_list;
  work.add(10, "all").inputs.front().step = &other_list;
  EXPECT_EQ(remaining.seconds(work.all()), std::nullopt);
}

// Something, what a step makes of it that may leave it as it is, and a long step on each.
struct MayPassOn : LongSteps {
  Step source, made;

  MayPassOn() {
    made.may_pass_on_its_input = true;
    source.record = record_of({});
    source.record->result.outputs["out"] = {"same", "out.bin"};
    made.inputs = {{"source", &source, "out"}};
    add(10, "all").inputs.push_back({"initial", &source, "out"});
    add(10, "all").inputs.push_back({"initial", &made, "out"});
  }
  void make(const std::string& digest) {
    made.record = record_of({});
    made.record->result.outputs["out"] = {digest, "out.bin"};
  }
  // Seconds, where ten rounds take fifty.
  double left() {
    RemainingTime remaining;
    LongSteps timed;
    finish(timed.add(10, "all"), remaining, 50);
    return remaining.seconds(all()).value();
  }
};

TEST(RemainingTime, LeavesOutWhatMayBeAnotherStepUntilThatIsKnown) {
  MayPassOn work;
  EXPECT_TRUE(may_already_be_finished(work.steps[1]));
  EXPECT_FALSE(may_already_be_finished(work.steps[0]));
  EXPECT_DOUBLE_EQ(work.left(), 50);
  work.make("another");
  EXPECT_FALSE(may_already_be_finished(work.steps[1]));
  EXPECT_DOUBLE_EQ(work.left(), 50 + 50);
}

TEST(RemainingTime, CountsAnIdentityOnceThatTwoStepsHave) {
  MayPassOn work;
  work.make("same");
  EXPECT_DOUBLE_EQ(work.left(), 50);
  work.steps[0].record = record_of({});
  work.steps[0].record->identity = work.steps[0].identity();
  EXPECT_DOUBLE_EQ(work.left(), 0);
}

TEST(RemainingTime, CountsWhatStartsFromAStepThatMakesSomethingNew) {
  MayPassOn work;
  work.made.may_pass_on_its_input = false;
  EXPECT_DOUBLE_EQ(work.left(), 50 + 50);
}

}  // namespace
}  // namespace histokt
