// SPDX-License-Identifier: MIT
// The merge methods of a [[distill]]: one for each distiller and control.
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

// All orders of the sources, the given one first; or the given one alone.
std::vector<std::vector<std::string>> orders_of(const std::vector<std::string>& sources, bool all);

struct MergeMethod {
  PluginChoice choice;
  ResultKind kind = ResultKind::kDistilled;  // or kDeclaredControl
  MergeBase base;
  MergeSettings merge_settings;
  std::string name;            // as ResultRow::method
  bool order_matters = false;  // of the sources
};

// Refuses at planning time what a distiller would refuse after the baselines are trained: too few sources, no
// base, a base that does not fit. One thread at a time; the experiment must outlive it.
class MergeMethods {
 public:
  explicit MergeMethods(const Experiment& experiment) : experiment_(experiment) {}

  // The requested distillers and their controls: those that they declare, or that of the first installed
  // distiller that has one. Throws RequestError, and RunError as checked_base() does.
  std::vector<MergeMethod> of(const DistillConfig& distill);

 private:
  MergeMethod method_of(const DistillConfig& distill, const PluginChoice& choice, ResultKind kind);
  MergeMethod control_method(const DistillConfig& distill, PluginChoice choice);
  const std::optional<DistillerControl>& control_of(const PluginChoice& choice);
  PluginChoice substitute(const DistillConfig& distill) const;
  const MergeBase& base_of(const DistillConfig& distill);

  const Experiment& experiment_;
  std::map<const Plugin*, std::optional<DistillerControl>> controls_;
  std::map<std::pair<std::string, std::string>, MergeBase> bases_;  // by file and recipe of the sources
};

}  // namespace histokt
