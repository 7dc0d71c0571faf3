// What stands at the top of an experiment's output folder: result.json, and the tables
// transfer_matrix and distillation as .csv, .md and .tex.
#pragma once

#include <vector>

#include "planning/plan.hpp"
#include "results/result_row.hpp"

namespace histokt {

// Writes the files, each whole, for what is finished so far, warns of what tables lack for want of a step's
// file, and returns their rows. The folder must be there: work that lost it must not make another one of its
// name. Throws RunError.
std::vector<ResultRow> write_outputs(const Experiment& experiment, const Plan& plan);

}  // namespace histokt
