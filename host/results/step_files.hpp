// What the tables read of finished steps beside their records: a CSV file each. A file that is gone, or does
// not hold what the step's record says, is an error: never less of a table without a word.
#pragma once

#include <optional>
#include <vector>

#include "engine/step.hpp"

namespace histokt {

inline constexpr const char* kGroupsFile = "groups.csv";    // of an evaluation
inline constexpr const char* kMetricsFile = "metrics.csv";  // of a training

// An entry a test group.
struct TestedGroups {
  std::vector<double> patches, right;
};

// Throws std::exception, naming the file.
TestedGroups tested_groups(const Step& test);

// The first epoch of a training whose selection score is at least `wanted`; nothing where none is. Throws
// std::exception, naming the file.
std::optional<int> first_epoch_with(const Step& training, double wanted);

}  // namespace histokt
