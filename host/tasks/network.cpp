// SPDX-License-Identifier: MIT
#include "tasks/network.hpp"

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/errors.hpp"
#include "base/text.hpp"
#include "tasks/guarded_network.hpp"

namespace histokt {
namespace {

// How a network that was made so had its images rounded, as far as the protocol tells. `levels` of merges
// of merges are looked at.
std::optional<std::string> rounding_by(const nlohmann::json& made, int levels = 8) {
  if (!made.is_object() || levels == 0) return std::nullopt;
  const nlohmann::json protocol = made.value("protocol", nlohmann::json());
  if (protocol == "paper") return "truncate";
  if (protocol == "clean") return "nearest";
  const nlohmann::json sources = made.value("sources", nlohmann::json());
  std::optional<std::string> common;
  for (std::size_t i = 0; sources.is_array() && i < sources.size(); ++i) {
    if (!sources[i].is_object()) return std::nullopt;
    const std::optional<std::string> one =
        rounding_by(sources[i].value("provenance", nlohmann::json()), levels - 1);
    if (!one || (common && common != one)) return std::nullopt;
    common = one;
  }
  return common;
}

}  // namespace

Network::Network(const ConfiguredPlugin& plugin, std::int64_t classes, std::uint64_t seed)
    : host_(std::make_unique<PluginHost>(plugin.plugin->title(), plugin.plugin->file(),
                                         std::filesystem::path())),
      model_(make_model(plugin, *host_, classes, seed)) {}

void require_patches(const SplitSet& split, Split part, const std::string& dataset, const std::string& why) {
  if (split.count(part) > 0) return;
  throw RunError(dataset + " has no " + split_name(part) + " patches under its split (" +
                 protocol_name(split.protocol()) + ", level " + split.group_level() + ")" + why +
                 "; set the dataset's shares, a finer group, or split = \"paper\"");
}

CheckpointInfo info_of(const TensorFile& file, const std::string& name) {
  try {
    CheckpointInfo info = checkpoint_info(file.metadata);
    if (!info.rounding && info.provenance) {
      info.rounding = rounding_by(nlohmann::json::parse(*info.provenance, nullptr, false));
    }
    return info;
  } catch (const RunError& error) {
    throw RunError(name + ": " + error.what());
  }
}

void load(Network& network, const TensorFile& file, const std::string& name, const LoadOptions& options) {
  try {
    load_into(network.model(), file, options);
  } catch (const RunError& error) {
    throw RunError(name + ": " + error.what());
  }
}

void check_fits(const CheckpointInfo& info, const std::string& model, const PatchSet& patches,
                const std::string& name) {
  const PatchSetInfo& set = patches.info();
  if (info.model && *info.model != model) {
    throw RunError(name + " holds weights of the model \"" + *info.model + "\", expected \"" + model +
                   "\"; name that model, or give another checkpoint");
  }
  if (info.patch_side && *info.patch_side != set.patch_side) {
    throw RunError(name + " was trained on patches of " + std::to_string(*info.patch_side) + " pixels, but " +
                   set.dataset + " has patches of " + std::to_string(set.patch_side) +
                   "; standardise both with the same standardize.patch_side");
  }
  if (info.microns_per_pixel && std::abs(*info.microns_per_pixel - set.microns_per_pixel) > 1e-9) {
    throw RunError(name + " was trained at " + number_text(*info.microns_per_pixel) +
                   " microns per pixel, but " + set.dataset + " is at " + number_text(set.microns_per_pixel) +
                   "; standardise both to the same standardize.microns_per_pixel");
  }
}

void check_classes(const CheckpointInfo& info, const PatchSet& patches, const std::string& name) {
  const auto kind = [](bool multi_label) { return multi_label ? "several labels" : "one label"; };
  if (info.multi_label && *info.multi_label != patches.info().multi_label) {
    throw RunError(name + " was trained for " + kind(*info.multi_label) + " per patch, but those of " +
                   patches.info().dataset + " have " + kind(patches.info().multi_label) +
                   "; tune it on this dataset, or give another checkpoint");
  }
  if (info.classes && *info.classes != patches.info().classes) {
    throw RunError(name + " was trained for the classes " + joined(*info.classes) + ", but " +
                   patches.info().dataset + " has " + joined(patches.info().classes) +
                   "; tune it on this dataset, or give the dataset the same classes in the same order");
  }
}

}  // namespace histokt
