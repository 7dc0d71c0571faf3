// SPDX-License-Identifier: MIT
// A linear probe and a nearest-neighbour classifier on an encoder's features, which show how much these say
// of classes the encoder was not tuned for. Both take seconds. Their setting (the penalty, the number of
// neighbours) is chosen on the validation patches, by the same score as a training's epoch.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "training/trainer.hpp"

namespace histokt {

// Features (N, D) with their labels: class indices, int64 (N), or float (N, C) of 0 and 1 if multi-label.
struct LabelledFeatures {
  torch::Tensor features, labels;
};

struct ProbeData {
  LabelledFeatures train, valid, test;
  std::int64_t classes = 0;
  std::string selection = "accuracy";  // a word of metrics.hpp that fits the labels
};

struct ProbeResult {
  double setting = 0;         // the chosen penalty or number of neighbours
  double valid_score = 0;     // the score of the choice; NaN if not defined
  double valid_accuracy = 0;  // top-1, or element-wise if multi-label; likewise on test
  double test_accuracy = 0;
  std::optional<double> test_average_precision;  // mean over the classes that occur
  torch::Tensor test_scores;                     // logits, double (N, C)
};

inline const std::vector<double> kProbePenalties = {10, 1, 1e-1, 1e-2, 1e-3, 1e-4};
inline const std::vector<std::int64_t> kProbeNeighbours = {20, 1, 5, 10, 50, 100};

// Logistic regression: softmax over the classes, or one logistic function per class if multi-label. Minimises
//   mean over patches of the loss + penalty / 2 |W|^2
// over features standardised by the training patches' statistics, with L-BFGS from 0; the bias has no
// penalty. Of penalties that are equally good on the validation patches, the largest is chosen.
ProbeResult linear_probe(const ProbeData& data, const std::vector<double>& penalties = kProbePenalties);

// The labels of the k training patches that are nearest by cosine, averaged; similarity breaks ties between
// classes. Of numbers that are equally good on the validation patches, the first is chosen; none exceeds the
// number of training patches.
ProbeResult nearest_neighbours(const ProbeData& data,
                               const std::vector<std::int64_t>& numbers = kProbeNeighbours);

}  // namespace histokt
