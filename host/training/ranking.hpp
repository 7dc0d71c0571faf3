// SPDX-License-Identifier: MIT
// Ranking metrics of scores: area under the ROC curve and average precision.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace histokt {

// The probability that a positive scores above a negative, ties counting half. positive[i] is 0 or 1. nullopt
// if there is no positive or no negative.
std::optional<double> area_under_roc(std::span<const double> scores, std::span<const std::uint8_t> positive);

// Sum over thresholds of (recall step) x precision, tied scores being one threshold. nullopt if there is no
// positive.
std::optional<double> average_precision(std::span<const double> scores,
                                        std::span<const std::uint8_t> positive);

// Scores sorted once, to be ranked for many resamples of their groups.
class RankedScores {
 public:
  struct Values {
    std::optional<double> area_under_roc, average_precision;
  };

  // group[i], below 2^30: which entry of `times` counts score i.
  RankedScores(std::span<const double> scores, std::span<const std::uint8_t> positive,
               std::span<const std::uint32_t> group);

  // As the functions above, with each score counted times[group] times.
  Values weighted(std::span<const std::uint32_t> times) const;

 private:
  // The highest score first: group x 4, + 2 for a positive, + 1 for the last of equal scores.
  std::vector<std::uint32_t> codes_;
};

}  // namespace histokt
