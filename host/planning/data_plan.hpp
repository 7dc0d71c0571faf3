// SPDX-License-Identifier: MIT
// The data steps of a plan: each dataset's patch set and splits.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "config/experiment.hpp"
#include "steps/step_graph.hpp"
#include "tasks/compute_context.hpp"

namespace histokt {

// Folds belong to a target: its cells are trained and tested in each. A dataset that is a source of another
// one contributes the network of its first fold.
inline constexpr int kFirstFold = 1;

// The datasets and the targets that an experiment's tables name, each once, in the order in which they do.
std::vector<std::string> used_datasets(const Experiment& experiment);
std::vector<std::string> targets_of(const Experiment& experiment);

// Adds steps to the graph on request. One thread at a time; all three arguments must outlive it.
class DataPlan {
 public:
  DataPlan(const Experiment& experiment, const ComputeContext& compute, StepGraph& graph)
      : experiment_(experiment), compute_(compute), graph_(graph) {}

  // Throw RequestError and, if images must be listed to count them, RunError.
  int folds(const std::string& dataset);
  Step* patches(const std::string& dataset);
  Step* split(const std::string& dataset, int fold);

  // Adds a check that two datasets have the same classes, which layers = "none" requires. where: of the
  // recipe, for the error.
  void check_classes(const std::string& source, const std::string& target, const std::string& where);

  // The label of a step of one fold of a dataset.
  std::string in_fold(const std::string& label, const std::string& dataset, int fold) const;

 private:
  const Experiment& experiment_;
  const ComputeContext& compute_;
  StepGraph& graph_;
  // By dataset, and fold: a step is made once, since making it looks at the dataset's files.
  std::map<std::string, int> folds_;
  std::map<std::string, Step*> patches_;
  std::map<std::pair<std::string, int>, Step*> splits_;
};

}  // namespace histokt
