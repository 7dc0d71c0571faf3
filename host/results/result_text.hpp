// SPDX-License-Identifier: MIT
// The results of an experiment as text for the terminal.
#pragma once

#include <string>
#include <vector>

#include "results/result_row.hpp"

namespace histokt {

// By target (and matrix, if there are several), with chance, majority class, patches and groups, what beats
// the baseline and what does not, which differences are noise, and which files could not be read.
std::string result_text(const std::vector<ResultRow>& rows);

}  // namespace histokt
