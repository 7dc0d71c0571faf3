// SPDX-License-Identifier: MIT
#include "results/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace histokt {
namespace {

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// What the deviation is taken between: folds, or trials where there is one fold.
std::vector<double> compared(const ResultRow& row) {
  if (row.accuracies.size() == 1) return row.accuracies.front();
  std::vector<double> means;
  for (const std::vector<double>& trials : row.accuracies) means.push_back(mean_of(trials));
  return means;
}

}  // namespace

double mean_accuracy(const ResultRow& row) {
  std::vector<double> means;
  for (const std::vector<double>& trials : row.accuracies) means.push_back(mean_of(trials));
  return mean_of(means);
}

std::optional<double> accuracy_deviation(const ResultRow& row) {
  const std::vector<double> values = compared(row);
  if (values.size() < 2) return std::nullopt;
  const double mean = mean_of(values);
  double sum = 0;
  for (double value : values) sum += (value - mean) * (value - mean);
  return std::sqrt(sum / static_cast<double>(values.size() - 1));
}

double error_of_mean(const ResultRow& row) {
  return accuracy_deviation(row).value_or(0) / std::sqrt(static_cast<double>(compared(row).size()));
}

double error_of_patches(const ResultRow& row) {
  const double accuracy = mean_accuracy(row);
  return std::sqrt(std::max(accuracy * (1 - accuracy), 0.0) / static_cast<double>(row.test_patches));
}

std::optional<Interval> accuracy_interval(const ResultRow& row) {
  return ratio_interval(row.group_right, row.group_weight);
}

std::optional<Interval> difference_interval(const ResultRow& row, const ResultRow& other) {
  if (row.kind == ResultKind::kBaseline || row.group_weight != other.group_weight) return std::nullopt;
  std::vector<double> difference;
  for (std::size_t g = 0; g < row.group_right.size(); ++g) {
    difference.push_back(row.group_right[g] - other.group_right[g]);
  }
  return ratio_interval(difference, row.group_weight);
}

}  // namespace histokt
