// SPDX-License-Identifier: MIT
#include "steps/training_workload.hpp"

#include <algorithm>

namespace histokt {

double passes_of(const Recipe& recipe) {
  return recipe.views > 0 ? recipe.views : recipe.epochs;
}

Workload training_workload(const Json& model, const Recipe& recipe) {
  const auto amount = [passes = passes_of(recipe)](const Step& training) -> std::optional<double> {
    if (training.record && training.record->result.summary.contains("diverged")) return std::nullopt;
    const auto split = std::ranges::find(training.inputs, "split", &StepInput::role);
    if (split == training.inputs.end() || !split->step->record) return std::nullopt;
    return passes * split->step->record->result.summary.at("patches").at(0).get<double>();
  };
  return {model.dump() + layers_name(recipe.layers), amount};
}

}  // namespace histokt
