// SPDX-License-Identifier: MIT
// The merges of a [[distill]], and the controls that they are compared with.
#pragma once

#include <string>
#include <vector>

#include "planning/merge_methods.hpp"
#include "planning/training_plan.hpp"

namespace histokt {

// Adds steps to the graph on request. One thread at a time; its arguments must outlive it.
class MergePlan {
 public:
  MergePlan(const Experiment& experiment, const ComputeContext& compute, StepGraph& graph, DataPlan& data,
            TrainingPlan& trainings)
      : experiment_(experiment),
        compute_(compute),
        graph_(graph),
        data_(data),
        trainings_(trainings),
        methods_(experiment) {}

  // The networks to tune in each fold of the target, in the same order in each: each source by itself, every
  // merge, and the controls that go through the same steps. Throws as MergeMethods do.
  std::vector<std::vector<Origin>> origins(const DistillConfig& distill);

 private:
  std::vector<Origin> of_fold(const DistillConfig& distill, const std::vector<MergeMethod>& methods,
                              int fold);
  Origin merged(const DistillConfig& distill, const MergeMethod& method,
                const std::vector<std::string>& sources, ResultKind kind, int fold);

  const Experiment& experiment_;
  const ComputeContext& compute_;
  StepGraph& graph_;
  DataPlan& data_;
  TrainingPlan& trainings_;
  MergeMethods methods_;
};

}  // namespace histokt
