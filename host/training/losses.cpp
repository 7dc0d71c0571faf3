// SPDX-License-Identifier: MIT
#include "training/losses.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <numeric>

namespace histokt {
namespace {

// How many patches show each class.
std::vector<std::int64_t> patches_of_classes(const PatchSource& patches) {
  std::vector<std::int64_t> counts(static_cast<std::size_t>(patches.class_count()));
  for (std::size_t i = 0; i < patches.size(); ++i) {
    if (!patches.multi_label()) {
      const std::int64_t label = patches.label(i);
      if (label >= 0 && label < patches.class_count()) ++counts[static_cast<std::size_t>(label)];
      continue;
    }
    const auto labels = patches.labels(i);
    for (std::size_t c = 0; c < counts.size(); ++c) counts[c] += labels[c] != 0;
  }
  return counts;
}

}  // namespace

ClassWeights equal_weights(const PatchSource& training_patches) {
  const std::vector<std::int64_t> counts = patches_of_classes(training_patches);
  ClassWeights weights;
  weights.values.assign(counts.size(), 1.0F);
  for (std::size_t c = 0; c < counts.size(); ++c) {
    if (counts[c] == 0) weights.absent.push_back(static_cast<int>(c));
  }
  return weights;
}

ClassWeights balanced_weights(const PatchSource& training_patches) {
  const std::vector<std::int64_t> counts = patches_of_classes(training_patches);
  ClassWeights weights = equal_weights(training_patches);
  const std::size_t occurring = counts.size() - weights.absent.size();
  if (occurring == 0) return weights;
  const double shared_by = training_patches.multi_label() ? 1.0 : static_cast<double>(occurring);
  float largest = 0;
  for (std::size_t c = 0; c < counts.size(); ++c) {
    if (counts[c] == 0) continue;
    weights.values[c] = static_cast<float>(static_cast<double>(training_patches.size()) /
                                           (shared_by * static_cast<double>(counts[c])));
    largest = std::max(largest, weights.values[c]);
  }
  for (int c : weights.absent) weights.values[static_cast<std::size_t>(c)] = largest;
  return weights;
}

torch::Tensor cross_entropy(const torch::Tensor& logits, const torch::Tensor& labels,
                            const torch::Tensor& weights) {
  return weights.defined() ? torch::cross_entropy_loss(logits, labels, weights)
                           : torch::cross_entropy_loss(logits, labels);
}

torch::Tensor soft_margin(const torch::Tensor& logits, const torch::Tensor& labels,
                          const torch::Tensor& weights) {
  // log s(-x) = log s(x) - x, so that the loss is (1 - y) x - log s(x).
  return (weights * ((1 - labels) * logits - torch::log_sigmoid(logits))).mean();
}

double chance_loss(int classes, bool multi_label, std::span<const float> weights) {
  if (!multi_label) return std::log(classes);
  if (weights.empty()) return std::numbers::ln2;
  return std::numbers::ln2 * std::reduce(weights.begin(), weights.end(), 0.0) /
         static_cast<double>(weights.size());
}

}  // namespace histokt
