// Whether one row of a table is better than another, or differs by chance: one rule, which the CSV files, the
// terminal, Markdown and LaTeX all go by.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "results/statistics.hpp"

namespace histokt {

enum class Verdict {
  kBetter,
  kWorse,
  kWithinTest,    // the test set allows for as much
  kWithinTrials,  // trials (folds, where there are some) differ by as much
};

struct Comparison {
  double difference = 0;             // of the mean accuracies
  std::optional<Interval> interval;  // 95 % of the difference
  Verdict verdict = Verdict::kWithinTest;

  bool is_noise() const { return verdict == Verdict::kWithinTest || verdict == Verdict::kWithinTrials; }
};

// Of a row with another one of the same target. Within the test: the interval holds 0 or, where there is
// none, the difference is below twice the standard error that the patches allow for. Within the trials: it is
// below twice the standard error of the means, since an interval over groups knows nothing of other seeds.
Comparison compare(const ResultRow& row, const ResultRow& other);

// A row with its statistics, beside the baseline that it is compared with.
struct ComparedRow {
  const ResultRow* row = nullptr;
  double accuracy = 0;
  std::optional<double> deviation;
  std::optional<Interval> interval;
  const ResultRow* baseline = nullptr;      // nullptr where the target has none
  std::optional<Comparison> over_baseline;  // there where `baseline` is; of a baseline with itself, 0
  std::string matrix = "";                  // in a table of several matrices: the one that the line is of
};

// In the order of `rows`, which must outlive what is returned.
std::vector<ComparedRow> compared_rows(const std::vector<ResultRow>& rows);

}  // namespace histokt
