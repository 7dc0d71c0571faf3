// SPDX-License-Identifier: MIT
// The rows of the result tables, from the records of finished steps.
#pragma once

#include <filesystem>
#include <vector>

#include "planning/plan.hpp"
#include "results/result_row.hpp"

namespace histokt {

// The rows of the cells whose tests are finished. Paths in them are relative to `folder`, where the tables
// are written.
std::vector<ResultRow> result_rows(const Plan& plan, const std::filesystem::path& folder);

}  // namespace histokt
