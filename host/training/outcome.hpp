// SPDX-License-Identifier: MIT
// Predictions for samples beside their true labels, counted and ranked as metrics need: of all samples, or of
// a resample of their groups. Counts and ranks are computed when first requested, so that a metric costs only
// what it needs; an object belongs to one thread. Needs no libtorch.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "training/ranking.hpp"
#include "training/samples.hpp"

namespace histokt {

class Outcome {
 public:
  // For a class: how many samples have it, how many are predicted to have it, and how many both.
  struct ClassCounts {
    std::int64_t occurring = 0, predicted = 0, hits = 0;
  };
  struct Counts {
    std::int64_t samples = 0;
    std::int64_t right_samples = 0;       // with the correct label, or with every entry correct
    std::int64_t right_entries = 0;       // of N x C, for multi-label samples
    std::vector<ClassCounts> classes;     // (C)
    std::vector<std::int64_t> confusion;  // (C, C): rows the label, columns the prediction; single-label only
  };

  Outcome(const Outcome&) = delete;
  Outcome& operator=(const Outcome&) = delete;
  virtual ~Outcome() = default;

  const Samples& samples() const { return samples_; }
  std::size_t classes() const { return static_cast<std::size_t>(samples_.classes); }
  bool multi_label() const { return samples_.multi_label; }

  // Single-label: the class of the largest logit (the first of equals) is predicted. Multi-label: each class
  // whose logit is above 0, a probability above 1/2.
  const Counts& counts() const;

  // (C): how well each class is ranked against the rest, by probability if single-label, since a raw logit
  // does not rank samples.
  const std::vector<RankedScores::Values>& ranks() const;

  // (C, N), the softmax of each row of logits; each entry's own if multi-label.
  virtual const std::vector<double>& probabilities() const = 0;

  // How often a sample counts: 1, or as often as its group was drawn.
  virtual double times(std::size_t sample) const = 0;

  // How much a class weighs in a loss.
  virtual double class_weight(std::size_t) const { return 1; }

 protected:
  explicit Outcome(const Samples& samples) : samples_(samples) {}
  virtual Counts count() const = 0;
  virtual std::vector<RankedScores::Values> rank() const = 0;

 private:
  const Samples& samples_;
  mutable std::optional<Counts> counts_;
  mutable std::optional<std::vector<RankedScores::Values>> ranks_;
};

// All samples, each once. class_weights: C of them, or none for 1 each; the mean of a loss is then over the
// weights of the labels. The samples must outlive it.
class AllSamples final : public Outcome {
 public:
  // Throws RunError for sizes that do not fit, no samples, a label outside 0 .. C-1 or a logit that is not
  // finite.
  explicit AllSamples(const Samples& samples, std::span<const float> class_weights = {});
  explicit AllSamples(Samples&&, std::span<const float> = {}) = delete;

  const std::vector<double>& probabilities() const override;
  double times(std::size_t) const override { return 1; }
  double class_weight(std::size_t c) const override {
    return class_weights_.empty() ? 1.0 : class_weights_[c];
  }

 private:
  Counts count() const override;
  std::vector<RankedScores::Values> rank() const override;

  std::vector<float> class_weights_;
  mutable std::vector<double> probabilities_;
};

// The predicted class of a row of logits: the first of the largest.
std::size_t predicted_class(std::span<const double> logits);

// (N, C) -> (C, N), as Outcome::probabilities().
std::vector<double> probabilities_by_class(const Samples& samples);

// Calls visit(scores, positive) for each class: (N) scores that rank samples, and which of them have it.
template <typename Visit>
void for_each_ranking(const Samples& samples, std::span<const double> probabilities, const Visit& visit) {
  const std::size_t count = samples.size(), classes = static_cast<std::size_t>(samples.classes);
  std::vector<double> logits(samples.multi_label ? count : 0);
  std::vector<std::uint8_t> positive(count);
  for (std::size_t c = 0; c < classes; ++c) {
    for (std::size_t i = 0; i < count; ++i) {
      positive[i] = samples.has(i, c);
      if (samples.multi_label) logits[i] = samples.logits[i * classes + c];
    }
    visit(samples.multi_label ? std::span<const double>(logits) : probabilities.subspan(c * count, count),
          std::span<const std::uint8_t>(positive));
  }
}

// The counts that follow from the confusion matrix of single-label samples.
Outcome::Counts counts_of_confusion(std::vector<std::int64_t> confusion, std::size_t classes);

}  // namespace histokt
