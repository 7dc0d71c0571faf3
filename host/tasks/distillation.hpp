// SPDX-License-Identifier: MIT
// Merging checkpoints with a distiller plugin.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "config/configured_plugin.hpp"
#include "tasks/merge_data.hpp"

namespace histokt {

// Inputs of a merge besides the networks.
struct MergeExtras {
  MergePatches patches;  // for distillers that learn from them
  // A patch set with its split, whose training patches recompute batch-norm's running statistics after the
  // merge; empty: they stay as the distiller made them.
  std::filesystem::path recalibrate;
  std::size_t recalibration_patches = kRecalibrationPatches;  // drawn by patches.seed; 0: all
  int threads = 1;                                            // of the distiller and of the BLAS it uses
  // A control: a single source put through the same steps. If the distiller refuses it, it is taken as it is,
  // and there are no warnings.
  bool is_control = false;
};

// The roles that the model declares for its tensors, whatever its number of classes; empty for nullptr.
// Throws RunError naming the plugin.
std::vector<TensorRole> roles_from(const ConfiguredPlugin* model);

// Reads the checkpoints, merges them and writes `output` with their provenance in its metadata. names: of the
// sources, for messages. model: of the sources, for the roles and ties of their tensors; nullptr: roles are
// inferred from names and ranks, and no channels are tied. base: what the sources were tuned from, for
// distillers that need it; otherwise empty. Throws RequestError if the distiller needs a base, patches or a
// model that are not given, or does not use those that are, and RunError if the sources do not fit each other
// or their patches, or the plugin fails.
void distill_checkpoints(const ConfiguredPlugin& distiller, const std::vector<std::string>& names,
                         const std::vector<std::filesystem::path>& checkpoints, const ConfiguredPlugin* model,
                         const std::filesystem::path& base, const std::filesystem::path& output,
                         const MergeExtras& extras = {});

}  // namespace histokt
