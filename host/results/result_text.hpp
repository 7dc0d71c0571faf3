// The results of an experiment for a person at a terminal.
#pragma once

#include <string>
#include <vector>

#include "results/result_row.hpp"

namespace histokt {

// By target (and matrix, where there are several), with chance, majority class, patches and groups, what
// beats the baseline and what does not, how much of that is noise, and what could not be read.
std::string result_text(const std::vector<ResultRow>& rows);

}  // namespace histokt
