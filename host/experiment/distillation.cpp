#include "experiment/distillation.hpp"

#include <spdlog/spdlog.h>

#include <memory>
#include <optional>

#include "base/digest.hpp"
#include "base/errors.hpp"
#include "base/text.hpp"
#include "distill/merge.hpp"
#include "experiment/network.hpp"
#include "experiment/version.hpp"
#include "tensors/weights.hpp"

namespace histokt {
namespace {

// What is the same in all sources stays; a model or scale that differs is refused.
CheckpointInfo common_info(const std::vector<MergeInput>& sources) {
  CheckpointInfo common = info_of(sources.front().content, sources.front().name);
  for (const MergeInput& source : sources) {
    const CheckpointInfo info = info_of(source.content, source.name);
    const auto refuse = [&](const char* what, const std::string& first, const std::string& other) {
      throw RunError(source.name + " has " + what + " " + other + ", " + sources.front().name + " has " + first +
                     "; only networks of one architecture, patch side and scale can be merged");
    };
    if (info.model && common.model && info.model != common.model) refuse("the model", *common.model, *info.model);
    if (info.patch_side && common.patch_side && info.patch_side != common.patch_side) {
      refuse("a patch side of", std::to_string(*common.patch_side), std::to_string(*info.patch_side));
    }
    if (info.microns_per_pixel && common.microns_per_pixel && info.microns_per_pixel != common.microns_per_pixel) {
      refuse("microns per pixel", number_text(*common.microns_per_pixel), number_text(*info.microns_per_pixel));
    }
    if (info.classes != common.classes) common.classes.reset();
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

std::vector<TensorRole> roles_from(const ConfiguredPlugin* model, const std::vector<MergeInput>& sources) {
  if (!model) return {};
  const StoredTensor* head = nullptr;
  for (const StoredTensor& tensor : sources.front().content.tensors) {
    if (tensor.name.ends_with("fc.bias")) head = &tensor;
  }
  const std::int64_t classes = head && !head->shape.empty() ? head->shape[0] : 2;
  Network network(*model, std::max<std::int64_t>(classes, 1), 0);
  std::vector<TensorRole> roles;
  for (const ModelTensor& tensor : network.model().tensors()) {
    roles.push_back({tensor.name, tensor.role, tensor.channels});
  }
  return roles;
}

// The plugin's object, destroyed whatever happens.
class DistillerObject {
 public:
  explicit DistillerObject(const ConfiguredPlugin& distiller)
      : api_(distiller.plugin->api<histokt_distiller_api>()),
        host_(distiller.plugin->title(), distiller.plugin->file(), std::filesystem::path()) {
    host_.call("starting", [&] { return api_.create(host_.raw(), &distiller.options.settings(), &object_); });
    if (!object_) host_.fault("starting", "the plugin says it is done but made no distiller");
  }
  ~DistillerObject() {
    host_.call_last("ending", [&] { api_.destroy(object_); });
  }
  DistillerObject(const DistillerObject&) = delete;
  DistillerObject& operator=(const DistillerObject&) = delete;

  void merge(const histokt_merge& merge) {
    host_.call("merging", [&] { return api_.merge(object_, &merge); });
  }

 private:
  const histokt_distiller_api& api_;
  PluginHost host_;
  histokt_distiller* object_ = nullptr;
};

}  // namespace

void distill_checkpoints(const ConfiguredPlugin& distiller, const std::vector<std::string>& names,
                         const std::vector<std::filesystem::path>& checkpoints, const ConfiguredPlugin* model,
                         const std::filesystem::path& base, const std::filesystem::path& output) {
  std::vector<MergeInput> sources;
  for (std::size_t i = 0; i < checkpoints.size(); ++i) {
    sources.push_back({names[i], read_weights(checkpoints[i])});
  }
  if (sources.size() > 1) {  // one alone is what a control of an experiment asks for
    for (const std::string& warning : merge_warnings(sources)) spdlog::warn("{}", warning);
  }
  CheckpointInfo info = common_info(sources);
  Json made_of = provenance(distiller, sources);
  std::optional<MergeInput> base_input;
  if (!base.empty()) {
    base_input = MergeInput{"the base " + base.string(), read_weights(base)};
    made_of["base"] = {{"name", base.filename().string()}, {"sha256", sha256_of_file(base)}};
  }
  info.provenance = made_of.dump();

  DistillerObject object(distiller);
  TensorFile merged = merge_tensors(sources, base_input ? &*base_input : nullptr, roles_from(model, sources),
                                    [&](const histokt_merge& merge) { object.merge(merge); },
                                    distiller.plugin->title());
  const bool headless = merged.metadata.contains("head");
  if (headless) {
    spdlog::info("the sources' heads have other class counts, so the result has none; tuning makes a fresh one");
    info.classes.reset();
  }
  for (auto& [key, value] : to_metadata(info)) merged.metadata[key] = value;
  write_safetensors(output, merged);
}

}  // namespace histokt
