// SPDX-License-Identifier: MIT
// The workload of a training, for time estimates.
#pragma once

#include "base/json.hpp"
#include "config/experiment.hpp"
#include "engine/step.hpp"

namespace histokt {

// How often the network sees each training patch: epochs, or kept views of it.
double passes_of(const Recipe& recipe);

// Passes times training patches, known once the step's input "split" is made; timed with trainings of the
// same model and layers. nullopt for a training that diverged.
Workload training_workload(const Json& model, const Recipe& recipe);

}  // namespace histokt
