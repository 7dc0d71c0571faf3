// Rows of results from what finished steps recorded.
#pragma once

#include <filesystem>
#include <vector>

#include "planning/plan.hpp"
#include "results/result_row.hpp"

namespace histokt {

// The rows of the cells whose tests are finished. Paths in them are relative to `folder`, where the tables
// go.
std::vector<ResultRow> result_rows(const Plan& plan, const std::filesystem::path& folder);

}  // namespace histokt
