// histokt-host run EXPERIMENT.toml
#include <spdlog/spdlog.h>

#include <set>

#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/interrupt.hpp"
#include "base/program_output.hpp"
#include "base/progress.hpp"
#include "base/version.hpp"
#include "cli/command_line.hpp"
#include "config/resolved.hpp"
#include "engine/claim.hpp"
#include "engine/runner.hpp"
#include "planning/estimates.hpp"
#include "results/event_files.hpp"
#include "results/outputs.hpp"
#include "results/result_text.hpp"

namespace histokt {
namespace {

namespace po = boost::program_options;

std::vector<std::string> texts(const po::variables_map& values, const char* key) {
  return values.contains(key) ? values[key].as<std::vector<std::string>>() : std::vector<std::string>{};
}

void print_forecast(Runner& runner) {
  int finished = 0, open = 0;
  for (const StepForecast& forecast : runner.forecast()) {
    ++(forecast.finished ? finished : open);
    program_output() << (forecast.finished ? "  finished  " : "  would run ") << forecast.step->title();
    if (!forecast.finished) program_output() << "  (" << forecast.reason << ")";
    program_output() << "\n";
  }
  program_output() << finished << " steps are finished, " << open << " would run.\n";
}

// What is needed to make the run again: versions, plugins, seeds, inputs, the settings as resolved. In the
// log file alone, behind what earlier runs and other processes wrote.
void log_circumstances(const Experiment& experiment, const Workshop& workshop, const Plan& plan,
                       const Arguments& arguments) {
  spdlog::debug("======== run of {} begins: {}, {}", experiment.name, this_process().text(),
                workshop.description);
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
  spdlog::debug("device: {}, {} threads for pictures, {} for batches", workshop.description, workshop.threads,
                workshop.loader_threads);
  spdlog::debug("seed: {}, {} trials, protocol {}", experiment.seed, experiment.trials,
                protocol_name(experiment.protocol));
  spdlog::debug("the experiment {} as resolved:\n{}", experiment.source.file, resolved_text(experiment));
  for (const auto& step : plan.steps)
    spdlog::debug("step {}: options {}", step->title(), step->options.dump());
  spdlog::info("{}: {} steps on {}", experiment.name, plan.steps.size(), workshop.description);
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
                               const HeldFolder& folder) noexcept {
  try {
    folder.check();
    write_outputs(experiment, plan);
  } catch (const std::exception&) {
    return;  // result.json is as it was
  }
}

}  // namespace

int run_verb(const Arguments& arguments) {
  po::options_description options("run", 110, 60);
  options.add_options()("experiment", po::value<std::string>()->value_name("EXPERIMENT.toml")->required(),
                        "the experiment")("dry-run", "say what would run and why, and run nothing")(
      "estimate",
      "beside --dry-run: how many hours and how much disk, by measuring a few batches (about 10 seconds at "
      "most) and looking at a few pictures of each dataset that is not standardised yet")(
      "output", po::value<std::string>()->value_name("DIR"),
      "where results go (default: runs/NAME beside the file)")(
      "step", po::value<std::string>()->value_name("ID"),
      "run this step alone, and what it needs (--dry-run lists them)")(
      "set", po::value<std::vector<std::string>>()->value_name("KEY=VALUE"),
      "replace a value of the file, such as recipes.deep.epochs=3; may be given several times");
  po::positional_options_description positional;
  positional.add("experiment", 1);
  const auto values = parse_verb(
      arguments,
      "histokt-host [run] EXPERIMENT.toml\n\nRuns an experiment. What is finished is not "
      "run again; an interrupted run goes on where it was.\n",
      "histokt-host run examples/two-laboratories.toml --set trials=1 --dry-run", options, positional);
  if (!values) return 0;

  if (values->contains("estimate") && !values->contains("dry-run")) {
    throw RequestError("--estimate belongs to --dry-run, and runs nothing; give both, or neither.");
  }
  std::optional<std::filesystem::path> output;
  if (values->contains("output")) output = (*values)["output"].as<std::string>();
  const Experiment experiment =
      read_experiment((*values)["experiment"].as<std::string>(), texts(*values, "set"), output);
  const RuntimeConfig& runtime = experiment.runtime;
  const Workshop workshop =
      make_workshop({runtime.threads, runtime.device, runtime.precision, runtime.deterministic,
                     runtime.loader_threads, experiment.store / "scratch"});
  Plan plan = make_plan(experiment, workshop);
  const Store store(experiment.store);
  Runner runner(plan.steps, store);
  if (values->contains("dry-run")) {
    set_up_logging(std::nullopt);
    print_forecast(runner);
    if (values->contains("estimate")) program_output() << estimate_text(experiment, plan, workshop);
    return 0;
  }

  const HeldFolder output_folder(experiment.output);
  set_up_logging(experiment.output / "log.txt");
  log_circumstances(experiment, workshop, plan, arguments);
  set_interruption_sentence("Interrupted. Finished steps are kept in " + store.steps_folder().string() +
                            ", and training goes on after its last saved epoch: run the same command again.");
  const LastWords in_the_log([] { spdlog::debug("interrupted"); });
  if (experiment.tensorboard) {
    runner.on_finished([&](const Step& step) {
      output_folder.check();
      write_event_file(step, experiment.output);
    });
  }
  RunCounts counts;
  try {
    counts = values->contains("step") ? runner.run_only((*values)["step"].as<std::string>()) : runner.run();
  } catch (const std::exception& error) {
    clear_live_line();
    spdlog::debug("ended: {}", error.what());
    write_outputs_if_possible(experiment, plan, output_folder);
    throw;
  }
  output_folder.check();
  const std::vector<ResultRow> rows = write_outputs(experiment, plan);
  if (counts.ran == 0) {
    spdlog::info("Nothing to do: all {} steps are finished.", counts.reused);
  } else {
    spdlog::info("{} steps ran, {} were finished before.", counts.ran, counts.reused);
  }
  print_results(experiment, rows);
  if (const std::string problem = log_problem(); !problem.empty()) spdlog::warn("{}", problem);
  return 0;
}

}  // namespace histokt
