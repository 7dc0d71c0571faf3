// How a recipe trains, as the trainer takes it.
#pragma once

#include "experiment/experiment.hpp"
#include "experiment/workshop.hpp"
#include "training/trainer.hpp"

namespace histokt {

// What the recipe and the workshop say. Model, optimizer, patches, normalisation, selection and seed are the
// caller's.
TrainRequest training_request(const Recipe& recipe, const Workshop& workshop);

}  // namespace histokt
