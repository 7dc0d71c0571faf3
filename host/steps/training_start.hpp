// What a training or a probe starts from: the weights of a network or of a file, and how patches are
// normalised for them.
#pragma once

#include <filesystem>
#include <optional>

#include "patches/split_set.hpp"
#include "steps/steps.hpp"
#include "training/normalization.hpp"

namespace histokt {

// The weights that a training or a probe starts from: of its initial network, an input of that role, or of
// its recipe; empty where it starts from random ones. Throws RunError where the recipe's file has changed.
std::filesystem::path initial_file(const TrainRun& run, const StepContext& context);

// Adds to a step's options what it starts from, but for inputs.
void add_start(const TrainRun& run, Json& options);

// How patches are normalised there; of_weights: what those weights say. The published code normalises by the
// target's own statistics, but by ImageNet's where ImageNet's weights are at the beginning.
Normalization starting_normalization(const TrainRun& run, const std::optional<Normalization>& of_weights,
                                     const SplitSet& split);

}  // namespace histokt
