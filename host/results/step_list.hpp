// SPDX-License-Identifier: MIT
// The list of an experiment's steps in its result.json.
#pragma once

#include <filesystem>

#include "base/json.hpp"
#include "planning/plan.hpp"

namespace histokt {

// One object per step, in the order of the plan: kind, label, state, `inputs` (by role: `step`, a place in
// this list, and which `output` of it), and for a finished step `folder` (relative to the argument `folder`,
// where the file is written), `outputs` (by name: `file` within the step's folder, and `digest`; only those
// whose file still exists), identity, definition and summary.
Json step_list(const Plan& plan, const std::filesystem::path& folder);

}  // namespace histokt
