// SPDX-License-Identifier: MIT
#include "planning/data_plan.hpp"

#include <algorithm>

#include "steps/steps.hpp"

namespace histokt {
namespace {

void add_once(const std::string& name, std::vector<std::string>& names) {
  if (std::ranges::find(names, name) == names.end()) names.push_back(name);
}

}  // namespace

std::vector<std::string> used_datasets(const Experiment& experiment) {
  std::vector<std::string> names;
  const auto use = [&](const std::string& name) { add_once(name, names); };
  for (const MatrixConfig& matrix : experiment.matrices) {
    std::ranges::for_each(matrix.sources, use);
    std::ranges::for_each(matrix.targets, use);
  }
  for (const DistillConfig& distill : experiment.distills) {
    for (const auto& sources : distill.source_sets) std::ranges::for_each(sources, use);
    use(distill.target);
    if (!distill.recalibrate.empty()) use(distill.recalibrate);
  }
  return names;
}

std::vector<std::string> targets_of(const Experiment& experiment) {
  std::vector<std::string> names;
  for (const MatrixConfig& matrix : experiment.matrices) {
    for (const std::string& target : matrix.targets) add_once(target, names);
  }
  for (const DistillConfig& distill : experiment.distills) add_once(distill.target, names);
  return names;
}

int DataPlan::folds(const std::string& dataset) {
  int& count = folds_[dataset];
  if (count == 0) count = fold_count(experiment_, experiment_.dataset(dataset), compute_);
  return count;
}

Step* DataPlan::patches(const std::string& dataset) {
  Step*& step = patches_[dataset];
  if (!step) step = graph_.add(standardize_step(experiment_, experiment_.dataset(dataset), compute_));
  return step;
}

Step* DataPlan::split(const std::string& dataset, int fold) {
  Step*& step = splits_[{dataset, fold}];
  if (!step) step = graph_.add(split_step(experiment_, experiment_.dataset(dataset), patches(dataset), fold));
  return step;
}

void DataPlan::check_classes(const std::string& source, const std::string& target, const std::string& where) {
  if (source != target)
    graph_.add(same_classes_step(source, patches(source), target, patches(target), where));
}

std::string DataPlan::in_fold(const std::string& label, const std::string& dataset, int fold) const {
  return fold_label(label, experiment_.dataset(dataset), fold);
}

}  // namespace histokt
