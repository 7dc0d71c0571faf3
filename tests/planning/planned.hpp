// SPDX-License-Identifier: MIT
// The tiny experiment as it is planned: nothing is read or run.
#pragma once

#include <algorithm>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "host/tiny_experiment.hpp"
#include "planning/plan.hpp"
#include "plugins/registry.hpp"
#include "support/folders.hpp"
#include "support/resnet18_file.hpp"
#include "tensors/safetensors.hpp"

namespace histokt::test {

using Labels = std::set<std::string>;

// The labels of the steps of a kind.
inline Labels labels_of(const std::vector<std::unique_ptr<Step>>& steps, const std::string& kind) {
  Labels labels;
  for (const auto& step : steps) {
    if (step->kind == kind) labels.insert(step->label);
  }
  return labels;
}

inline const Step& step_of(const std::vector<std::unique_ptr<Step>>& steps, const std::string& title) {
  const auto found = std::ranges::find_if(steps, [&](const auto& step) { return step->title() == title; });
  if (found == steps.end()) throw std::runtime_error("there is no step " + title);
  return **found;
}

// The labels of what a step takes in roles that begin so.
inline Labels inputs_of(const Step& step, const std::string& role) {
  Labels labels;
  for (const StepInput& input : step.inputs) {
    if (input.role.starts_with(role)) labels.insert(input.step->label);
  }
  return labels;
}

// The experiment with some settings, and a file of weights beside it.
class TinyPlanned {
 public:
  explicit TinyPlanned(const std::vector<std::string>& settings, const std::string& more = "") {
    PluginRegistry::instance().add_folder(build_folder() / "lib/histokt/plugins", true);
    PluginRegistry::instance().add_folder(build_folder() / "tests/controls", true);
    write_safetensors(folder_ / "photographs.safetensors", resnet18_file(10));
    experiment_ =
        read_experiment(folder_.write("tiny.toml", tiny_experiment_of_resnet18() + more), settings, {});
    compute_ = make_compute_context({.threads = 1, .device = "cpu", .scratch = folder_ / "scratch"});
  }

  const Experiment& experiment() const { return experiment_; }
  const ComputeContext& compute() const { return compute_; }

 private:
  TempFolder folder_;
  Experiment experiment_;
  ComputeContext compute_;
};

// And its plan.
class Planned : public TinyPlanned {
 public:
  explicit Planned(const std::vector<std::string>& settings, const std::string& more = "",
                   std::span<const StepKind> kinds = step_catalogue())
      : TinyPlanned(settings, more), plan_(make_plan(experiment(), compute(), kinds)) {}

  const Plan& plan() const { return plan_; }
  const Step& step(const std::string& title) const { return step_of(plan_.steps, title); }
  Labels of_kind(const std::string& kind) const { return labels_of(plan_.steps, kind); }
  Labels inputs(const std::string& title, const std::string& role) const {
    return inputs_of(step(title), role);
  }

 private:
  Plan plan_;
};

}  // namespace histokt::test
