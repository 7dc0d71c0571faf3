// SPDX-License-Identifier: MIT
#include "results/significance.hpp"

#include <cmath>

namespace histokt {
namespace {

bool within_test(const ResultRow& row, const ResultRow& other, const Comparison& found) {
  if (found.difference == 0) return true;
  if (found.interval) return found.interval->low <= 0 && found.interval->high >= 0;
  return std::abs(found.difference) < 2 * std::hypot(error_of_patches(row), error_of_patches(other));
}

bool within_trials(const ResultRow& row, const ResultRow& other, const Comparison& found) {
  return std::abs(found.difference) < 2 * std::hypot(error_of_mean(row), error_of_mean(other));
}

}  // namespace

Comparison compare(const ResultRow& row, const ResultRow& other) {
  Comparison found;
  found.difference = mean_accuracy(row) - mean_accuracy(other);
  found.interval = difference_interval(row, other);
  if (within_test(row, other, found)) {
    found.verdict = Verdict::kWithinTest;
  } else if (within_trials(row, other, found)) {
    found.verdict = Verdict::kWithinTrials;
  } else {
    found.verdict = found.difference > 0 ? Verdict::kBetter : Verdict::kWorse;
  }
  return found;
}

std::vector<ComparedRow> compared_rows(const std::vector<ResultRow>& rows) {
  std::vector<ComparedRow> compared;
  for (const ResultRow& row : rows) {
    ComparedRow& one = compared.emplace_back();
    one.row = &row;
    one.accuracy = mean_accuracy(row);
    one.deviation = accuracy_deviation(row);
    one.interval = accuracy_interval(row);
    one.baseline = baseline_of(rows, row);
    if (one.baseline) one.over_baseline = compare(row, *one.baseline);
  }
  return compared;
}

}  // namespace histokt
