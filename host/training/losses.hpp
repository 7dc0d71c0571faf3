// What training makes small.
#pragma once

#include <torch/torch.h>

#include <vector>

#include "training/patch_source.hpp"

namespace histokt {

// Weights of the classes in the multi-label loss: patches / positives of the class over the training patches.
// A class without positives has no such weight; it takes the largest of the others (1 where there is none).
struct ClassWeights {
  std::vector<float> values;  // C
  std::vector<int> absent;    // classes without positives: worth a warning
};

// Throws RunError for a single-label source.
ClassWeights class_weights(const PatchSource& training_patches);

// Mean over patches of -log softmax(logits)[label]. logits (N, C), labels int64 (N).
torch::Tensor cross_entropy(const torch::Tensor& logits, const torch::Tensor& labels);

// Mean over patches and classes of w_c (-y log s(x) - (1 - y) log s(-x)), s the logistic function.
// logits and labels (N, C), weights (C).
torch::Tensor soft_margin(const torch::Tensor& logits, const torch::Tensor& labels,
                          const torch::Tensor& weights);

}  // namespace histokt
