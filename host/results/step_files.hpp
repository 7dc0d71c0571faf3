// SPDX-License-Identifier: MIT
// The CSV files of finished steps that the tables read beside the steps' records. A file that is missing, or
// contradicts the step's record, is an error: tables never lack data silently.
#pragma once

#include <optional>
#include <vector>

#include "engine/step.hpp"

namespace histokt {

inline constexpr const char* kGroupsFile = "groups.csv";    // of an evaluation
inline constexpr const char* kMetricsFile = "metrics.csv";  // of a training

// One entry per test group.
struct TestedGroups {
  std::vector<double> patches, right;
};

// Throws std::exception, naming the file.
TestedGroups tested_groups(const Step& test);

// The first epoch of a training whose selection score is at least `wanted`; nullopt if there is none. Throws
// std::exception, naming the file.
std::optional<int> first_epoch_with(const Step& training, double wanted);

}  // namespace histokt
