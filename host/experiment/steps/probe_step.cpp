#include <array>
#include <chrono>

#include "base/digest.hpp"
#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/progress.hpp"
#include "experiment/network.hpp"
#include "experiment/steps/steps.hpp"
#include "patches/split_set.hpp"
#include "training/frozen_features.hpp"
#include "training/inference.hpp"
#include "training/probe.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;

constexpr int kRevision = 1;
constexpr const char* kFeatures = "features.safetensors";
constexpr std::array kParts = {Split::kTrain, Split::kValid, Split::kTest};

// The features of all patches, by split: as they were left by an interrupted run, or made now.
TensorFile features_of(const ConfiguredPlugin& model, const SplitSet& split, const fs::path& checkpoint,
                       const Workshop& workshop, const fs::path& file, bool keep_normalization) {
  if (fs::exists(file)) return read_safetensors(file);
  const TensorFile weights = read_safetensors(checkpoint);
  const CheckpointInfo info = info_of(weights, checkpoint.string());
  check_fits(info, model.plugin->name(), *split.patches(), checkpoint.string());
  Network network(model, split.patches()->class_count(), 0);
  load(network, weights, checkpoint.string(), {.allow_other_head = true});
  place(network.model(), *workshop.runtime);
  InferenceOptions options;
  options.normalization = {split.mean(), split.standard_deviation()};
  if (keep_normalization) options.normalization = info.normalization.value_or(options.normalization);
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

Json json_of(const ProbeResult& result, const char* setting) {
  return {{setting, result.setting},
          {"valid_accuracy", result.valid_accuracy},
          {"accuracy", result.test_accuracy}};
}

}  // namespace

std::unique_ptr<Step> probe_step(const std::string& label, const ConfiguredPlugin& model, Step* checkpoint,
                                 const std::string& checkpoint_output, Step* split, bool keep_normalization,
                                 const Workshop& workshop) {
  auto step = std::make_unique<Step>();
  step->kind = "probe";
  step->revision = kRevision;
  step->label = label;
  step->options = {{"model", model.json()},
                   {"penalties", kProbePenalties},
                   {"neighbours", kProbeNeighbours},
                   {"device", workshop.device},
                   {"precision", workshop.precision}};
  step->plugins = {plugin_json(*model.plugin)};
  step->inputs = {{"checkpoint", checkpoint, checkpoint_output}, {"split", split, "split"}};
  if (keep_normalization) step->options["normalization"] = "initial";
  step->work = [model, keep_normalization, &workshop](StepContext& context) {
    use(*workshop.runtime);
    const SplitSet set(context.file("split"));
    const TensorFile features = features_of(model, set, context.file("checkpoint"), workshop,
                                            context.folder() / kFeatures, keep_normalization);
    const auto part = [&](std::size_t index) {
      return LabelledFeatures{to_torch(features.tensors.at(index)), labels_of(set.open(kParts[index]))};
    };
    const auto start = std::chrono::steady_clock::now();
    const ProbeData data{part(0), part(1), part(2), set.patches()->class_count()};
    Json result = {{"dataset", set.patches()->info().dataset},
                   {"split_digest", set.digest()},
                   {"patches", data.test.features.size(0)},
                   {"features", data.test.features.size(1)},
                   {"probe", json_of(linear_probe(data), "penalty")},
                   {"knn", json_of(nearest_neighbours(data), "neighbours")}};
    write_file_atomically(context.folder() / "result.json", result.dump(2) + "\n");
    const std::string digest = sha256_of_text(result.dump());
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    result["seconds"] = taken.count();
    return StepResult{{{"result", {digest, "result.json"}}}, std::move(result)};
  };
  return step;
}

}  // namespace histokt
