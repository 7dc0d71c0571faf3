// What a merge is to be told from: which rows of its target, and what they are called in a sentence.
#pragma once

#include <string>

#include "results/result_row.hpp"

namespace histokt {

bool is_control_of(const ResultRow& control, const ResultRow& merge);

// "the baseline", "crc tuned", "random directions".
std::string control_name(const ResultRow& control);

}  // namespace histokt
