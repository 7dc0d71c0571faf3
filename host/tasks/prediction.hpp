// SPDX-License-Identifier: MIT
// Predictions of a network for unlabelled images.
//
//   const PredictionNetwork network = prediction_network("crc.safetensors");
//   const std::vector<float> logits = patch_logits(network, model, patches, compute);
//   const std::string csv = image_predictions_csv(network, all_images, skipped, *patches, logits);
//   write_file_atomically("images.csv", csv);
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/configured_plugin.hpp"
#include "patches/patch_set.hpp"
#include "tasks/compute_context.hpp"
#include "tensors/safetensors.hpp"
#include "training/normalization.hpp"

namespace histokt {

// A checkpoint with everything needed to use it on new images.
struct PredictionNetwork {
  std::string name;  // of its file
  TensorFile weights;
  std::string model;  // the plugin's name
  std::vector<std::string> classes;
  bool multi_label = false;
  int patch_side = 0;  // pixels
  double microns_per_pixel = 0;
  Normalization normalization;
  std::optional<std::string> rounding;  // of rescaled images; nullopt if not recorded
};

// Reads a checkpoint. Throws RunError if its metadata lacks one of these.
PredictionNetwork prediction_network(const std::filesystem::path& checkpoint);

// (N, C), of all patches in their order. Throws RunError if the network does not fit the model or its logits
// are not finite, Interrupted.
std::vector<float> patch_logits(const PredictionNetwork& network, const ConfiguredPlugin& model,
                                const std::shared_ptr<const PatchSet>& patches,
                                const ComputeContext& compute);

// One row per patch: id, image, left, top, predicted, a probability and a logit per class. Probabilities are
// the softmax, or each class's own if multi-label; `predicted` is then every class above 1/2, separated by
// ';'.
std::string patch_predictions_csv(const PredictionNetwork& network, const PatchSet& patches,
                                  std::span<const float> logits);

// One row per image, in the order of `images`: image, state, patches, predicted, and per class the mean
// probability over its patches. State is "predicted", "background" (the filter dropped all patches) or
// "unreadable" (one of `skipped`); the latter two have no prediction.
std::string image_predictions_csv(const PredictionNetwork& network, const std::vector<std::string>& images,
                                  const std::vector<std::string>& skipped, const PatchSet& patches,
                                  std::span<const float> logits);

}  // namespace histokt
