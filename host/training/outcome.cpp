// SPDX-License-Identifier: MIT
#include "training/outcome.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "base/errors.hpp"

namespace histokt {
namespace {

void check_logits(const Samples& samples, std::size_t count) {
  const std::vector<double>& logits = samples.logits;
  if (count == 0) throw RunError("There are no patches to take metrics of.");
  if (samples.classes < 1 || logits.size() != count * static_cast<std::size_t>(samples.classes)) {
    throw RunError("Metrics of " + std::to_string(count) + " patches and " + std::to_string(samples.classes) +
                   " classes need as many logits as patches x classes, and got " +
                   std::to_string(logits.size()) + "." +
                   (samples.multi_label ? " Multi-label targets hold one entry per class." : ""));
  }
  const auto bad = std::find_if(logits.begin(), logits.end(), [](double x) { return !std::isfinite(x); });
  if (bad != logits.end()) {
    throw RunError(
        "The network's output for patch " + std::to_string((bad - logits.begin()) / samples.classes) +
        " is not a finite number; the checkpoint is unusable. Train again with a smaller learning rate.");
  }
}

void check_labels(const Samples& samples) {
  if (samples.multi_label && samples.labels.size() != samples.logits.size()) {
    throw RunError("Multi-label metrics need one label per logit; got " +
                   std::to_string(samples.labels.size()) + " labels for " +
                   std::to_string(samples.logits.size()) + " logits.");
  }
  for (std::int64_t label : samples.label) {
    if (label >= 0 && label < samples.classes) continue;
    throw RunError("A patch has label " + std::to_string(label) + ", and the network " +
                   std::to_string(samples.classes) + " classes, counted from 0.");
  }
}

void check_weights(std::span<const float> class_weights, int classes) {
  if (class_weights.empty() || class_weights.size() == static_cast<std::size_t>(classes)) return;
  throw RunError("Metrics need one weight per class; got " + std::to_string(class_weights.size()) +
                 " weights for " + std::to_string(classes) + " classes.");
}

Outcome::Counts count_several_labels(const Samples& samples) {
  const auto classes = static_cast<std::size_t>(samples.classes);
  Outcome::Counts counts;
  counts.classes.resize(classes);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    std::size_t right = 0;
    for (std::size_t c = 0; c < classes; ++c) {
      const bool occurs = samples.has(i, c), predicted = samples.logits[i * classes + c] > 0;
      right += occurs == predicted;
      counts.classes[c].occurring += occurs;
      counts.classes[c].predicted += predicted;
      counts.classes[c].hits += occurs && predicted;
    }
    ++counts.samples;
    counts.right_entries += static_cast<std::int64_t>(right);
    counts.right_samples += right == classes;
  }
  return counts;
}

}  // namespace

const Outcome::Counts& Outcome::counts() const {
  if (!counts_) counts_ = count();
  return *counts_;
}

const std::vector<RankedScores::Values>& Outcome::ranks() const {
  if (!ranks_) ranks_ = rank();
  return *ranks_;
}

AllSamples::AllSamples(const Samples& samples, std::span<const float> class_weights)
    : Outcome(samples), class_weights_(class_weights.begin(), class_weights.end()) {
  check_logits(samples, samples.size());
  check_labels(samples);
  check_weights(class_weights, samples.classes);
}

const std::vector<double>& AllSamples::probabilities() const {
  if (probabilities_.empty()) probabilities_ = probabilities_by_class(samples());
  return probabilities_;
}

Outcome::Counts AllSamples::count() const {
  if (multi_label()) return count_several_labels(samples());
  std::vector<std::int64_t> confusion(classes() * classes(), 0);
  for (std::size_t i = 0; i < samples().size(); ++i) {
    const auto row = std::span(samples().logits).subspan(i * classes(), classes());
    ++confusion[static_cast<std::size_t>(samples().label[i]) * classes() + predicted_class(row)];
  }
  return counts_of_confusion(std::move(confusion), classes());
}

std::vector<RankedScores::Values> AllSamples::rank() const {
  std::vector<RankedScores::Values> ranks;
  for_each_ranking(samples(), multi_label() ? std::span<const double>() : probabilities(),
                   [&](std::span<const double> scores, std::span<const std::uint8_t> positive) {
                     ranks.push_back({area_under_roc(scores, positive), average_precision(scores, positive)});
                   });
  return ranks;
}

std::size_t predicted_class(std::span<const double> logits) {
  return static_cast<std::size_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

std::vector<double> probabilities_by_class(const Samples& samples) {
  const std::size_t count = samples.size(), classes = static_cast<std::size_t>(samples.classes);
  std::vector<double> by_class(samples.logits.size());
  for (std::size_t i = 0; i < count; ++i) {
    const std::vector<double> row =
        probabilities(std::span(samples.logits).subspan(i * classes, classes), samples.multi_label);
    for (std::size_t c = 0; c < classes; ++c) by_class[c * count + i] = row[c];
  }
  return by_class;
}

Outcome::Counts counts_of_confusion(std::vector<std::int64_t> confusion, std::size_t classes) {
  Outcome::Counts counts;
  for (std::size_t c = 0; c < classes; ++c) {
    Outcome::ClassCounts& own = counts.classes.emplace_back();
    own.hits = confusion[c * classes + c];
    for (std::size_t k = 0; k < classes; ++k) {
      own.occurring += confusion[c * classes + k];
      own.predicted += confusion[k * classes + c];
    }
    counts.samples += own.occurring;
    counts.right_samples += own.hits;
  }
  counts.confusion = std::move(confusion);
  return counts;
}

}  // namespace histokt
