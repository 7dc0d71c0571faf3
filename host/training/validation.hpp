// How good a network is on the validation patches between two epochs.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

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

// Leaves the model in evaluation mode. labels are those of request.valid; class_weights those of the loss,
// empty where all weigh the same; resident is request.valid on the device, or nothing.
ValidationResult validate(Model& model, const TrainRequest& request, const PatchLabels& labels,
                          std::span<const float> class_weights, std::uint64_t epoch,
                          const ResidentPatches* resident);

// The same of answers that are there already: (N, C), float32 on the CPU, in the order of the patches.
ValidationResult judge(const torch::Tensor& logits, const TrainRequest& request, const PatchLabels& labels,
                       std::span<const float> class_weights);

}  // namespace histokt
