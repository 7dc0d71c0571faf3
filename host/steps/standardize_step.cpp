// SPDX-License-Identifier: MIT
#include "base/errors.hpp"
#include "config/standardize_options.hpp"
#include "patches/patch_set.hpp"
#include "patches/root_digest.hpp"
#include "steps/catalogue.hpp"
#include "steps/steps.hpp"
#include "tasks/plugin_dataset.hpp"

namespace histokt {
namespace {

constexpr const char* kFile = "patches.h5";
constexpr const char* kSheet = "contact.png";  // for people; no digest has it

Json summary_of(const StandardizeSummary& made) {
  return {{"images", made.images},
          {"patches", made.patches},
          {"dropped_background", made.dropped_background},
          {"dropped_uncovered", made.dropped_uncovered},
          {"skipped_images", made.skipped_images}};
}

}  // namespace

std::map<std::string, std::size_t> skipped_images(const Step& step) {
  std::map<std::string, std::size_t> counts;
  for (const Step* behind : step.ancestry()) {
    if (!is(*behind, PlanPart::kStandardize) || !behind->record) continue;
    const Json& summary = behind->record->result.summary;
    const std::size_t count = summary.at("skipped_images").size();
    if (count > 0) counts[behind->label] = count;
  }
  return counts;
}

std::unique_ptr<Step> standardize_step(const Experiment& experiment, const DatasetConfig& dataset,
                                       const ComputeContext& compute) {
  const ConfiguredPlugin configured = configure(experiment, HISTOKT_DATASET, dataset.plugin);
  const Plugin& plugin = *configured.plugin;
  const OptionSet& options = configured.options;
  const OptionSet how = resolve_standardize(dataset.standardize, experiment.source, experiment.protocol);
  if (dataset.root.empty() && !plugin.root_optional()) {
    throw RequestError(dataset.where + dataset.plugin.where + " needs a root: the folder of the images.");
  }

  auto step = new_step(PlanPart::kStandardize);
  step->label = dataset.name;
  step->options = {{"dataset", dataset.name},
                   {"use", plugin.name()},
                   {"options", options.json()},
                   {"standardize", how.json()},
                   {"protocol", protocol_name(experiment.protocol)}};
  // What lies at a path that an option names is not looked at; the root's content is.
  if (!dataset.root.empty()) step->options["root"] = digest_root(dataset.root).hex;
  step->plugins.push_back(plugin_json(plugin));
  step->work = [&plugin, &compute, options, how, &dataset,
                protocol = experiment.protocol](StepContext& context) {
    const OpenedDataset opened = open_dataset(plugin, options, dataset.name, dataset.root,
                                              compute.scratch / plugin.name(), max_pixels(how));
    const StandardizeRequest request = standardize_request(how, protocol, opened.overlap, plugin);
    const StandardizeSummary made = standardize_with_progress(
        *opened.dataset, request, context.folder() / kFile, context.folder() / kSheet, compute.threads);
    return StepResult{{{"patches", {made.digest, kFile}}}, summary_of(made)};
  };
  return step;
}

std::unique_ptr<Step> same_classes_step(const std::string& source, Step* source_patches,
                                        const std::string& target, Step* target_patches,
                                        const std::string& where) {
  auto step = new_step(PlanPart::kCheckClasses);
  step->label = source + "-" + target;
  step->inputs = {{"source", source_patches, "patches"}, {"target", target_patches, "patches"}};
  step->work = [source, target, where](StepContext& context) {
    const auto classes = [&](const std::string& role) { return PatchSet(context.file(role)).info().classes; };
    if (classes("source") != classes("target")) {
      throw RunError(where + "layers = \"none\" evaluates a model as it is, but " + source + " and " +
                     target + " have different classes (" + Json(classes("source")).dump() + " and " +
                     Json(classes("target")).dump() +
                     "). Tune with layers = \"head\" or \"all\", or give both datasets the same classes in "
                     "the same order with the dataset's options.");
    }
    return StepResult{{{"checked", {context.output("source").digest, ""}}}, Json::object()};
  };
  return step;
}

}  // namespace histokt
