// How good predictions are: ONE table of metrics. What an evaluation writes and prints, what has an interval
// over groups, what a recipe may select epochs by and what the tables of results take from evaluations are
// read from it, so that a new metric is a row here and its arithmetic. (docs/schemas and docs/experiment.md
// tell of it, and tests fail until they do.) Needs no libtorch; thread-safe.
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
  const char* title = nullptr;      // for a person; indented where it belongs to the line above
  const char* selection = nullptr;  // the word of a recipe's `selection`; nullptr: it may not select
  const char* column = nullptr;     // its name in the tables of results; nullptr: it stands in none
  bool interval = false;            // whether it has one over groups (intervals.hpp)
  bool one_label = false, several_labels = false;  // for samples of which it is defined
  MetricUnit unit = {};
  Better better = {};
  // Nothing where it is not defined on the samples at hand (an AUC where only one class occurs), never 0.
  std::optional<double> (*value)(const Outcome&) = nullptr;
  std::size_t from_classes = 1;  // printed from so many classes on

  bool fits(bool multi_label) const { return multi_label ? several_labels : one_label; }
};

// In the order in which they are printed. A key, and a word of `selection`, stands at most once for samples
// of one label, and at most once for those of several.
std::span<const Metric> metric_table();

// The metric of that key. Throws std::out_of_range where there is none for such samples.
const Metric& metric(std::string_view key, bool multi_label);
std::optional<double> metric_value(std::string_view key, const Outcome& outcome);

// The words of a recipe's `selection`, in alphabetical order: of all metrics, or of those for such samples.
std::vector<std::string> selection_words();
std::vector<std::string> selection_words(bool multi_label);

// The metric that a word of `selection` stands for; nullptr where there is none for such samples.
const Metric* selection_metric(std::string_view word, bool multi_label);

// What an epoch is selected by, the higher the better; NaN where it is not defined.
double selection_score(std::string_view word, const Outcome& outcome);

// (C) the share of a class's samples that are predicted to have it; nothing where none has it.
std::vector<std::optional<double>> recall(const Outcome& outcome);

}  // namespace histokt
