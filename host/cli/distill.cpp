// SPDX-License-Identifier: MIT
// histokt-host distill --distiller NAME --output FILE A B ...

#include "tasks/distillation.hpp"

#include <spdlog/spdlog.h>

#include <optional>

#include "base/errors.hpp"
#include "base/program_output.hpp"
#include "base/thread_count.hpp"
#include "cli/compute_options.hpp"
#include "cli/named_files.hpp"
#include "cli/run_subcommands.hpp"
#include "config/command_settings.hpp"
#include "tasks/named_model.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;

// The sources' model: the one asked for, or else the one that the first source names, where it can be had;
// the others need none.
std::optional<ConfiguredPlugin> model_of(const std::optional<std::string>& asked, const fs::path& first) {
  if (asked) return configured_plugin(HISTOKT_MODEL, *asked);
  const auto named = model_named_by(first);
  if (!named) return std::nullopt;
  try {
    return configured_plugin(HISTOKT_MODEL, *named);
  } catch (const RequestError& error) {
    spdlog::warn("the model plugin cannot be used, so it is not known which channels are tied: {}",
                 error.what());
    return std::nullopt;
  }
}

// What --threads, --data and --recalibrate ask for; the compute context is made only where networks will run.
MergeExtras extras_of(const CommandValues& values, std::optional<ComputeContext>& compute) {
  MergeExtras extras;
  extras.threads = thread_count(threads_of(values));
  extras.patches.files = existing_files(values.texts("data"), "--data ");
  if (values.has("recalibrate"))
    extras.recalibrate = existing_file(values.text("recalibrate"), "--recalibrate ");
  extras.recalibration_patches = static_cast<std::size_t>(values.integer("recalibration-patches"));
  if (extras.recalibration_patches == 1) {
    throw RequestError(
        "--recalibration-patches 1: expected at least 2, since one patch has no variance, or 0 for all");
  }
  extras.patches.seed = static_cast<std::uint64_t>(values.integer("seed"));
  if (extras.patches.files.empty() && extras.recalibrate.empty()) return extras;
  compute = make_compute_context(compute_request(values));
  extras.patches.compute = &*compute;
  return extras;
}

}  // namespace

int run_distill(const CommandValues& values) {
  const toml::table settings = settings_table(values.texts("set"), {"distiller"});
  const ConfiguredPlugin distiller =
      configured_plugin(HISTOKT_DISTILLER, values.text("distiller"), group_of(settings, "distiller"));
  const std::vector<fs::path> files = existing_files(values.texts("sources"));
  const fs::path base = values.has("base") ? existing_file(values.text("base"), "--base ") : fs::path();
  const std::optional<ConfiguredPlugin> model = model_of(values.given("model"), files.front());
  const fs::path output = output_file(values.text("output"));
  std::optional<ComputeContext> compute;
  const MergeExtras extras = extras_of(values, compute);
  distill_checkpoints(distiller, values.texts("sources"), files, model ? &*model : nullptr, base, output,
                      extras);
  program_output() << output.string() << ": " << distiller.plugin->name() << " of " << files.size()
                   << " networks" << std::endl;
  return 0;
}

}  // namespace histokt
