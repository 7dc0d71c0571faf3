// SPDX-License-Identifier: MIT
// The controls of a merge among the rows of its target, and their names in sentences.
#pragma once

#include <string>

#include "results/result_row.hpp"

namespace histokt {

bool is_control_of(const ResultRow& control, const ResultRow& merge);

// "the baseline", "crc tuned", "random directions".
std::string control_name(const ResultRow& control);

}  // namespace histokt
