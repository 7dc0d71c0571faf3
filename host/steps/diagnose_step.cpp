// SPDX-License-Identifier: MIT
#include "base/digest.hpp"
#include "base/files.hpp"
#include "steps/step_graph.hpp"
#include "tasks/diagnosis.hpp"

namespace histokt {
namespace {

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

// A merge beside its sources: layers.csv and layers.svg, and where asked for the barrier between each two of
// them on the target's validation patches, barrier.csv and barrier.svg.
Step* attach_diagnosis(const StepKind& kind, const Subject& subject, StepGraph& graph) {
  const std::vector<std::string>& names = subject.sources;
  if (names.size() < 2) return nullptr;
  Step* merge = subject.start.initial;
  const ConfiguredPlugin& model = subject.source_model;
  auto step = new_step(kind);
  step->label = merge->label;
  step->options = {{"merge", merge->label}, {"sources", names}};  // they stand in what is written
  step->inputs = {{"merge", merge, subject.start.initial_output}};
  for (std::size_t i = 0; i < names.size(); ++i)
    step->inputs.push_back({role_of(i), subject.source_networks[i], "winner"});
  BarrierSettings settings;
  settings.points = subject.distill ? subject.distill->barrier_points : 0;
  settings.seed = subject.experiment.seed;  // draws the training patches for statistics and heads
  const bool barrier = settings.points > 0;
  if (barrier) {  // then networks run
    step->label = subject.step_label(subject.label + "-on-" + subject.start.target);
    step->inputs.push_back({"split", subject.start.split, "split"});
    step->options["barrier"] = {{"points", settings.points}};
    step->options["model"] = model.json();
    step->options["seed"] = settings.seed;
    step->options["device"] = subject.compute.device;
    step->options["precision"] = subject.compute.precision;
    step->plugins = {plugin_json(*model.plugin)};
  }
  step->work = [label = merge->label, names, model, barrier, settings,
                &compute = subject.compute](StepContext& context) {
    std::vector<ReadNetwork> networks = read_networks({context.file("merge")});
    networks.front().label = label;
    for (std::size_t i = 0; i < names.size(); ++i) {
      networks.push_back(read_networks({context.file(role_of(i))}).front());
      networks.back().label = names[i];
    }
    StepResult result{{}, {{"sources", names}}};
    keep(layer_report(networks, &model), "layers", context, result);
    if (!barrier) return result;
    keep(barrier_report(networks, {context.file("split")}, model, settings, compute), "barrier", context,
         result);
    return result;
  };
  return graph.add(std::move(step));
}

}  // namespace histokt
