// The distillers of a [[distill]] as its merges are planned by.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "experiment/experiment.hpp"
#include "experiment/steps/steps.hpp"
#include "report/result_table.hpp"

namespace histokt {

struct MergeStrategy {
  PluginChoice choice;
  ResultRow::Kind kind = ResultRow::Kind::kDistilled;  // or kRandomDirections
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

  // The distillers as they were asked for, and what their merges are to be told from: the same projection on
  // random directions, of svd where none of them projects. Throws RequestError, and RunError for a base that
  // cannot be read.
  std::vector<MergeStrategy> of(const DistillConfig& distill);

 private:
  MergeStrategy strategy_of(const DistillConfig& distill, const PluginChoice& choice, ResultRow::Kind kind);
  const MergeBase& base_of(const DistillConfig& distill);

  const Experiment& experiment_;
  std::map<std::pair<std::string, std::string>, MergeBase> bases_;  // by file and recipe of the sources
  const toml::table random_directions_{{"directions", "random"}};
};

}  // namespace histokt
