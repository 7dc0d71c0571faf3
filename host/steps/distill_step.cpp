// SPDX-License-Identifier: MIT
#include <chrono>

#include "base/digest.hpp"
#include "base/errors.hpp"
#include "base/files.hpp"
#include "distill/norms.hpp"
#include "steps/catalogue.hpp"
#include "steps/steps.hpp"
#include "tasks/distillation.hpp"

namespace histokt {
namespace {

constexpr const char* kFile = "checkpoint.safetensors";

std::string numbered_role(const char* role, std::size_t i) {
  return std::string(role) + "-" + std::to_string(i + 1);
}

// A network of one source that came out as that source becomes its very file: what is made from it is then
// what is made from the source itself, and nothing is trained twice.
void hand_on_unchanged(const std::filesystem::path& source, const std::filesystem::path& output) {
  if (same_tensors(read_safetensors(output), read_safetensors(source)))
    write_file_atomically(output, read_file(source));
}

void check_unchanged(const MergeBase& base) {
  if (base.file.empty() || sha256_of_file(base.file) == base.digest) return;
  throw RunError(base.file.string() +
                 ": this base has changed since the run started; run the same command again");
}

Json norms_of(const std::filesystem::path& merged, const std::vector<std::filesystem::path>& sources,
              const ConfiguredPlugin& model) {
  const std::vector<TensorRole> roles = roles_from(&model);
  Json norms = {{"merged", encoder_norm(read_safetensors(merged), roles)}, {"sources", Json::array()}};
  for (const std::filesystem::path& source : sources)
    norms["sources"].push_back(encoder_norm(read_safetensors(source), roles));
  return norms;
}

}  // namespace

std::unique_ptr<Step> distill_step(const Experiment& experiment, const PluginChoice& distiller,
                                   const std::vector<std::string>& names,
                                   const std::vector<Step*>& candidates, const MergeBase& base,
                                   const ConfiguredPlugin& model, const ComputeContext& compute,
                                   const MergeSplits& splits, bool is_control) {
  const ConfiguredPlugin configured = configure(experiment, HISTOKT_DISTILLER, distiller);
  const Plugin& plugin = *configured.plugin;
  auto step = new_step(PlanPart::kDistill);
  step->label = plugin.name();
  for (const std::string& name : names) step->label += "-" + name;
  step->options = {{"distiller", configured.json()}, {"model", model.json()}};
  if (!base.file.empty()) step->options["base"] = base.digest;
  step->plugins = {plugin_json(plugin), plugin_json(*model.plugin)};
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    step->inputs.push_back({numbered_role("source", i), candidates[i], "winner"});
  }
  step->may_pass_on_its_input = candidates.size() == 1;  // see hand_on_unchanged
  const bool learns = plugin.needs_data(), recalibrates = splits.recalibrate != nullptr;
  for (std::size_t i = 0; learns && i < splits.sources.size(); ++i) {
    step->inputs.push_back({numbered_role("patches", i), splits.sources[i], "split"});
  }
  if (recalibrates) {
    step->inputs.push_back({"recalibrate", splits.recalibrate, "split"});
    step->options["recalibration_patches"] = splits.recalibration_patches;
  }
  if (learns || recalibrates) {  // then networks run
    step->options["seed"] = experiment.seed;
    step->options["device"] = compute.device;
    step->options["precision"] = compute.precision;
  }
  step->work = [configured, names, base, model, is_control, learns, recalibrates, seed = experiment.seed,
                recalibration_patches = splits.recalibration_patches, &compute](StepContext& context) {
    std::vector<std::filesystem::path> files;
    MergeExtras extras;
    for (std::size_t i = 0; i < names.size(); ++i) {
      files.push_back(context.file(numbered_role("source", i)));
      if (learns) extras.patches.files.push_back(context.file(numbered_role("patches", i)));
    }
    extras.patches.seed = seed;
    extras.patches.compute = &compute;
    if (recalibrates) extras.recalibrate = context.file("recalibrate");
    extras.recalibration_patches = static_cast<std::size_t>(recalibration_patches);
    extras.threads = compute.threads;
    extras.is_control = is_control;
    check_unchanged(base);
    const auto start = std::chrono::steady_clock::now();
    const std::filesystem::path output = context.folder() / kFile;
    distill_checkpoints(configured, names, files, &model, base.file, output, extras);
    if (files.size() == 1) hand_on_unchanged(files.front(), output);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return StepResult{{{"checkpoint", {sha256_of_file(output), kFile}}},
                      {{"sources", names}, {"seconds", seconds}, {"norms", norms_of(output, files, model)}}};
  };
  return step;
}

}  // namespace histokt
