// SPDX-License-Identifier: MIT
#include <array>

#include "base/digest.hpp"
#include "base/errors.hpp"
#include "base/progress.hpp"
#include "steps/features.hpp"
#include "steps/open_split.hpp"
#include "steps/step_graph.hpp"
#include "steps/training_start.hpp"
#include "tasks/network.hpp"
#include "tensors/weights.hpp"
#include "training/inference.hpp"
#include "training/loader.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFile = "features.safetensors";

// Whether the file has the model's head, for classes that it names.
bool has_head(Network& network, const TensorFile& weights, const CheckpointInfo& info) {
  if (!info.classes || weights.metadata.contains("head")) return false;
  bool any = false;
  for (const ModelTensor& tensor : network.model().tensors()) {
    if (tensor.role != HISTOKT_ROLE_HEAD) continue;
    const StoredTensor* found = weights.find(tensor.name);
    if (!found || found->shape != tensor.tensor.sizes().vec()) return false;
    any = true;
  }
  return any;
}

FeatureInfo described(const TrainRun& start, const SplitSet& split, Split part, const StepContext& context) {
  const PatchSetInfo& patches = split.patches()->info();
  FeatureInfo info;
  info.dataset = patches.dataset;
  info.part = split_word(part);
  info.model = start.model.plugin->name();
  info.checkpoint = start.initial ? context.output("initial").digest : start.weights_digest;
  info.split = split.digest();
  info.classes = patches.classes;
  info.multi_label = patches.multi_label;
  info.group_level = split.group_level();
  return info;
}

void take_columns(const SplitView& view, FeatureTable& table) {
  table.label = stored("label", view.multi_label() ? labels_of(view).to(torch::kUInt8) : labels_of(view));
  const PatchTable& patches = view.patches().table();
  for (std::size_t i = 0; i < view.size(); ++i) {
    const std::size_t row = view.index_in_set(i);
    table.row.push_back(static_cast<std::int64_t>(row));
    table.id.push_back(patches.id[row]);
    table.group.push_back(patches.group[row]);
  }
}

FeatureTable make_features(const TrainRun& start, Split part, const ComputeContext& compute,
                           const StepContext& context) {
  const SplitSet split = open_split(context);
  const PatchSet& patches = *split.patches();
  require_patches(split, part, patches.info().dataset, ": features need some (probe = false does without)");
  const SplitView view = split.open(part);
  const fs::path file = initial_file(start, context);
  const TensorFile weights = read_weights(file);
  const CheckpointInfo info = info_of(weights, file.string());
  check_fits(info, start.model.plugin->name(), patches, file.string());

  use(*compute.runtime);
  const std::int64_t classes =
      info.classes ? static_cast<std::int64_t>(info.classes->size()) : patches.class_count();
  Network network(start.model, classes, 0);
  load(network, weights, file.string(), {.allow_other_head = true});
  const bool with_logits = has_head(network, weights, info);
  place(network.model(), *compute.runtime);
  InferenceOptions options;
  options.normalization = starting_normalization(start, info.normalization, split);
  options.loader_threads = compute.loader_threads;
  options.features = true;
  Progress progress("features of " + patches.info().dataset, "patches", view.size(), Progress::Lines::kLive);
  options.on_batch = [&](std::size_t done) { progress.reach(done); };
  const InferenceResult inferred = infer(network.model(), view, options, *compute.runtime);

  FeatureTable table;
  table.info = described(start, split, part, context);
  table.info.normalization = options.normalization;
  table.features = stored("features", inferred.features);
  if (with_logits) {
    table.logits = stored("logits", inferred.logits);
    table.info.source_classes = *info.classes;
  }
  take_columns(view, table);
  return table;
}

}  // namespace

Step* features_of(const Subject& subject, Split part, StepGraph& graph) {
  const TrainRun& start = subject.start;
  const ComputeContext& compute = subject.compute;
  const std::string on = subject.place == AttachPoint::kTested ? "" : "-on-" + start.target;
  auto step = new_step(step_kind("features"));
  step->label = subject.step_label(subject.label + on + "-" + split_word(part));
  step->options = {{"model", start.model.json()},
                   {"part", split_word(part)},
                   {"device", compute.device},
                   {"precision", compute.precision}};
  add_start(start, step->options);
  step->plugins = {plugin_json(*start.model.plugin)};
  step->inputs = {{"split", start.split, "split"}};
  if (start.initial) step->inputs.push_back({"initial", start.initial, start.initial_output});
  step->work = [start, part, &compute](StepContext& context) {
    const FeatureTable table = make_features(start, part, compute, context);
    write_features(context.folder() / kFile, table);
    return StepResult{{{"features", {sha256_of_file(context.folder() / kFile), kFile}}},
                      {{"patches", table.size()}, {"features", table.dimension()}}};
  };
  return graph.add(std::move(step));
}

FeatureTable features_from(const StepContext& context, const std::string& role) {
  const fs::path file = context.file(role);
  if (sha256_of_file(file) == context.output(role).digest) return read_features(file);
  throw RunError(file.string() +
                 ": this file has changed since its step finished; remove the step's folder, and run the "
                 "experiment again");
}

// Where the experiment asks for them by name: of the test patches.
Step* attach_features(const StepKind&, const Subject& subject, StepGraph& graph) {
  return features_of(subject, Split::kTest, graph);
}

}  // namespace histokt
