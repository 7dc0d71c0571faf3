// What a network says of pictures whose labels nobody knows.
//
//   const PredictionNetwork network = prediction_network("crc.safetensors");
//   const std::vector<float> logits = patch_logits(network, model, patches, workshop);
//   write_file_atomically("images.csv", image_predictions_csv(network, all_images, skipped, *patches,
//   logits));
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/configured_plugin.hpp"
#include "patches/patch_set.hpp"
#include "tasks/workshop.hpp"
#include "tensors/safetensors.hpp"
#include "training/normalization.hpp"

namespace histokt {

// A checkpoint with all that must be known to use it on new pictures.
struct PredictionNetwork {
  std::string name;  // of its file
  TensorFile weights;
  std::string model;  // the plugin's name
  std::vector<std::string> classes;
  bool multi_label = false;
  int patch_side = 0;  // pixels
  double microns_per_pixel = 0;
  Normalization normalization;
  std::optional<std::string> rounding;  // of rescaled pictures; nothing where the checkpoint does not tell
};

// Reads a checkpoint. Throws RunError where its metadata does not say one of these.
PredictionNetwork prediction_network(const std::filesystem::path& checkpoint);

// (N, C), of all patches in their order. Throws RunError where the network does not fit the model or gives
// what is no number, Interrupted.
std::vector<float> patch_logits(const PredictionNetwork& network, const ConfiguredPlugin& model,
                                const std::shared_ptr<const PatchSet>& patches, const Workshop& workshop);

// A row a patch: id, image, left, top, predicted, a probability and a logit per class. Probabilities are
// softmax's, or each class's own where there are several labels; `predicted` is then every class above 1/2,
// with ';' between them.
std::string patch_predictions_csv(const PredictionNetwork& network, const PatchSet& patches,
                                  std::span<const float> logits);

// A row an image, in the order of `images`: image, state, patches, predicted, and per class the mean
// probability over its patches. State is "predicted", "background" (the filter dropped all patches) or
// "unreadable" (one of `skipped`); the last two have no prediction.
std::string image_predictions_csv(const PredictionNetwork& network, const std::vector<std::string>& images,
                                  const std::vector<std::string>& skipped, const PatchSet& patches,
                                  std::span<const float> logits);

}  // namespace histokt
