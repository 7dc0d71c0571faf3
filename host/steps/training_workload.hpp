// How much work a training is, for whoever reckons time.
#pragma once

#include "base/json.hpp"
#include "config/experiment.hpp"
#include "engine/step.hpp"

namespace histokt {

// How often the network sees each training patch: epochs, or kept views of it.
double passes_of(const Recipe& recipe);

// Passes times training patches, which the step's input "split" knows once it is made; timed with trainings
// of the same model and layers. Nothing of a training that diverged.
Workload training_workload(const Json& model, const Recipe& recipe);

}  // namespace histokt
