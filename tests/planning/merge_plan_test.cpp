// SPDX-License-Identifier: MIT
// The merges of a [[distill]], planned without the tables around them.
#include "planning/merge_plan.hpp"

#include <gtest/gtest.h>

#include "planning/planned.hpp"

namespace histokt {
namespace {

using test::Labels;

// What is tuned for the first [[distill]] of the tiny experiment, in the target's first fold.
class Merges : public test::TinyPlanned {
 public:
  explicit Merges(const std::vector<std::string>& settings) : TinyPlanned(settings) {
    DataPlan data(experiment(), compute(), graph_);
    TrainingPlan trainings(experiment(), compute(), graph_, data);
    MergePlan merges(experiment(), compute(), graph_, data, trainings);
    origins_ = merges.origins(experiment().distills.front()).front();
  }

  std::vector<std::string> labels() const {
    std::vector<std::string> labels;
    for (const Origin& origin : origins_) labels.push_back(origin.label);
    return labels;
  }
  const Origin& origin(const std::string& label) const {
    return *std::ranges::find_if(origins_, [&](const Origin& origin) { return origin.label == label; });
  }
  Labels of_kind(const std::string& kind) const { return test::labels_of(graph_.steps(), kind); }

 private:
  StepGraph graph_;
  std::vector<Origin> origins_;
};

TEST(MergePlan, WithoutControlsThereAreTheMergesAlone) {
  const Merges merges({});
  EXPECT_EQ((std::vector<std::string>{"svd-a-b", "mean-a-b"}), merges.labels());
  EXPECT_EQ((Labels{"svd-a-b", "mean-a-b"}), merges.of_kind("distill"));
}

TEST(MergePlan, ControlsAreEachSourceTheFirstAloneAndRandomDirections) {
  const Merges merges({"distill.0.controls=true", "distill.0.distiller=svd"});
  EXPECT_EQ((std::vector<std::string>{"a", "b", "svd-a-b", "svd-a-alone", "svd(directions=random)-a-b"}),
            merges.labels());
  EXPECT_EQ(ResultKind::kTransfer, merges.origin("b").kind);
  EXPECT_EQ(ResultKind::kFirstAlone, merges.origin("svd-a-alone").kind);
  EXPECT_EQ(ResultKind::kDeclaredControl, merges.origin("svd(directions=random)-a-b").kind);
}

TEST(MergePlan, OrdersAreTriedWhereTheyMatter) {
  const Merges merges({"distill.0.orders=all"});
  EXPECT_EQ((std::vector<std::string>{"svd-a-b", "svd-b-a", "mean-a-b"}), merges.labels());
}

TEST(MergePlan, AMergeKnowsTheNetworksItIsMadeOf) {
  const Merges merges({});
  const Origin& svd = merges.origin("svd-a-b");
  ASSERT_EQ(2u, svd.source_networks.size());
  EXPECT_EQ("choose-trial a-baseline", svd.source_networks.front()->title());
  EXPECT_EQ(svd.source_networks, merges.origin("mean-a-b").source_networks) << "chosen once for both";
  EXPECT_EQ("baseline", svd.train);
  EXPECT_EQ("distill svd-a-b", svd.step->title());
}

// Where the target is among its own sources, what it gives has not learnt from the groups that are held out.
TEST(MergePlan, ATargetWithFoldsGivesTheNetworkOfTheSameFold) {
  const test::TinyPlanned tiny({"datasets.b.folds=2"});
  StepGraph graph;
  DataPlan data(tiny.experiment(), tiny.compute(), graph);
  TrainingPlan trainings(tiny.experiment(), tiny.compute(), graph, data);
  MergePlan merges(tiny.experiment(), tiny.compute(), graph, data, trainings);
  const auto folds = merges.origins(tiny.experiment().distills.front());
  ASSERT_EQ(2u, folds.size());
  for (std::size_t fold = 0; fold < folds.size(); ++fold) {
    const Origin& merge = folds[fold].front();
    const std::string number = std::to_string(fold + 1);
    EXPECT_EQ("choose-trial a-baseline", merge.source_networks.at(0)->title());
    EXPECT_EQ("choose-trial b-baseline-fold" + number, merge.source_networks.at(1)->title());
    EXPECT_EQ("svd-a-b-fold" + number, merge.step->label);
    EXPECT_EQ("svd-a-b", merge.label);
  }
}

}  // namespace
}  // namespace histokt
