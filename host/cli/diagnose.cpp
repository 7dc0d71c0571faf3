// SPDX-License-Identifier: MIT
// histokt-host diagnose MERGE A B ... [--patches FILE.h5]... [--output DIR]

#include "tasks/diagnosis.hpp"

#include <spdlog/spdlog.h>

#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/program_output.hpp"
#include "cli/compute_options.hpp"
#include "cli/named_files.hpp"
#include "cli/run_subcommands.hpp"
#include "config/command_settings.hpp"
#include "tasks/named_model.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;

BarrierSettings settings_of(const CommandValues& values) {
  BarrierSettings settings;
  settings.part = values.text("split") == "valid" ? Split::kValid : Split::kTest;
  settings.recalibrate = values.text("recalibrate") == "train";
  settings.fit_head = values.has("fit-head");
  settings.points = static_cast<int>(values.integer("points"));
  settings.train_patches = static_cast<std::size_t>(values.integer("train-patches"));
  settings.seed = static_cast<std::uint64_t>(values.integer("seed"));
  return settings;
}

// The model asked for, or else the one that a checkpoint names. Where it cannot be had, nothing, unless it
// was asked for or `needed`.
std::optional<ConfiguredPlugin> model_of(const std::optional<std::string>& asked,
                                         const std::vector<ReadNetwork>& networks, bool needed) {
  if (asked) return configured_plugin(HISTOKT_MODEL, *asked);
  for (const ReadNetwork& network : networks) {
    const auto named = model_named_by(network.content.content);
    if (!named) continue;
    try {
      return configured_plugin(HISTOKT_MODEL, *named);
    } catch (const RequestError& error) {
      if (needed) throw;
      spdlog::warn("the model plugin cannot be used, so heads are recognised by tensor names: {}",
                   error.what());
      return std::nullopt;
    }
  }
  return std::nullopt;
}

void check_counts(const std::vector<fs::path>& files, const std::vector<fs::path>& patches) {
  if (files.size() < 2)
    throw RequestError("diagnose needs a merge and its source checkpoints; only " + files.front().string() +
                       " is given");
  if (!patches.empty() && files.size() < 3)
    throw RequestError("--patches evaluates the line between two sources, and there is only " +
                       files.back().string() + "; name another one, or leave out --patches");
}

// Prints the report, and keeps its table and figure where a folder is given.
void publish(const DiagnosisReport& report, const std::string& name,
             const std::optional<std::string>& folder) {
  program_output() << report.text << std::flush;
  if (!folder) return;
  make_folders(*folder);
  write_file_atomically(fs::path(*folder) / (name + ".csv"), report.csv);
  write_file_atomically(fs::path(*folder) / (name + ".svg"), report.svg);
}

}  // namespace

int run_diagnose(const CommandValues& values) {
  const BarrierSettings settings = settings_of(values);
  const std::vector<fs::path> files = existing_files(values.texts("networks"));
  const std::vector<fs::path> patches = existing_files(values.texts("patches"), "--patches ");
  check_counts(files, patches);
  const ComputeContext compute = make_compute_context(compute_request(values));
  const std::vector<ReadNetwork> networks = read_networks(files);
  std::optional<ConfiguredPlugin> model =
      model_of(values.given("model"), networks, /*needed=*/!patches.empty());
  publish(layer_report(networks, model ? &*model : nullptr), "layers", values.given("output"));
  if (patches.empty()) return 0;
  if (!model) model = configured_plugin(HISTOKT_MODEL, "resnet18");
  publish(barrier_report(networks, patches, *model, settings, compute), "barrier", values.given("output"));
  return 0;
}

}  // namespace histokt
