#include "training/ranking.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace histokt {
namespace {

// Calls visit(positives, negatives) for each group of tied scores, the highest score first.
template <typename Visit>
void for_each_tie(std::span<const double> scores, std::span<const std::uint8_t> positive, Visit visit) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
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

}  // namespace histokt
