// SPDX-License-Identifier: MIT
#include "training/ranking.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace histokt {
namespace {

// Indices, the highest score first.
std::vector<std::size_t> descending(std::span<const double> scores) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  return order;
}

// Calls visit(positives, negatives) for each group of tied scores, the highest score first.
template <typename Visit>
void for_each_tie(std::span<const double> scores, std::span<const std::uint8_t> positive, Visit visit) {
  const std::vector<std::size_t> order = descending(scores);
  for (std::size_t i = 0; i < order.size();) {
    double positives = 0, negatives = 0;
    const double score = scores[order[i]];
    for (; i < order.size() && scores[order[i]] == score; ++i)
      (positive[order[i]] ? positives : negatives) += 1;
    visit(positives, negatives);
  }
}

}  // namespace

std::optional<double> area_under_roc(std::span<const double> scores, std::span<const std::uint8_t> positive) {
  double area = 0, positives_above = 0, negatives_above = 0;
  for_each_tie(scores, positive, [&](double positives, double negatives) {
    area += negatives * (positives_above + positives / 2);
    positives_above += positives;
    negatives_above += negatives;
  });
  if (positives_above == 0 || negatives_above == 0) return std::nullopt;
  return area / (positives_above * negatives_above);
}

std::optional<double> average_precision(std::span<const double> scores,
                                        std::span<const std::uint8_t> positive) {
  double sum = 0, positives_above = 0, all_above = 0;
  for_each_tie(scores, positive, [&](double positives, double negatives) {
    positives_above += positives;
    all_above += positives + negatives;
    sum += positives * positives_above / all_above;
  });
  if (positives_above == 0) return std::nullopt;
  return sum / positives_above;
}

RankedScores::RankedScores(std::span<const double> scores, std::span<const std::uint8_t> positive,
                           std::span<const std::uint32_t> group) {
  const std::vector<std::size_t> order = descending(scores);
  for (std::size_t i = 0; i < order.size(); ++i) {
    const bool last_of_equals = i + 1 == order.size() || scores[order[i + 1]] != scores[order[i]];
    codes_.push_back(group[order[i]] << 2 | (positive[order[i]] ? 2U : 0U) | (last_of_equals ? 1U : 0U));
  }
}

RankedScores::Values RankedScores::weighted(std::span<const std::uint32_t> times) const {
  double area = 0, precision = 0, positives_above = 0, negatives_above = 0;
  std::uint64_t tied[2] = {0, 0};  // negatives, positives
  for (const std::uint32_t code : codes_) {
    tied[code >> 1 & 1] += times[code >> 2];
    if (!(code & 1)) continue;
    const auto negatives = static_cast<double>(tied[0]), positives = static_cast<double>(tied[1]);
    area += negatives * (positives_above + positives / 2);
    positives_above += positives;
    negatives_above += negatives;
    if (positives > 0) precision += positives * positives_above / (positives_above + negatives_above);
    tied[0] = tied[1] = 0;
  }
  Values values;
  if (positives_above > 0) values.average_precision = precision / positives_above;
  if (positives_above > 0 && negatives_above > 0)
    values.area_under_roc = area / (positives_above * negatives_above);
  return values;
}

}  // namespace histokt
