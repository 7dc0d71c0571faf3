// SPDX-License-Identifier: MIT
// The file features.safetensors: the features of a network for one part of a split.
//
//   features    float32 (N, D)     the activations before the head
//   logits      float32 (N, C')    if the weights' file has a head and names its classes
//   label       int64 (N), or uint8 (N, C): as in the patch set
//   row         int64 (N)          the patch's row in the patch set
//   id, group   uint8 (bytes)      UTF-8 text, all entries concatenated
//   id_offsets, group_offsets      int64 (N + 1): where each entry begins
//
// Metadata: format_version ("1"), dataset, part ("train", "valid" or "test"), model, checkpoint (SHA-256 of
// the weights), split (the split's digest), mean, std (used to normalise the patches), classes (of the
// dataset, as JSON), source_classes (of the logits, likewise; only with logits), multi_label ("true",
// "false"), group_level. Needs no libtorch.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tensors/safetensors.hpp"
#include "training/normalization.hpp"

namespace histokt {

struct FeatureInfo {
  std::string dataset, part, model;
  std::string checkpoint, split;  // digests
  Normalization normalization;
  std::vector<std::string> classes;
  std::vector<std::string> source_classes;  // empty without logits
  bool multi_label = false;
  std::string group_level;
};

struct FeatureTable {
  FeatureInfo info;
  StoredTensor features, label;
  std::optional<StoredTensor> logits;
  std::vector<std::int64_t> row;
  std::vector<std::string> id, group;

  std::int64_t size() const { return features.shape.at(0); }
  std::int64_t dimension() const { return features.shape.at(1); }
};

// The same bytes for the same content, whole or not at all. Throws RunError.
void write_features(const std::filesystem::path& file, const FeatureTable& table);

// Trusts nothing in the file. Throws RunError that names it and what is wrong.
FeatureTable read_features(const std::filesystem::path& file);

}  // namespace histokt
