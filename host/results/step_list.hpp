// The steps of an experiment as its result.json has them.
#pragma once

#include <filesystem>

#include "base/json.hpp"
#include "planning/plan.hpp"

namespace histokt {

// An object a step, in the order of the plan: kind, label, state, `inputs` (by role: `step`, a place in this
// list, and which `output` of it), and where it is finished `folder` (relative to `folder`, where the file
// will lie), `outputs` (by name: `file` within the step's folder, and `digest`; those whose file is still
// there), identity, definition and summary.
Json step_list(const Plan& plan, const std::filesystem::path& folder);

}  // namespace histokt
