// SPDX-License-Identifier: MIT
// The files at the top of an experiment's output folder: result.json, and the tables transfer_matrix and
// distillation as .csv, .md and .tex.
#pragma once

#include <vector>

#include "planning/plan.hpp"
#include "results/result_row.hpp"

namespace histokt {

// Writes each file atomically for what is finished so far, warns of what the tables lack because a step's
// file is missing, and returns their rows. The folder must exist: if it was lost during the work, it must not
// be made again. Throws RunError.
std::vector<ResultRow> write_outputs(const Experiment& experiment, const Plan& plan);

}  // namespace histokt
