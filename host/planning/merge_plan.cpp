// SPDX-License-Identifier: MIT
#include "planning/merge_plan.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace histokt {
namespace {

bool may_begin(const DistillConfig& distill, const std::vector<std::string>& sources) {
  return distill.first.empty() || std::ranges::find(distill.first, sources.front()) != distill.first.end();
}

}  // namespace

std::vector<std::vector<Origin>> MergePlan::origins(const DistillConfig& distill) {
  const std::vector<MergeMethod> methods = methods_.of(distill);
  std::vector<std::vector<Origin>> folds;
  for (int fold = kFirstFold; fold <= data_.folds(distill.target); ++fold)
    folds.push_back(of_fold(distill, methods, fold));
  return folds;
}

std::vector<Origin> MergePlan::of_fold(const DistillConfig& distill, const std::vector<MergeMethod>& methods,
                                       int fold) {
  std::vector<Origin> origins;
  std::set<std::string> single;
  std::set<std::pair<std::string, std::string>> alone;
  const auto add_sources = [&](const std::vector<std::string>& sources) {
    for (const std::string& source : sources) {
      if (single.insert(source).second)
        origins.push_back(trainings_.candidate(source, distill.train, distill.target, fold));
    }
  };
  if (distill.controls) std::ranges::for_each(distill.source_sets, add_sources);
  for (const std::vector<std::string>& set : distill.source_sets) {
    const bool all_orders = distill.orders == "all" || (distill.orders == "auto" && set.size() == 2);
    for (const MergeMethod& method : methods) {
      if (method.kind == ResultKind::kDeclaredControl && set.size() < 2) continue;
      for (const auto& sources : orders_of(set, all_orders && method.order_matters)) {
        if (method.order_matters && !may_begin(distill, sources)) continue;
        origins.push_back(merged(distill, method, sources, method.kind, fold));
        const bool is_merge = method.kind == ResultKind::kDistilled && sources.size() > 1;
        if (!distill.controls || !is_merge || !alone.insert({method.name, sources.front()}).second) continue;
        origins.push_back(merged(distill, method, {sources.front()}, ResultKind::kFirstAlone, fold));
      }
    }
  }
  return origins;
}

// The merge of some sources for one fold of the target.
Origin MergePlan::merged(const DistillConfig& distill, const MergeMethod& method,
                         const std::vector<std::string>& sources, ResultKind kind, int fold) {
  Origin origin;
  MergeSplits splits;
  const auto split_of = [&](const std::string& name) {
    return data_.split(name, name == distill.target ? fold : kFirstFold);
  };
  for (const std::string& source : sources) {
    origin.source_networks.push_back(trainings_.candidate(source, distill.train, distill.target, fold).step);
    splits.sources.push_back(split_of(source));
  }
  if (!distill.recalibrate.empty()) splits.recalibrate = split_of(distill.recalibrate);
  splits.recalibration_patches = distill.recalibration_patches;
  const bool alone = kind == ResultKind::kFirstAlone;
  auto step = distill_step(experiment_, method.choice, sources, origin.source_networks, method.base,
                           trainings_.model_of(distill.train), compute_, splits, alone);
  std::string label = method.name;
  for (const std::string& source : sources) label += "-" + source;
  label = trainings_.with_train(label, distill.train);
  if (alone) label += "-alone";
  const bool own =
      distill.recalibrate == distill.target || std::ranges::find(sources, distill.target) != sources.end();
  step->label = own ? data_.in_fold(label, distill.target, fold) : label;
  origin.kind = kind;
  origin.label = label;
  origin.sources = sources;
  origin.train = distill.train;
  origin.distiller = method.choice.use;
  origin.method = method.name;
  origin.merge_settings = method.merge_settings;
  origin.step = graph_.add(std::move(step));
  origin.output = "checkpoint";
  origin.keeps_normalization = trainings_.keeps_normalization(distill.train);
  return origin;
}

}  // namespace histokt
