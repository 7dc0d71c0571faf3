// SPDX-License-Identifier: MIT
#include "mean/shares.hpp"

#include <cmath>
#include <numeric>
#include <string>

#include <histokt/host.hpp>

namespace histokt {

std::vector<double> checked_shares(std::vector<double> weights) {
  if (weights.empty()) return weights;
  for (double weight : weights) {
    if (!(weight >= 0) || std::isinf(weight)) throw BadRequest("option weights: each must be at least 0");
  }
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  if (!(sum > 0) || std::isinf(sum)) throw BadRequest("option weights: at least one must be above 0");
  for (double& weight : weights) weight /= sum;
  return weights;
}

std::vector<double> shares_for(const std::vector<double>& shares, std::size_t sources) {
  if (shares.empty()) return std::vector<double>(sources, 1.0 / static_cast<double>(sources));
  if (shares.size() != sources) {
    throw BadRequest("option weights has " + std::to_string(shares.size()) + " numbers for " +
                     std::to_string(sources) + " sources; give one for each, or none");
  }
  return shares;
}

}  // namespace histokt
