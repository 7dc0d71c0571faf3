#include <array>
#include <chrono>

#include "base/digest.hpp"
#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/progress.hpp"
#include "patches/split_set.hpp"
#include "steps/catalogue.hpp"
#include "steps/open_split.hpp"
#include "steps/step_graph.hpp"
#include "steps/steps.hpp"
#include "steps/training_request.hpp"
#include "steps/training_start.hpp"
#include "tasks/network.hpp"
#include "tensors/weights.hpp"
#include "training/frozen_features.hpp"
#include "training/inference.hpp"
#include "training/probe.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFeatures = "features.safetensors";
constexpr std::array kParts = {Split::kTrain, Split::kValid, Split::kTest};

// The features of all patches, by split: as they were left by an interrupted run, or made now.
TensorFile features_of(const TrainRun& start, const SplitSet& split, const StepContext& context,
                       const Workshop& workshop) {
  const fs::path file = context.folder() / kFeatures;
  if (fs::exists(file)) return read_safetensors(file);
  const fs::path from = initial_file(start, context);
  const TensorFile weights = read_weights(from);
  const CheckpointInfo info = info_of(weights, from.string());
  check_fits(info, start.model.plugin->name(), *split.patches(), from.string());
  Network network(start.model, split.patches()->class_count(), 0);
  load(network, weights, from.string(), {.allow_other_head = true});
  place(network.model(), *workshop.runtime);
  InferenceOptions options;
  options.normalization = starting_normalization(start, info.normalization, split);
  options.loader_threads = workshop.loader_threads;
  options.features = true;
  const std::string& dataset = split.patches()->info().dataset;
  std::size_t total = 0, before = 0;
  for (const Split part : kParts) {
    require_patches(split, part, dataset, ": a probe needs all three");
    total += split.count(part);
  }
  Progress progress("features of " + dataset, "patches", total, Progress::Lines::kLive);
  options.on_batch = [&](std::size_t done) { progress.reach(before + done); };
  TensorFile all;
  for (const Split part : kParts) {
    const SplitView view = split.open(part);
    const std::string name(split_name(part));
    all.tensors.push_back(stored(name, infer(network.model(), view, options, *workshop.runtime).features));
    before += view.size();
  }
  write_safetensors(file, all);
  return all;
}

Json json_of(const ProbeResult& result, const char* setting, bool multi_label) {
  Json json = {{setting, result.setting},
               {"valid_score", result.valid_score},
               {"valid_accuracy", result.valid_accuracy},
               {"accuracy", result.test_accuracy}};
  Json& precision = json[multi_label ? "mean_average_precision" : "macro_average_precision"];
  if (result.test_average_precision) precision = *result.test_average_precision;
  return json;
}

}  // namespace

// What a linear probe and nearest neighbours reach on the test patches, by the features of the network that
// the training would start from, as it would see them. The head does not count; nor do setting and trial.
Step* attach_probe(const StepKind& kind, const Subject& subject, StepGraph& graph) {
  const TrainRun& start = subject.start;
  const Workshop& workshop = subject.workshop;
  auto step = new_step(kind);
  step->label = subject.step_label(subject.label + "-on-" + start.target);
  step->options = {{"model", start.model.json()},    {"penalties", kProbePenalties},
                   {"neighbours", kProbeNeighbours}, {"selection", start.recipe.selection},
                   {"device", workshop.device},      {"precision", workshop.precision}};
  step->plugins = {plugin_json(*start.model.plugin)};
  step->inputs = {{"split", start.split, "split"}};
  if (start.initial) step->inputs.push_back({"initial", start.initial, start.initial_output});
  add_start(start, step->options);
  step->work = [start, &workshop](StepContext& context) {
    use(*workshop.runtime);
    const SplitSet set = open_split(context);
    const bool several = set.patches()->info().multi_label;
    const TensorFile features = features_of(start, set, context, workshop);
    const auto part = [&](std::size_t index) {
      return LabelledFeatures{to_torch(features.tensors.at(index)), labels_of(set.open(kParts[index]))};
    };
    const auto begun = std::chrono::steady_clock::now();
    const ProbeData data{part(0), part(1), part(2), set.patches()->class_count(),
                         selection_of(start.recipe, several, start.target)};
    Json result = {{"dataset", set.patches()->info().dataset},
                   {"split_digest", set.digest()},
                   {"patches", data.test.features.size(0)},
                   {"features", data.test.features.size(1)},
                   {"selection", data.selection},
                   {"probe", json_of(linear_probe(data), "penalty", several)},
                   {"knn", json_of(nearest_neighbours(data), "neighbours", several)}};
    write_file_atomically(context.folder() / "result.json", result.dump(2) + "\n");
    const std::string digest = sha256_of_text(result.dump());
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun;
    result["seconds"] = taken.count();
    return StepResult{{{"result", {digest, "result.json"}}}, std::move(result)};
  };
  return graph.add(std::move(step));
}

}  // namespace histokt
