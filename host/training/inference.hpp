// SPDX-License-Identifier: MIT
// Inference: a network's logits, and features if requested, for patches.
#pragma once

#include <torch/types.h>

#include <functional>
#include <histokt/model.hpp>
#include <optional>

#include "base/patch_source.hpp"
#include "training/augmentation.hpp"
#include "training/resident_patches.hpp"
#include "training/runtime.hpp"

namespace histokt {

struct InferenceOptions {
  Normalization normalization = {};
  std::size_t batch_size = 128;
  int loader_threads = 0;
  bool features = false;  // also those before the head
  // The published code validates on augmented patches; without it, patches are only normalised.
  std::optional<AugmentationOptions> augmentation = {};
  std::uint64_t seed = 0, epoch = 0;  // of the augmentation
  // The same patches if they are on the device already; their normalisation is then used.
  const ResidentPatches* resident = nullptr;
  // Called after each batch with the patches done so far.
  std::function<void(std::size_t)> on_batch = {};
};

// Both float32 on the CPU.
struct InferenceResult {
  torch::Tensor logits;    // (N, C)
  torch::Tensor features;  // (N, D); undefined unless asked for
};

// Leaves the model in evaluation mode. The model must be on the runtime's device. Throws RunError for an
// empty source, and Interrupted.
InferenceResult infer(Model& model, const PatchSource& patches, const InferenceOptions& options,
                      const Runtime& runtime);

// Prepares a model for the runtime: moves it to the device, convolutions in the runtime's memory format. Call
// before an optimizer is made, since optimizers keep state in their parameters' format.
void place(Model& model, const Runtime& runtime);

}  // namespace histokt
