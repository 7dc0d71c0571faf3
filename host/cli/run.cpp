// SPDX-License-Identifier: MIT
// histokt-host run EXPERIMENT.toml
#include <spdlog/spdlog.h>

#include <set>

#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/interrupt.hpp"
#include "base/program_output.hpp"
#include "base/progress.hpp"
#include "base/text.hpp"
#include "base/version.hpp"
#include "cli/command_values.hpp"
#include "cli/logging.hpp"
#include "cli/run_subcommands.hpp"
#include "config/resolved.hpp"
#include "engine/claim.hpp"
#include "engine/runner.hpp"
#include "planning/estimates.hpp"
#include "results/event_files.hpp"
#include "results/outputs.hpp"
#include "results/result_text.hpp"

namespace histokt {
namespace {

void print_forecast(Runner& runner) {
  std::size_t finished = 0, open = 0;
  for (const StepForecast& forecast : runner.forecast()) {
    ++(forecast.finished ? finished : open);
    program_output() << (forecast.finished ? "  finished  " : "  would run ") << forecast.step->title();
    if (!forecast.finished) program_output() << "  (" << forecast.reason << ")";
    program_output() << "\n";
  }
  program_output() << counted(finished, "step") << " finished, " << open << " would run.\n";
}

// What is needed to make the run again: versions, plugins, seeds, inputs, the settings as resolved. In the
// log file alone, behind what earlier runs and other processes wrote.
void log_circumstances(const Experiment& experiment, const ComputeContext& compute, const Plan& plan,
                       const Arguments& arguments) {
  spdlog::debug("======== run of {} begins: {}, {}", experiment.name, this_process().text(),
                compute.description);
  spdlog::debug("arguments: {}", Json(arguments).dump());
  spdlog::debug("program: {}", program_version());
  std::set<std::string> plugins;
  for (const auto& step : plan.steps) {
    for (const Json& plugin : step->plugins) {
      plugins.insert(plugin.value("kind", "") + " " + plugin.value("name", "") + " " +
                     plugin.value("version", "") + " sha256 " + plugin.value("sha256", ""));
    }
    if (step->options.contains("root")) {
      spdlog::debug("input: {} {} digest {}", step->label, experiment.dataset(step->label).root.string(),
                    step->options["root"].get<std::string>());
    }
  }
  for (const std::string& plugin : plugins) spdlog::debug("plugin: {}", plugin);
  spdlog::debug("device: {}, {} threads for images, {} for batches", compute.description, compute.threads,
                compute.loader_threads);
  spdlog::debug("seed: {}, {} trials, protocol {}", experiment.seed, experiment.trials,
                protocol_name(experiment.protocol));
  spdlog::debug("the experiment {} as resolved:\n{}", experiment.source.file, resolved_text(experiment));
  for (const auto& step : plan.steps)
    spdlog::debug("step {}: options {}", step->title(), step->options.dump());
  spdlog::info("{}: {} steps on {}", experiment.name, plan.steps.size(), compute.description);
}

void print_results(const Experiment& experiment, const std::vector<ResultRow>& rows) {
  if (!rows.empty()) program_output() << result_text(rows);
  program_output() << "Files: " << experiment.output.string() << " (result.json, transfer_matrix.csv"
                   << (experiment.distills.empty() ? "" : ", distillation.csv")
                   << ", the same as .md and .tex; every step under " << (experiment.store / "steps").string()
                   << ")" << std::endl;
}

// While an exception is on its way that says more than a full disk would.
void write_outputs_if_possible(const Experiment& experiment, const Plan& plan,
                               const FolderHandle& folder) noexcept {
  try {
    folder.check();
    write_outputs(experiment, plan);
  } catch (const std::exception&) {
    return;  // result.json is as it was
  }
}

// What was asked for but cannot be told from the words alone.
Experiment experiment_of(const CommandValues& values) {
  if (values.has("estimate") && !values.has("dry-run")) {
    throw RequestError("--estimate requires --dry-run, and runs nothing; give both, or neither.");
  }
  return read_experiment(values.text("experiment"), values.texts("set"), values.given("output"));
}

struct PreparedRun {
  const Experiment& experiment;
  const ComputeContext& compute;
  const Plan& plan;
  const Store& store;
};

// Runs what is not finished; where a step fails, the results that there are get written all the same.
RunCounts run_steps(Runner& runner, const std::optional<std::string>& only, const PreparedRun& run,
                    const FolderHandle& output_folder) {
  if (run.experiment.tensorboard) {
    runner.on_finished([&](const Step& step) {
      output_folder.check();
      write_event_file(step, run.experiment.output);
    });
  }
  try {
    return only ? runner.run_only(*only) : runner.run();
  } catch (const std::exception& error) {
    clear_live_line();
    spdlog::debug("ended: {}", error.what());
    write_outputs_if_possible(run.experiment, run.plan, output_folder);
    throw;
  }
}

void run_with_log(const CommandValues& values, Runner& runner, const PreparedRun& run) {
  const FolderHandle output_folder(run.experiment.output);
  set_up_logging(run.experiment.output / "log.txt");
  log_circumstances(run.experiment, run.compute, run.plan, values.arguments());
  set_interruption_sentence("Interrupted. Finished steps are kept in " + run.store.steps_folder().string() +
                            ", and training resumes after its last saved epoch: run the same command again.");
  const ShutdownHook in_the_log([] { spdlog::debug("interrupted"); });
  const RunCounts counts = run_steps(runner, values.given("step"), run, output_folder);
  output_folder.check();
  const std::vector<ResultRow> rows = write_outputs(run.experiment, run.plan);
  if (counts.ran == 0) {
    spdlog::info("Nothing to do: all {} steps are finished.", counts.reused);
  } else {
    spdlog::info("{} steps ran, {} were finished before.", counts.ran, counts.reused);
  }
  print_results(run.experiment, rows);
  if (const std::string problem = log_problem(); !problem.empty()) spdlog::warn("{}", problem);
}

}  // namespace

int run_experiment(const CommandValues& values) {
  const Experiment experiment = experiment_of(values);
  const RuntimeConfig& runtime = experiment.runtime;
  const ComputeContext compute =
      make_compute_context({runtime.threads, runtime.device, runtime.precision, runtime.deterministic,
                            runtime.loader_threads, experiment.store / "scratch"});
  Plan plan = make_plan(experiment, compute);
  const Store store(experiment.store);
  Runner runner(plan.steps, store);
  if (values.has("dry-run")) {
    print_forecast(runner);
    if (values.has("estimate")) program_output() << estimate_text(experiment, plan, compute);
  } else {
    run_with_log(values, runner, {experiment, compute, plan, store});
  }
  return 0;
}

}  // namespace histokt
