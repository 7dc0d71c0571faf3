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

// What a recipe's `selection` comes to on a dataset. Throws RunError where it needs one label a patch.
SelectionScore selection_score(const Recipe& recipe, bool multi_label, const std::string& dataset);
// As an experiment writes it: "mean-average-precision".
std::string selection_name(SelectionScore score);

}  // namespace histokt
