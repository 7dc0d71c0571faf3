#include "base/digest.hpp"
#include "base/files.hpp"
#include "experiment/diagnosis.hpp"
#include "experiment/steps/steps.hpp"

namespace histokt {
namespace {

constexpr int kRevision = 1;

std::string role_of(std::size_t source) {
  return "source-" + std::to_string(source + 1);
}

}  // namespace

std::unique_ptr<Step> diagnose_step(Step* merge, const std::vector<std::string>& names,
                                    const std::vector<Step*>& candidates) {
  auto step = std::make_unique<Step>();
  step->kind = "diagnose";
  step->revision = kRevision;
  step->label = merge->label;
  step->options = {{"merge", merge->label}, {"sources", names}};  // they stand in what is written
  step->inputs = {{"merge", merge, "checkpoint"}};
  for (std::size_t i = 0; i < candidates.size(); ++i)
    step->inputs.push_back({role_of(i), candidates[i], "winner"});
  step->work = [label = merge->label, names](StepContext& context) {
    std::vector<ReadNetwork> networks = read_networks({context.file("merge")});
    networks.front().label = label;
    for (std::size_t i = 0; i < names.size(); ++i) {
      networks.push_back(read_networks({context.file(role_of(i))}).front());
      networks.back().label = names[i];
    }
    const DiagnosisReport report = layer_report(networks);
    write_file_atomically(context.folder() / "layers.csv", report.csv);
    write_file_atomically(context.folder() / "layers.svg", report.svg);
    return StepResult{{{"layers", {sha256_of_text(report.csv), "layers.csv"}}}, {{"sources", names}}};
  };
  return step;
}

}  // namespace histokt
