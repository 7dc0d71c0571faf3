#include <chrono>

#include "base/digest.hpp"
#include "experiment/distillation.hpp"
#include "experiment/steps/steps.hpp"

namespace histokt {
namespace {

constexpr int kRevision = 1;
constexpr const char* kFile = "checkpoint.safetensors";

}  // namespace

std::unique_ptr<Step> distill_step(const Experiment& experiment, const PluginChoice& distiller,
                                   const std::vector<std::string>& names, const std::vector<Step*>& candidates,
                                   const std::filesystem::path& base, const ConfiguredPlugin& model, const Workshop&) {
  const ConfiguredPlugin configured = configure(experiment, HISTOKT_DISTILLER, distiller);
  const Plugin& plugin = *configured.plugin;
  auto step = std::make_unique<Step>();
  step->kind = "distill";
  step->revision = kRevision;
  step->label = plugin.name();
  for (const std::string& name : names) step->label += "-" + name;
  step->options = {{"distiller", configured.json()}, {"model", model.json()}};
  if (!base.empty()) step->options["base"] = sha256_of_file(base);
  step->plugins = {plugin_json(plugin), plugin_json(*model.plugin)};
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    step->inputs.push_back({"source-" + std::to_string(i + 1), candidates[i], "winner"});
  }
  step->work = [configured, names, base, model](StepContext& context) {
    std::vector<std::filesystem::path> files;
    for (std::size_t i = 0; i < names.size(); ++i) {
      files.push_back(context.file("source-" + std::to_string(i + 1)));
    }
    const auto start = std::chrono::steady_clock::now();
    distill_checkpoints(configured, names, files, &model, base, context.folder() / kFile);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return StepResult{{{"checkpoint", {sha256_of_file(context.folder() / kFile), kFile}}},
                      {{"sources", names}, {"seconds", seconds}}};
  };
  return step;
}

}  // namespace histokt
