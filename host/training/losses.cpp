#include "training/losses.hpp"

#include <algorithm>
#include <cstdint>

#include "base/errors.hpp"

namespace histokt {

ClassWeights class_weights(const PatchSource& training_patches) {
  if (!training_patches.multi_label()) {
    throw RunError("Class weights belong to multi-label patches, and these have one label each.");
  }
  std::vector<std::int64_t> positives(static_cast<std::size_t>(training_patches.class_count()));
  for (std::size_t i = 0; i < training_patches.size(); ++i) {
    const auto labels = training_patches.labels(i);
    for (std::size_t c = 0; c < positives.size(); ++c) positives[c] += labels[c] != 0;
  }
  ClassWeights weights;
  weights.values.assign(positives.size(), 0.0F);
  for (std::size_t c = 0; c < positives.size(); ++c) {
    if (positives[c] == 0) {
      weights.absent.push_back(static_cast<int>(c));
    } else {
      weights.values[c] = static_cast<float>(static_cast<double>(training_patches.size()) /
                                             static_cast<double>(positives[c]));
    }
  }
  const float largest = weights.absent.size() == positives.size()
                            ? 1.0F
                            : *std::max_element(weights.values.begin(), weights.values.end());
  for (int c : weights.absent) weights.values[static_cast<std::size_t>(c)] = largest;
  return weights;
}

torch::Tensor cross_entropy(const torch::Tensor& logits, const torch::Tensor& labels) {
  return torch::cross_entropy_loss(logits, labels);
}

torch::Tensor soft_margin(const torch::Tensor& logits, const torch::Tensor& labels,
                          const torch::Tensor& weights) {
  // log s(-x) = log s(x) - x, so that the loss is (1 - y) x - log s(x).
  return (weights * ((1 - labels) * logits - torch::log_sigmoid(logits))).mean();
}

}  // namespace histokt
