// SPDX-License-Identifier: MIT
// The columns of predictions in CSV files: `predicted`, a probability per class and a logit per class.
// predictions.csv of an evaluation and the CSV of `predict` share them. Needs no libtorch.
//
//   const PredictionColumns columns(classes, false);
//   std::vector<std::string> head = {"id"};
//   columns.add_names(head);
#pragma once

#include <span>
#include <string>
#include <vector>

namespace histokt {

class PredictionColumns {
 public:
  using Cells = std::vector<std::string>;

  PredictionColumns(std::vector<std::string> classes, bool multi_label)
      : classes_(std::move(classes)), multi_label_(multi_label) {}

  const std::vector<std::string>& classes() const { return classes_; }

  // "predicted", "probability_CLASS" ..., "logit_CLASS" ...
  void add_names(Cells& head) const;
  // Adds the cells for a row of C logits.
  void add(Cells& cells, std::span<const float> logits) const;

  // The same for mean probabilities, which have no logits: "predicted", "probability_CLASS" ...
  void add_mean_names(Cells& head) const;
  void add_means(Cells& cells, std::span<const double> probabilities) const;

  // (C): the softmax, or each class's own probability if multi-label.
  std::vector<double> probabilities_of(std::span<const float> logits) const;

 private:
  // The class of the highest score (the first of equals), or every class above the threshold, separated by
  // ';'.
  std::string predicted(std::span<const double> scores, double threshold) const;

  std::vector<std::string> classes_;
  bool multi_label_;
};

}  // namespace histokt
