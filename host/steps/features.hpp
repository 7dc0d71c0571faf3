// The features of a network as steps take them: each is the artifact of a step of its own, for every
// checkpoint, split and part once.
#pragma once

#include "patches/split.hpp"
#include "steps/catalogue.hpp"
#include "tasks/feature_file.hpp"

namespace histokt {

// The step that makes the features of one part, of the network that the subject is, as what starts from it
// sees the patches. Output "features".
Step* features_of(const Subject& subject, Split part, StepGraph& graph);

// What it made, as an input of that role. Throws RunError where the file is damaged.
FeatureTable features_from(const StepContext& context, const std::string& role);

}  // namespace histokt
