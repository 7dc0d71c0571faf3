// How well scores rank positives before negatives: area under the ROC curve and average precision.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace histokt {

// The chance that a positive scores above a negative, ties counting half. positive[i] is 0 or 1. Nothing
// where there is no positive or no negative.
std::optional<double> area_under_roc(std::span<const double> scores, std::span<const std::uint8_t> positive);

// Sum over thresholds of (recall step) x precision, tied scores being one threshold. Nothing where there is
// no positive.
std::optional<double> average_precision(std::span<const double> scores,
                                        std::span<const std::uint8_t> positive);

}  // namespace histokt
