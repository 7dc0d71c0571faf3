// SPDX-License-Identifier: MIT
// Validation of a network after each epoch.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "training/metrics.hpp"
#include "training/resident_patches.hpp"
#include "training/trainer.hpp"

namespace histokt {

// The labels of all patches, as metrics take them.
struct PatchLabels {
  explicit PatchLabels(const PatchSource& patches);

  std::vector<std::int64_t> single;  // (N); empty if multi-label
  std::vector<std::uint8_t> multi;   // (N, C); empty if single-label
};

struct ValidationResult {
  double loss = 0, accuracy = 0;
  double selection_score = 0;  // NaN if it is not defined
};

// A callback for the patches done so far of `total` during inference; it calls request.on_inference. The
// request must outlive it.
std::function<void(std::size_t)> inference_reporter(const TrainRequest& request, int epoch,
                                                    std::size_t total);

// The model's logits on the validation patches after an epoch: (N, C), float32 on the CPU, in their order.
// resident: those patches on the device, or nullptr. Leaves the model in evaluation mode. Throws as infer()
// does.
torch::Tensor validation_logits(Model& model, const TrainRequest& request, int epoch,
                                const ResidentPatches* resident);

// Logits (N, C) on the CPU, float32 or double, beside the labels.
Samples samples_of(const torch::Tensor& logits, const PatchLabels& labels);

// Evaluates such logits. labels are those of request.valid; class_weights those of the loss, empty if all are
// equal.
ValidationResult evaluate(const torch::Tensor& logits, const TrainRequest& request, const PatchLabels& labels,
                          std::span<const float> class_weights);

}  // namespace histokt
