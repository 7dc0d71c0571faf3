#include "base/digest.hpp"
#include "base/files.hpp"
#include "steps/steps.hpp"
#include "tasks/diagnosis.hpp"

namespace histokt {
namespace {

constexpr int kRevision = 1;

std::string role_of(std::size_t source) {
  return "source-" + std::to_string(source + 1);
}

// Writes NAME.csv and NAME.svg, and says so.
void keep(const DiagnosisReport& report, const std::string& name, const StepContext& context,
          StepResult& result) {
  write_file_atomically(context.folder() / (name + ".csv"), report.csv);
  write_file_atomically(context.folder() / (name + ".svg"), report.svg);
  result.outputs[name] = {sha256_of_text(report.csv), name + ".csv"};
}

}  // namespace

std::unique_ptr<Step> diagnose_step(Step* merge, const std::vector<std::string>& names,
                                    const std::vector<Step*>& candidates, const ConfiguredPlugin& model,
                                    const std::optional<BarrierOnSplit>& barrier, const Workshop& workshop) {
  auto step = std::make_unique<Step>();
  step->kind = "diagnose";
  step->revision = kRevision;
  step->label = merge->label;
  step->options = {{"merge", merge->label}, {"sources", names}};  // they stand in what is written
  step->inputs = {{"merge", merge, "checkpoint"}};
  for (std::size_t i = 0; i < candidates.size(); ++i)
    step->inputs.push_back({role_of(i), candidates[i], "winner"});
  if (barrier) {  // then networks run
    step->label = barrier->label;
    step->inputs.push_back({"split", barrier->split, "split"});
    step->options["barrier"] = {{"points", barrier->points}};
    step->options["model"] = model.json();
    step->options["seed"] = barrier->seed;
    step->options["device"] = workshop.device;
    step->options["precision"] = workshop.precision;
    step->plugins = {plugin_json(*model.plugin)};
  }
  step->work = [label = merge->label, names, model, barrier, &workshop](StepContext& context) {
    std::vector<ReadNetwork> networks = read_networks({context.file("merge")});
    networks.front().label = label;
    for (std::size_t i = 0; i < names.size(); ++i) {
      networks.push_back(read_networks({context.file(role_of(i))}).front());
      networks.back().label = names[i];
    }
    StepResult result{{}, {{"sources", names}}};
    keep(layer_report(networks, &model), "layers", context, result);
    if (!barrier) return result;
    BarrierSettings settings;
    settings.points = barrier->points;
    settings.seed = barrier->seed;
    keep(barrier_report(networks, {context.file("split")}, model, settings, workshop), "barrier", context,
         result);
    return result;
  };
  return step;
}

}  // namespace histokt
