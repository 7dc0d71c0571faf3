// Merging checkpoints with a distiller plugin.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "config/configured_plugin.hpp"
#include "tasks/merge_data.hpp"

namespace histokt {

// What a merge takes beside networks.
struct MergeExtras {
  MergePatches patches;  // for distillers that learn from them
  // A patch set with its split, on whose training patches batch-norm's running statistics are made anew once
  // the networks are merged; empty: they stay as the distiller made them.
  std::filesystem::path recalibrate;
  std::size_t recalibration_patches = kRecalibrationPatches;  // drawn by patches.seed; 0: all
  int threads = 1;  // of the distiller's work, and of the BLAS that it multiplies with
  // One source alone, put through the same steps to compare merges with: where the distiller refuses it, it
  // is taken as it is, and nothing is warned of.
  bool is_control = false;
};

// What the model says of its tensors, however many classes it tells apart; nothing for nullptr. Throws
// RunError naming the plugin.
std::vector<TensorRole> roles_from(const ConfiguredPlugin* model);

// Reads the checkpoints, merges them and writes `output`, which says in its metadata what it was made of.
// names: of the sources, for messages. model: of the sources, for the roles and ties of their tensors;
// nullptr: roles are told from names and ranks, and no channels are tied. base: what the sources were tuned
// from, for distillers that need it; else empty. Throws RequestError where the distiller needs a base,
// patches or a model that are not given, or has no use for those that are, and RunError where the sources do
// not fit each other or their patches, or the plugin fails.
void distill_checkpoints(const ConfiguredPlugin& distiller, const std::vector<std::string>& names,
                         const std::vector<std::filesystem::path>& checkpoints, const ConfiguredPlugin* model,
                         const std::filesystem::path& base, const std::filesystem::path& output,
                         const MergeExtras& extras = {});

}  // namespace histokt
