// SPDX-License-Identifier: MIT
// The significance of a difference between two rows of a table: the one rule that the CSV files, the
// terminal, Markdown and LaTeX share.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "results/statistics.hpp"

namespace histokt {

enum class Verdict {
  kBetter,
  kWorse,
  kWithinTest,    // within the uncertainty of the test set
  kWithinTrials,  // within the spread of trials (or folds)
};

struct Comparison {
  double difference = 0;             // of the mean accuracies
  std::optional<Interval> interval;  // 95 % of the difference
  Verdict verdict = Verdict::kWithinTest;

  bool is_noise() const { return verdict == Verdict::kWithinTest || verdict == Verdict::kWithinTrials; }
};

// Compares a row with another one of the same target. kWithinTest: the interval contains 0 or, without one,
// the difference is below twice the standard error of independent patches. kWithinTrials: it is below twice
// the standard error of the means, since an interval over groups does not reflect other seeds.
Comparison compare(const ResultRow& row, const ResultRow& other);

// A row with its statistics, beside the baseline that it is compared with.
struct ComparedRow {
  const ResultRow* row = nullptr;
  double accuracy = 0;
  std::optional<double> deviation;
  std::optional<Interval> interval;
  const ResultRow* baseline = nullptr;      // nullptr if the target has none
  std::optional<Comparison> over_baseline;  // set if `baseline` is; 0 for a baseline itself
  std::string matrix = "";                  // in a table of several matrices: that of this line
};

// In the order of `rows`, which must outlive what is returned.
std::vector<ComparedRow> compared_rows(const std::vector<ResultRow>& rows);

}  // namespace histokt
