// What the merges of a [[distill]] are planned from, one for each distiller and control.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/experiment.hpp"
#include "planning/result_kind.hpp"
#include "plugins/distiller_control.hpp"
#include "steps/steps.hpp"

namespace histokt {

// All orders of some sources, as they are first; or that one alone.
std::vector<std::vector<std::string>> orders_of(const std::vector<std::string>& sources, bool all);

struct MergeStrategy {
  PluginChoice choice;
  ResultKind kind = ResultKind::kDistilled;  // or kDeclaredControl
  MergeBase base;
  MadeWith made_with;
  std::string name;            // as ResultRow::strategy
  bool order_matters = false;  // of the sources
};

// What a distiller would refuse once the baselines are trained is refused here: too few sources, no base, a
// base that does not fit. One thread at a time; the experiment must outlive it.
class MergeStrategies {
 public:
  explicit MergeStrategies(const Experiment& experiment) : experiment_(experiment) {}

  // The distillers as they were asked for, and what their merges are to be told from: the controls that they
  // declare, or that of the first installed distiller that has one. Throws RequestError, and RunError as
  // checked_base() does.
  std::vector<MergeStrategy> of(const DistillConfig& distill);

 private:
  MergeStrategy strategy_of(const DistillConfig& distill, const PluginChoice& choice, ResultKind kind);
  MergeStrategy control_strategy(const DistillConfig& distill, PluginChoice choice);
  const std::optional<DistillerControl>& control_of(const PluginChoice& choice);
  PluginChoice substitute(const DistillConfig& distill) const;
  const MergeBase& base_of(const DistillConfig& distill);

  const Experiment& experiment_;
  std::map<const Plugin*, std::optional<DistillerControl>> controls_;
  std::map<std::pair<std::string, std::string>, MergeBase> bases_;  // by file and recipe of the sources
};

}  // namespace histokt
