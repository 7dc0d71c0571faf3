// How a recipe trains, as the trainer takes it.
#pragma once

#include <string>

#include "config/experiment.hpp"
#include "tasks/workshop.hpp"
#include "training/trainer.hpp"

namespace histokt {

// What the recipe and the workshop say. Model, optimizer, patches, normalisation, selection and seed are the
// caller's.
TrainRequest training_request(const Recipe& recipe, const Workshop& workshop);

// What a recipe's `selection` comes to on a dataset: a word of training/metrics.hpp. Throws RunError where it
// needs another number of labels a patch.
std::string selection_of(const Recipe& recipe, bool multi_label, const std::string& dataset);

}  // namespace histokt
