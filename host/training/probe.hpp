// How much an encoder's features say of classes it was not tuned for: a linear probe and nearest neighbours
// on them. Both take seconds. What they hang on (the penalty, the number of neighbours) is chosen by the
// validation patches, and by the same score as a training's epoch.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "training/trainer.hpp"

namespace histokt {

// Features (N, D) with their labels: class indices, int64 (N), or float (N, C) of 0 and 1 where multi-label.
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
  double valid_score = 0;     // what it was chosen by; NaN where that is not defined
  double valid_accuracy = 0;  // top-1, or element-wise where multi-label; likewise on test
  double test_accuracy = 0;
  std::optional<double> test_average_precision;  // mean over the classes that occur
  torch::Tensor test_scores;                     // logits, double (N, C)
};

inline const std::vector<double> kProbePenalties = {10, 1, 1e-1, 1e-2, 1e-3, 1e-4};
inline const std::vector<std::int64_t> kProbeNeighbours = {20, 1, 5, 10, 50, 100};

// Logistic regression: softmax over the classes, or one logistic a class where multi-label. Minimises
//   mean over patches of the loss + penalty / 2 |W|^2
// over features standardised by the training patches', by L-BFGS from 0; the bias has no penalty. Of
// penalties that are as good on the validation patches, the largest.
ProbeResult linear_probe(const ProbeData& data, const std::vector<double>& penalties = kProbePenalties);

// The labels of the k training patches that are nearest by cosine, averaged; a similarity decides between
// classes that come out alike. Of numbers that are as good on the validation patches, the first; none is
// taken above the number of training patches.
ProbeResult nearest_neighbours(const ProbeData& data,
                               const std::vector<std::int64_t>& numbers = kProbeNeighbours);

}  // namespace histokt
