#include "base/digest.hpp"
#include "experiment/evaluation.hpp"
#include "experiment/steps/steps.hpp"

namespace histokt {
namespace {

constexpr int kRevision = 3;

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
    Json result =
        evaluate_checkpoint(context.file("checkpoint"), model, set, Split::kTest, workshop, context.folder());
    const std::string digest = sha256_of_file(context.folder() / "predictions.csv");
    result.erase("confusion");
    result.erase("provenance");
    return StepResult{{{"result", {digest, "result.json"}}}, std::move(result)};
  };
  return step;
}

}  // namespace histokt
