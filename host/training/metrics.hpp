// SPDX-License-Identifier: MIT
// The metrics of predictions, in ONE table. What an evaluation writes and prints, what has an interval over
// groups, what a recipe may select epochs by and what the result tables take from evaluations are read from
// it, so that a new metric is a row here and its arithmetic. (docs/schemas and docs/experiment.md describe
// it, and tests fail until they do.) Needs no libtorch; thread-safe.
//
//   Samples patches{.classes = 3, .logits = logits, .label = labels};
//   metric_value("balanced_accuracy", AllSamples(patches));
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "training/outcome.hpp"

namespace histokt {

// A value in 0 .. 1 that is written as a percentage, or a number.
enum class MetricUnit { kPercent, kNumber };
enum class Better { kHigher, kLower, kNeither };  // kNeither: a level to compare others with

struct Metric {
  const char* key = nullptr;        // in result.json: "balanced_accuracy"
  const char* title = nullptr;      // for people; indented if it belongs to the line above
  const char* selection = nullptr;  // the word of a recipe's `selection`; nullptr: it may not select
  const char* column = nullptr;     // its name in the result tables; nullptr: in none
  bool interval = false;            // has one over groups (intervals.hpp)
  bool one_label = false, several_labels = false;  // kinds of samples it is defined for
  MetricUnit unit = {};
  Better better = {};
  // nullopt if it is not defined on these samples (an AUC where only one class occurs), never 0.
  std::optional<double> (*value)(const Outcome&) = nullptr;
  std::size_t from_classes = 1;  // printed for at least so many classes

  bool fits(bool multi_label) const { return multi_label ? several_labels : one_label; }
};

// In the order in which they are printed. A key, and a word of `selection`, occurs at most once for
// single-label samples, and at most once for multi-label ones.
std::span<const Metric> metric_table();

// The metric of that key. Throws std::out_of_range if there is none for such samples.
const Metric& metric(std::string_view key, bool multi_label);
std::optional<double> metric_value(std::string_view key, const Outcome& outcome);

// The words of a recipe's `selection`, in alphabetical order: for all metrics, or for those of such samples.
std::vector<std::string> selection_words();
std::vector<std::string> selection_words(bool multi_label);

// The metric that a word of `selection` stands for; nullptr if there is none for such samples.
const Metric* selection_metric(std::string_view word, bool multi_label);

// The selection score of an epoch, the higher the better; NaN if not defined.
double selection_score(std::string_view word, const Outcome& outcome);

// (C) the share of a class's samples that are predicted to have it; nullopt if none has it.
std::vector<std::optional<double>> recall(const Outcome& outcome);

}  // namespace histokt
