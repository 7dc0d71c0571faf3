// SPDX-License-Identifier: MIT
#include "tasks/prediction_columns.hpp"

#include "base/text.hpp"
#include "training/outcome.hpp"

namespace histokt {
namespace {

void add_each(PredictionColumns::Cells& head, const std::string& prefix,
              const std::vector<std::string>& classes) {
  for (const std::string& name : classes) head.push_back(prefix + name);
}

void add_numbers(PredictionColumns::Cells& cells, std::span<const double> numbers) {
  for (const double number : numbers) cells.push_back(number_text(number));
}

}  // namespace

void PredictionColumns::add_names(Cells& head) const {
  add_mean_names(head);
  add_each(head, "logit_", classes_);
}

void PredictionColumns::add(Cells& cells, std::span<const float> logits) const {
  const std::vector<double> own(logits.begin(), logits.end());
  cells.push_back(predicted(own, 0));  // as metrics take it (training/outcome.hpp)
  add_numbers(cells, probabilities(own, multi_label_));
  for (const float logit : logits) cells.push_back(number_text(logit));
}

void PredictionColumns::add_mean_names(Cells& head) const {
  head.emplace_back("predicted");
  add_each(head, "probability_", classes_);
}

void PredictionColumns::add_means(Cells& cells, std::span<const double> probabilities) const {
  cells.push_back(predicted(probabilities, 0.5));
  add_numbers(cells, probabilities);
}

std::vector<double> PredictionColumns::probabilities_of(std::span<const float> logits) const {
  return probabilities(std::vector<double>(logits.begin(), logits.end()), multi_label_);
}

std::string PredictionColumns::predicted(std::span<const double> scores, double threshold) const {
  if (!multi_label_) return classes_[predicted_class(scores)];
  std::string names;
  for (std::size_t c = 0; c < scores.size(); ++c) {
    if (scores[c] > threshold) names += (names.empty() ? "" : ";") + classes_[c];
  }
  return names;
}

}  // namespace histokt
