// SPDX-License-Identifier: MIT
#include "tasks/distillation.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "base/digest.hpp"
#include "base/errors.hpp"
#include "base/progress.hpp"
#include "base/text.hpp"
#include "base/version.hpp"
#include "distill/merge.hpp"
#include "patches/split_set.hpp"
#include "tasks/distiller_object.hpp"
#include "tasks/network.hpp"
#include "tensors/weights.hpp"
#include "training/inference.hpp"
#include "training/recalibrate.hpp"

namespace histokt {
namespace {

// What is the same in all sources stays; a model or scale that differs is refused.
CheckpointInfo common_info(const std::vector<MergeInput>& sources) {
  CheckpointInfo common = info_of(sources.front().content, sources.front().name);
  for (const MergeInput& source : sources) {
    const CheckpointInfo info = info_of(source.content, source.name);
    const auto refuse = [&](const char* what, const std::string& first, const std::string& other) {
      throw RunError(source.name + " has " + what + " " + other + ", " + sources.front().name + " has " +
                     first + "; only models of the same architecture, patch side and scale can be merged");
    };
    if (info.model && common.model && info.model != common.model)
      refuse("the model", *common.model, *info.model);
    if (info.patch_side && common.patch_side && info.patch_side != common.patch_side) {
      refuse("a patch side of", std::to_string(*common.patch_side), std::to_string(*info.patch_side));
    }
    if (info.microns_per_pixel && common.microns_per_pixel &&
        info.microns_per_pixel != common.microns_per_pixel) {
      refuse("microns per pixel", number_text(*common.microns_per_pixel),
             number_text(*info.microns_per_pixel));
    }
    if (info.classes != common.classes) common.classes.reset();
    if (info.rounding != common.rounding) common.rounding.reset();
    if (info.normalization != common.normalization) common.normalization.reset();
    if (info.multi_label != common.multi_label) common.multi_label.reset();
  }
  return common;
}

Json provenance(const ConfiguredPlugin& distiller, const std::vector<MergeInput>& sources) {
  Json json = {{"distiller", distiller.json()}, {"program", program_version()}, {"sources", Json::array()}};
  for (const MergeInput& source : sources) {
    const auto& metadata = source.content.metadata;
    const auto found = metadata.find("provenance");
    json["sources"].push_back(
        {{"name", source.name},
         {"provenance", found == metadata.end() ? Json() : Json::parse(found->second, nullptr, false)}});
  }
  return json;
}

// Which patches the sources' networks were run on.
Json provenance_of(const MergePatches& patches) {
  Json json = {{"seed", patches.seed}, {"sources", Json::array()}};
  for (const std::filesystem::path& file : patches.files) {
    const SplitSet split(file, TestPart::kClosed);
    json["sources"].push_back({{"dataset", split.patches()->info().dataset}, {"split", split.digest()}});
  }
  return json;
}

// Makes the running statistics in `merged` anew and returns what is to be said of it.
Json recalibrate_statistics(TensorFile& merged, const CheckpointInfo& info, const ConfiguredPlugin& model,
                            const MergeExtras& extras) {
  const std::string name = "the merged network";
  const SplitSet split(extras.recalibrate, TestPart::kClosed);
  const PatchSet& patches = *split.patches();
  require_patches(split, Split::kTrain, patches.info().dataset,
                  ": batch-norm's statistics are computed from them");
  check_fits(info, model.plugin->name(), patches, name);

  const Runtime& runtime = *extras.patches.compute->runtime;
  use(runtime);
  Network network(model, patches.class_count(), 0);
  load(network, merged, name, {.allow_other_head = true});
  place(network.model(), runtime);
  const SplitView train = split.train();
  DrawnPatches drawn;
  drawn.normalization = info.normalization.value_or(Normalization{split.mean(), split.standard_deviation()});
  drawn.count = extras.recalibration_patches;
  drawn.loader_threads = extras.patches.compute->loader_threads;
  drawn.seed = extras.patches.seed;
  const std::size_t count = drawn.count == 0 ? train.size() : std::min(drawn.count, train.size());
  drawn.on_progress = [](std::size_t done, std::size_t all) {
    show_live_line("batch-norm's statistics: " + std::to_string(done) + " of " + std::to_string(all) +
                   " patches");
    if (done == all) clear_live_line();
  };
  const std::size_t norms = recalibrate(network.model(), train, drawn, runtime);
  if (norms == 0)
    spdlog::warn("the model {} has no running statistics that could be recalibrated", model.plugin->name());
  for (const ModelTensor& entry : network.model().tensors()) {
    if (!entry.name.ends_with(".running_mean") && !entry.name.ends_with(".running_var")) continue;
    const auto same = [&](const StoredTensor& tensor) { return tensor.name == entry.name; };
    *std::ranges::find_if(merged.tensors, same) = stored(entry.name, entry.tensor);
  }
  spdlog::info("batch-norm's statistics of {} norms were recomputed on {} of the {} training patches of {}",
               norms, count, train.size(), patches.info().dataset);
  return {{"dataset", patches.info().dataset},
          {"split", split.digest()},
          {"patches", count},
          {"norms", norms},
          {"seed", drawn.seed},
          {"mean", drawn.normalization.mean},
          {"std", drawn.normalization.deviation}};
}

void check_base(const Plugin& distiller, const std::filesystem::path& base) {
  if (distiller.needs_base() && base.empty()) {
    throw RequestError(
        distiller.title() +
        " needs a base, the checkpoint that the sources were tuned from, and none is given: add --base FILE");
  }
  if (!distiller.needs_base() && !base.empty()) {
    throw RequestError(distiller.title() + " uses no base; leave out --base");
  }
}

// The sources as the distiller merges them, or, where a control is refused, its source as it is: then
// `refusal` says why.
TensorFile merged_by(DistillerObject& object, const Plugin& distiller, const std::vector<MergeInput>& sources,
                     const MergeInput* base, const ConfiguredPlugin* model, bool is_control,
                     std::string& refusal) {
  try {
    object.check_sources(sources.size());
    return merge_tensors(
        sources, base, roles_from(model), [&](const histokt_merge& merge) { object.merge(merge); },
        distiller.title());
  } catch (const RequestError& error) {
    if (!is_control) throw;
    refusal = error.what();
    spdlog::debug("{}: passed on unchanged, since {}", sources.front().name, refusal);
    return {.tensors = sources.front().content.tensors, .metadata = {}};
  }
}

}  // namespace

// What the model says of its tensors, which does not depend on how many classes it tells apart.
std::vector<TensorRole> roles_from(const ConfiguredPlugin* model) {
  if (!model) return {};
  Network network(*model, 2, 0);
  std::vector<TensorRole> roles;
  for (const ModelTensor& tensor : network.model().tensors()) {
    roles.push_back({tensor.name, tensor.role, tensor.channels});
  }
  return roles;
}

void distill_checkpoints(const ConfiguredPlugin& distiller, const std::vector<std::string>& names,
                         const std::vector<std::filesystem::path>& checkpoints, const ConfiguredPlugin* model,
                         const std::filesystem::path& base, const std::filesystem::path& output,
                         const MergeExtras& extras) {
  check_base(*distiller.plugin, base);
  std::vector<MergeInput> sources;
  for (std::size_t i = 0; i < checkpoints.size(); ++i) {
    sources.push_back({names[i], read_weights(checkpoints[i])});
  }
  if (!extras.is_control) {
    for (const std::string& warning : merge_warnings(sources)) spdlog::warn("{}", warning);
  }
  CheckpointInfo info = common_info(sources);
  Json made_of = provenance(distiller, sources);
  std::optional<MergeInput> base_input;
  if (!base.empty()) {
    base_input = MergeInput{"the base " + base.string(), read_weights(base)};
    made_of["base"] = {{"name", base.filename().string()}, {"sha256", sha256_of_file(base)}};
  }
  if (!extras.recalibrate.empty() && !model) {
    throw RequestError(
        "batch-norm's statistics are computed by running the merged model, and no source says which model "
        "plugin it needs: name it with --model");
  }
  MergeData data(*distiller.plugin, sources, model, extras.patches);
  if (!extras.patches.files.empty()) made_of["patches"] = provenance_of(extras.patches);

  use_threads(extras.threads);
  DistillerObject object(distiller, extras.threads, [&](PluginHost& host) { data.offer_to(host); });
  std::string refusal;
  TensorFile merged = merged_by(object, *distiller.plugin, sources, base_input ? &*base_input : nullptr,
                                model, extras.is_control, refusal);
  if (!refusal.empty()) made_of["handed_on"] = refusal;
  const bool headless = merged.metadata.contains("head");
  if (headless) {
    spdlog::info(
        "the sources' heads have different numbers of classes, so the merge has no head; tuning makes a new "
        "one");
    info.classes.reset();
  }
  if (!extras.recalibrate.empty())
    made_of["recalibrated"] = recalibrate_statistics(merged, info, *model, extras);
  info.provenance = made_of.dump();
  for (auto& [key, value] : to_metadata(info)) merged.metadata[key] = value;
  write_safetensors(output, merged);
}

}  // namespace histokt
