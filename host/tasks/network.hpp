// SPDX-License-Identifier: MIT
// A network of a model plugin, with its plugin host.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <filesystem>
#include <histokt/model.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/configured_plugin.hpp"
#include "patches/patch_set.hpp"
#include "patches/split_set.hpp"
#include "plugins/plugin_host.hpp"
#include "training/checkpoint.hpp"

namespace histokt {

// Belongs to one thread at a time. Destroy before main returns.
class Network {
 public:
  // Random weights from the seed. Throws RunError naming the plugin.
  Network(const ConfiguredPlugin& plugin, std::int64_t classes, std::uint64_t seed);

  Model& model() { return *model_; }

 private:
  std::unique_ptr<PluginHost> host_;
  std::unique_ptr<Model> model_;
};

// Throws RunError if that split is empty. why: ": training needs both", appended to the error.
void require_patches(const SplitSet& split, Split part, const std::string& dataset, const std::string& why);

// checkpoint_info() and load_into(), with the file's name in front of their errors. Older checkpoints do not
// say how images were rounded: it then follows from their protocol, or that of all their sources.
CheckpointInfo info_of(const TensorFile& file, const std::string& name);
void load(Network& network, const TensorFile& file, const std::string& name, const LoadOptions& options = {});

// Refuses weights on patches they were not made for: another model, patch side or scale, each with both
// values. `name` is the checkpoint's, for the error. What the checkpoint does not record is not checked.
void check_fits(const CheckpointInfo& info, const std::string& model, const PatchSet& patches,
                const std::string& name);

// The same for the classes and the kind of label: needed if the head is used as it is.
void check_classes(const CheckpointInfo& info, const PatchSet& patches, const std::string& name);

}  // namespace histokt
