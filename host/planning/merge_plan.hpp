// The merges of a [[distill]], and the networks that they are told from.
#pragma once

#include <string>
#include <vector>

#include "planning/merge_strategies.hpp"
#include "planning/training_plan.hpp"

namespace histokt {

// Adds to the graph what it is asked for. One thread at a time; all that it is given must outlive it.
class MergePlan {
 public:
  MergePlan(const Experiment& experiment, const Workshop& workshop, StepGraph& graph, DataPlan& data,
            TrainingPlan& trainings)
      : experiment_(experiment),
        workshop_(workshop),
        graph_(graph),
        data_(data),
        trainings_(trainings),
        strategies_(experiment) {}

  // What is to be tuned in each fold of the target, the same in the same order: each source by itself, every
  // merge, and the controls that go through the same steps. Throws as MergeStrategies do.
  std::vector<std::vector<Origin>> origins(const DistillConfig& distill);

 private:
  std::vector<Origin> of_fold(const DistillConfig& distill, const std::vector<MergeStrategy>& strategies,
                              int fold);
  Origin merged(const DistillConfig& distill, const MergeStrategy& strategy,
                const std::vector<std::string>& sources, ResultKind kind, int fold);

  const Experiment& experiment_;
  const Workshop& workshop_;
  StepGraph& graph_;
  DataPlan& data_;
  TrainingPlan& trainings_;
  MergeStrategies strategies_;
};

}  // namespace histokt
