// SPDX-License-Identifier: MIT
// Training losses and class weights.
#pragma once

#include <torch/types.h>

#include <span>
#include <vector>

#include "base/patch_source.hpp"

namespace histokt {

// The weight of each class in the loss, so that rare ones are learnt too. N training patches, n_c of class c.
struct ClassWeights {
  std::vector<float> values;  // C
  std::vector<int> absent;    // classes with n_c = 0: deserve a warning
};

// Several labels a patch: N / n_c, as published. One label: N / (C n_c), C counting the classes that occur,
// so that a patch weighs 1 on average. A class that never occurs gets the largest weight of the others (1 if
// there is none).
ClassWeights balanced_weights(const PatchSource& training_patches);
// 1 for each class.
ClassWeights equal_weights(const PatchSource& training_patches);

// Mean over patches of -w log softmax(logits)[label], w the weight of the label's class, divided by the mean
// w of the batch. logits (N, C), labels int64 (N), weights (C) or undefined for 1 each.
torch::Tensor cross_entropy(const torch::Tensor& logits, const torch::Tensor& labels,
                            const torch::Tensor& weights = {});

// Mean over patches and classes of w_c (-y log s(x) - (1 - y) log s(-x)), s the logistic function.
// logits and labels (N, C), weights (C).
torch::Tensor soft_margin(const torch::Tensor& logits, const torch::Tensor& labels,
                          const torch::Tensor& weights);

// The loss of equal logits, that is of guessing: ln C, or with several labels a patch ln 2 times the mean
// weight. weights (C), or empty for 1 each.
double chance_loss(int classes, bool multi_label, std::span<const float> weights);

}  // namespace histokt
