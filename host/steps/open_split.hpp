// SPDX-License-Identifier: MIT
// Opening the split that is a step's input.
#pragma once

#include <string>

#include "engine/step.hpp"
#include "patches/split_set.hpp"

namespace histokt {

// Its test part is closed unless the step's row of the catalogue opens it. Throws RunError.
SplitSet open_split(const StepContext& context, const std::string& role = "split");

}  // namespace histokt
