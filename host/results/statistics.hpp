// What the accuracies of a row come to: its mean, how much folds or trials differ, and intervals by the
// bootstrap over test groups (base/bootstrap.hpp).
#pragma once

#include <optional>

#include "base/bootstrap.hpp"
#include "results/result_row.hpp"

namespace histokt {

// Averaged over folds and trials.
double mean_accuracy(const ResultRow& row);

// With n - 1: between the folds' means over trials where there are folds; else between trials, and none for
// one trial.
std::optional<double> accuracy_deviation(const ResultRow& row);

// Standard error of the mean over folds or trials; 0 where there is one alone.
double error_of_mean(const ResultRow& row);

// Standard error of a share on this many patches, were they independent; they are not, so it is a lower
// bound.
double error_of_patches(const ResultRow& row);

// 95 %, of the mean accuracy; nothing for fewer than kGroupsForAnInterval groups.
std::optional<Interval> accuracy_interval(const ResultRow& row);

// Likewise of its difference from another row that was tested on the same groups, each group being compared
// with itself. Nothing for a baseline, which is not compared.
std::optional<Interval> difference_interval(const ResultRow& row, const ResultRow& other);

}  // namespace histokt
