// SPDX-License-Identifier: MIT
// The features of a network as an artifact: one step for each checkpoint, split and part.
#pragma once

#include "patches/split.hpp"
#include "steps/catalogue.hpp"
#include "tasks/feature_file.hpp"

namespace histokt {

// The step that makes the features of one part with the subject's network, its patches normalised as for a
// training that starts from it. Output "features".
Step* features_of(const Subject& subject, Split part, StepGraph& graph);

// The table it made, read as the input of that role. Throws RunError if the file is damaged.
FeatureTable features_from(const StepContext& context, const std::string& role);

}  // namespace histokt
