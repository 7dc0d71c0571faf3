// How good a network is on the validation patches between two epochs.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "training/metrics.hpp"
#include "training/resident_patches.hpp"
#include "training/trainer.hpp"

namespace histokt {

// The labels of all patches, as metrics want them.
struct PatchLabels {
  explicit PatchLabels(const PatchSource& patches);

  std::vector<std::int64_t> single;  // (N); empty where multi-label
  std::vector<std::uint8_t> multi;   // (N, C); empty where single-label
};

struct ValidationResult {
  double loss = 0, accuracy = 0;
  double selection_score = 0;  // NaN where it is not defined
};

// What is to be called with the patches done so far of `total`, where the network only answers: it tells
// request.on_answers. The request must outlive it.
std::function<void(std::size_t)> answers_told(const TrainRequest& request, int epoch, std::size_t total);

// The model's answers to the validation patches after an epoch: (N, C), float32 on the CPU, in their order.
// resident: those patches on the device, or nothing. Leaves the model in evaluation mode. Throws as infer()
// does.
torch::Tensor validation_answers(Model& model, const TrainRequest& request, int epoch,
                                 const ResidentPatches* resident);

// Logits (N, C) on the CPU, float32 or double, beside the labels.
Samples samples_of(const torch::Tensor& logits, const PatchLabels& labels);

// How good such answers are. labels are those of request.valid; class_weights those of the loss, empty where
// all weigh the same.
ValidationResult judge(const torch::Tensor& logits, const TrainRequest& request, const PatchLabels& labels,
                       std::span<const float> class_weights);

}  // namespace histokt
