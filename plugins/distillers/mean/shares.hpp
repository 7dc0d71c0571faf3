// SPDX-License-Identifier: MIT
// The option `weights`: the share of each source in a mean.
#pragma once

#include <cstddef>
#include <vector>

namespace histokt {

// Divided by their sum; empty stays empty. Throws BadRequest if a weight is negative or all are 0.
std::vector<double> checked_shares(std::vector<double> weights);

// One share for each source, adding up to 1; all equal if `shares`, as checked, is empty. Throws BadRequest
// if they are not as many as the sources.
std::vector<double> shares_for(const std::vector<double>& shares, std::size_t sources);

}  // namespace histokt
