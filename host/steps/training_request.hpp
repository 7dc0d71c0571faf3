// SPDX-License-Identifier: MIT
// A recipe as a request to the trainer.
#pragma once

#include <string>

#include "config/experiment.hpp"
#include "tasks/compute_context.hpp"
#include "training/trainer.hpp"

namespace histokt {

// Filled in from the recipe and the compute context. The caller sets model, optimizer, patches,
// normalisation, selection and seed.
TrainRequest training_request(const Recipe& recipe, const ComputeContext& compute);

// The selection metric of a recipe on a dataset: a word of training/metrics.hpp. Throws RunError if it does
// not fit single- or multi-label patches.
std::string selection_of(const Recipe& recipe, bool multi_label, const std::string& dataset);

}  // namespace histokt
