// SPDX-License-Identifier: MIT
// Checkpoints: a network's tensors in a file, with the metadata needed to use them.
#pragma once

#include <torch/types.h>

#include <array>
#include <histokt/model.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tensors/safetensors.hpp"
#include "training/normalization.hpp"

namespace histokt {

using Metadata = std::map<std::string, std::string>;

// The metadata of a checkpoint. A file made elsewhere has none of it.
struct CheckpointInfo {
  std::optional<std::string> model;  // the plugin's name
  std::optional<std::vector<std::string>> classes;
  std::optional<bool> multi_label;
  std::optional<int> patch_side;  // pixels
  std::optional<double> microns_per_pixel;
  std::optional<std::string> rounding;  // of rescaled images: standardize.rounding
  std::optional<Normalization> normalization;
  std::optional<std::string> provenance;  // how it was made, as its maker describes it

  bool operator==(const CheckpointInfo&) const = default;
};

// Conversion to the texts of a file's "__metadata__" (lists as JSON), and back. Reading throws RunError that
// names an invalid entry; unknown entries are ignored.
Metadata to_metadata(const CheckpointInfo& info);
CheckpointInfo checkpoint_info(const Metadata& metadata);

// The bytes of a tensor on any device and in any memory format, rows first. Throws RunError for a dtype that
// files cannot hold.
StoredTensor stored(const std::string& name, const torch::Tensor& tensor);
// A tensor on the CPU with memory of its own.
torch::Tensor to_torch(const StoredTensor& tensor);

// The model's state dict, in its order and under its names.
TensorFile to_tensor_file(Model& model, Metadata metadata);

struct LoadOptions {
  // Tensors of the head that are missing or of another shape stay as they are in the model: the file has
  // other classes, and tuning replaces the head. Not needed if the classes are the same.
  bool allow_other_head = false;
};

// Copies the file's tensors into the model's, converting floating types. Batch-norm's num_batches_tracked may
// be missing, as old exports lack it. Throws RunError that names every tensor that is missing, extra or of
// another shape; then the model is as it was.
void load_into(Model& model, const TensorFile& file, const LoadOptions& options = {});

}  // namespace histokt
