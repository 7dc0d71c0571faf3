// Every combination of the lists in a recipe's optimizer: what a search goes through.
#pragma once

#include <vector>

#include "config/experiment.hpp"
#include "steps/training_run.hpp"

namespace histokt {

// In the order in which the lists are written, rates last; one where nothing is searched. Throws
// RequestError.
std::vector<OptimizerSetting> optimizer_settings(const Experiment& experiment, const Recipe& recipe);

}  // namespace histokt
