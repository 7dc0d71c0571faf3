// SPDX-License-Identifier: MIT
#include "base/digest.hpp"
#include "base/files.hpp"
#include "steps/catalogue.hpp"
#include "steps/open_split.hpp"
#include "steps/step_graph.hpp"
#include "steps/steps.hpp"
#include "tasks/evaluation.hpp"
#include "tensors/safetensors.hpp"

namespace histokt {
namespace {

// Why a checkpoint's answers are none to the patches' question; empty: they are.
std::string why_not_comparable(const std::map<std::string, std::string>& metadata, const SplitSet& split) {
  const auto classes = metadata.find("classes");
  if (metadata.contains("head") || classes == metadata.end()) return "its sources have other heads";
  const PatchSetInfo& target = split.patches()->info();
  const auto several = metadata.find("multi_label");
  if (several != metadata.end() && (several->second == "true") != target.multi_label) {
    return "its sources have another number of labels a patch than the target";
  }
  const Json known = Json::parse(classes->second, nullptr, false);
  return known == Json(target.classes) ? "" : "its sources have other classes than the target";
}

}  // namespace

std::unique_ptr<Step> evaluate_step(const std::string& label, const ConfiguredPlugin& model, Step* checkpoint,
                                    const std::string& checkpoint_output, Step* split,
                                    const ComputeContext& compute) {
  auto step = new_step(PlanPart::kEvaluate);
  step->label = label;
  step->options = {{"model", model.json()},
                   {"split", "test"},
                   {"device", compute.device},
                   {"precision", compute.precision}};
  step->plugins = {plugin_json(*model.plugin)};
  step->inputs = {{"checkpoint", checkpoint, checkpoint_output}, {"split", split, "split"}};
  step->work = [model, &compute](StepContext& context) {
    const SplitSet set = open_split(context);
    const std::filesystem::path weights = context.file("checkpoint");
    Json result = evaluate_checkpoint(weights, model, set, Split::kTest, compute, context.folder(),
                                      skipped_images(context.step()));
    const std::string digest = sha256_of_file(context.folder() / "predictions.csv");
    result.erase("provenance");
    for (Json* level : {&result, &result["by_image"], &result["by_group"]}) level->erase("confusion");
    return StepResult{{{"result", {digest, "result.json"}}}, std::move(result)};
  };
  return step;
}

// Before tuning, where the network's head answers the target's classes; where it does not, summary and
// result.json hold "not_comparable" with the reason, and the test set stays closed.
Step* attach_evaluation(const StepKind&, const Subject& subject, StepGraph& graph) {
  const TrainRun& start = subject.start;
  auto step = evaluate_step(subject.step_label(subject.label + "-before-" + start.target), start.model,
                            start.initial, start.initial_output, start.split, subject.compute);
  step->options["untuned"] = true;
  step->work = [evaluate = std::move(step->work)](StepContext& context) {
    const std::string why =
        why_not_comparable(read_safetensors(context.file("checkpoint")).metadata, open_split(context));
    if (why.empty()) return evaluate(context);
    Json result = {{"format_version", kEvaluationFormat}, {"not_comparable", why}};
    write_file_atomically(context.folder() / "result.json", result.dump(2) + "\n");
    return StepResult{{{"result", {sha256_of_text(result.dump()), "result.json"}}}, std::move(result)};
  };
  return graph.add(std::move(step));
}

}  // namespace histokt
