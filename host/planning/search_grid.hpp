// SPDX-License-Identifier: MIT
// The search grid of a recipe: every combination of the lists in its optimizer.
#pragma once

#include <vector>

#include "config/experiment.hpp"
#include "steps/training_run.hpp"

namespace histokt {

// In the order in which the lists are written, rates last; a single one if nothing is searched. Throws
// RequestError.
std::vector<OptimizerSetting> optimizer_settings(const Experiment& experiment, const Recipe& recipe);

}  // namespace histokt
