#include "base/digest.hpp"
#include "experiment/evaluation.hpp"
#include "experiment/steps/steps.hpp"

namespace histokt {
namespace {

constexpr int kRevision = 4;

}  // namespace

std::unique_ptr<Step> evaluate_step(const std::string& label, const ConfiguredPlugin& model, Step* checkpoint,
                                    const std::string& checkpoint_output, Step* split, const Workshop& workshop) {
  auto step = std::make_unique<Step>();
  step->kind = "evaluate";
  step->revision = kRevision;
  step->label = label;
  step->options = {{"model", model.json()},
                   {"split", "test"},
                   {"device", workshop.device},
                   {"precision", workshop.precision}};
  step->plugins = {plugin_json(*model.plugin)};
  step->inputs = {{"checkpoint", checkpoint, checkpoint_output}, {"split", split, "split"}};
  step->work = [model, &workshop](StepContext& context) {
    const SplitSet set(context.file("split"));
    const std::filesystem::path weights = context.file("checkpoint");
    Json result = evaluate_checkpoint(weights, model, set, Split::kTest, workshop, context.folder(),
                                      skipped_pictures(context.step()));
    const std::string digest = sha256_of_file(context.folder() / "predictions.csv");
    result.erase("provenance");
    for (Json* level : {&result, &result["by_picture"], &result["by_group"]}) level->erase("confusion");
    return StepResult{{{"result", {digest, "result.json"}}}, std::move(result)};
  };
  return step;
}

}  // namespace histokt
