// SPDX-License-Identifier: MIT
// Statistics of a row's accuracies: mean, deviation between folds or trials, and intervals by the bootstrap
// over test groups (base/bootstrap.hpp).
#pragma once

#include <optional>

#include "base/bootstrap.hpp"
#include "results/result_row.hpp"

namespace histokt {

// Averaged over folds and trials.
double mean_accuracy(const ResultRow& row);

// Sample deviation (n - 1): between the folds' means over trials if there are folds, otherwise between
// trials; nullopt for one trial.
std::optional<double> accuracy_deviation(const ResultRow& row);

// Standard error of the mean over folds or trials; 0 if there is only one.
double error_of_mean(const ResultRow& row);

// Standard error of a share on this many patches if they were independent; they are not, so it is a lower
// bound.
double error_of_patches(const ResultRow& row);

// The 95 % interval of the mean accuracy; nullopt for fewer than kGroupsForAnInterval groups.
std::optional<Interval> accuracy_interval(const ResultRow& row);

// The same for its difference from another row that was tested on the same groups (paired by group). nullopt
// for a baseline, which is not compared.
std::optional<Interval> difference_interval(const ResultRow& row, const ResultRow& other);

}  // namespace histokt
