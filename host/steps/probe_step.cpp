// SPDX-License-Identifier: MIT
#include <array>
#include <chrono>

#include "base/digest.hpp"
#include "base/files.hpp"
#include "steps/features.hpp"
#include "steps/step_graph.hpp"
#include "steps/training_request.hpp"
#include "training/checkpoint.hpp"
#include "training/probe.hpp"

namespace histokt {
namespace {

constexpr std::array kParts = {Split::kTrain, Split::kValid, Split::kTest};

// Class indices int64 (N), or float (N, C) of 0 and 1.
LabelledFeatures labelled(const FeatureTable& table) {
  const torch::Tensor label = to_torch(table.label);
  return {to_torch(table.features), table.info.multi_label ? label.to(torch::kFloat32) : label};
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
  auto step = new_step(kind);
  step->label = subject.step_label(subject.label + "-on-" + start.target);
  step->options = {{"penalties", kProbePenalties},
                   {"neighbours", kProbeNeighbours},
                   {"selection", start.recipe.selection}};
  for (const Split part : kParts)
    step->inputs.push_back({split_word(part), features_of(subject, part, graph), "features"});
  step->work = [recipe = start.recipe, target = start.target,
                runtime = subject.compute.runtime](StepContext& context) {
    use(*runtime);
    std::array<LabelledFeatures, 3> parts;
    FeatureInfo info;
    for (std::size_t i = 0; i < kParts.size(); ++i) {
      const FeatureTable table = features_from(context, split_word(kParts[i]));
      parts[i] = labelled(table);
      info = table.info;
    }
    const auto begun = std::chrono::steady_clock::now();
    const ProbeData data{parts[0], parts[1], parts[2], static_cast<std::int64_t>(info.classes.size()),
                         selection_of(recipe, info.multi_label, target)};
    Json result = {{"dataset", info.dataset},
                   {"split_digest", info.split},
                   {"patches", data.test.features.size(0)},
                   {"features", data.test.features.size(1)},
                   {"selection", data.selection},
                   {"probe", json_of(linear_probe(data), "penalty", info.multi_label)},
                   {"knn", json_of(nearest_neighbours(data), "neighbours", info.multi_label)}};
    write_file_atomically(context.folder() / "result.json", result.dump(2) + "\n");
    const std::string digest = sha256_of_text(result.dump());
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun;
    result["seconds"] = taken.count();
    return StepResult{{{"result", {digest, "result.json"}}}, std::move(result)};
  };
  return graph.add(std::move(step));
}

}  // namespace histokt
