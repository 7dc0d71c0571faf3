// SPDX-License-Identifier: MIT
// The starting weights of a training or a probe, from a network or a file, and the normalisation of patches
// for them.
#pragma once

#include <filesystem>
#include <optional>

#include "patches/split_set.hpp"
#include "steps/steps.hpp"
#include "training/normalization.hpp"

namespace histokt {

// The file of starting weights: that of the initial network, an input of that role, or of the recipe; empty
// for random weights. Throws RunError if the recipe's file has changed.
std::filesystem::path initial_file(const TrainRun& run, const StepContext& context);

// Adds the start to a step's options, except for what is an input.
void add_start(const TrainRun& run, Json& options);

// The normalisation of patches for that start; of_weights: that recorded with the weights. The published code
// normalises by the target's own statistics, or by ImageNet's if training starts from ImageNet's weights.
Normalization starting_normalization(const TrainRun& run, const std::optional<Normalization>& of_weights,
                                     const SplitSet& split);

}  // namespace histokt
