// histokt-host run EXPERIMENT.toml
#include <spdlog/spdlog.h>


#include "base/errors.hpp"
#include "base/program_output.hpp"
#include "base/progress.hpp"
#include "cli/command_line.hpp"
#include "experiment/outputs.hpp"
#include "experiment/runner.hpp"
#include "experiment/version.hpp"

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

// What is needed to make the run again: versions, plugins, seeds, the settings as resolved.
void log_circumstances(const Experiment& experiment, const Workshop& workshop, const Plan& plan) {
  spdlog::info("{}: {} steps on {}", experiment.name, plan.steps.size(), workshop.description);
  spdlog::debug("{}", program_version());
  spdlog::debug("seed {}, {} trials, protocol {}, store {}", experiment.seed, experiment.trials,
                protocol_name(experiment.protocol), experiment.store.string());
  spdlog::debug("the experiment {}:\n{}", experiment.source.file, experiment.text);
  for (const auto& step : plan.steps) {
    spdlog::debug("step {}: options {} plugins {}", step->title(), step->options.dump(), step->plugins.dump());
  }
}

void print_results(const Experiment& experiment, const Plan& plan) {
  const std::vector<ResultRow> rows = result_rows(plan);
  if (!rows.empty()) program_output() << result_text(rows);
  program_output() << "Files: " << experiment.output.string() << " (result.json, transfer_matrix.csv"
            << (experiment.distills.empty() ? "" : ", distillation.csv") << "; every step under "
            << (experiment.store / "steps").string() << ")" << std::endl;
}

}  // namespace

int run_verb(const Arguments& arguments) {
  po::options_description options("run", 110, 60);
  options.add_options()("experiment", po::value<std::string>()->value_name("EXPERIMENT.toml")->required(),
                        "the experiment")("dry-run", "say what would run and why, and run nothing")(
      "output", po::value<std::string>()->value_name("DIR"), "where results go (default: runs/NAME beside the file)")(
      "step", po::value<std::string>()->value_name("ID"), "run this step alone, and what it needs")(
      "set", po::value<std::vector<std::string>>()->value_name("KEY=VALUE"),
      "replace a value of the file, such as recipes.deep.epochs=3; may be given several times");
  po::positional_options_description positional;
  positional.add("experiment", 1);
  const auto values = parse_verb(arguments,
                                 "histokt-host [run] EXPERIMENT.toml\n\nRuns an experiment. What is finished is not "
                                 "run again; an interrupted run goes on where it was.\n",
                                 "histokt-host run examples/two-laboratories.toml --set trials=1 --dry-run", options,
                                 positional);
  if (!values) return 0;

  std::optional<std::filesystem::path> output;
  if (values->contains("output")) output = (*values)["output"].as<std::string>();
  const Experiment experiment =
      read_experiment((*values)["experiment"].as<std::string>(), texts(*values, "set"), output);
  const RuntimeConfig& runtime = experiment.runtime;
  const Workshop workshop = make_workshop({runtime.threads, runtime.device, runtime.precision, runtime.deterministic,
                                           runtime.loader_threads, experiment.store / "scratch"});
  Plan plan = make_plan(experiment, workshop);
  const Store store(experiment.store);
  Runner runner(plan.steps, store);
  if (values->contains("dry-run")) {
    set_up_logging(std::nullopt);
    print_forecast(runner);
    return 0;
  }

  set_up_logging(experiment.output / "log.txt");
  log_circumstances(experiment, workshop, plan);
  RunCounts counts;
  try {
    counts = values->contains("step") ? runner.run_only((*values)["step"].as<std::string>()) : runner.run();
  } catch (const Interrupted&) {
    write_outputs(experiment, plan);
    clear_live_line();
    spdlog::warn("Interrupted. Finished steps are kept in {}, and training goes on after its last finished epoch: "
                 "run the same command again.",
                 store.steps_folder().string());
    throw;
  } catch (const std::exception&) {
    write_outputs(experiment, plan);
    throw;
  }
  write_outputs(experiment, plan);
  if (counts.ran == 0) {
    spdlog::info("Nothing to do: all {} steps are finished.", counts.reused);
  } else {
    spdlog::info("{} steps ran, {} were finished before.", counts.ran, counts.reused);
  }
  print_results(experiment, plan);
  return 0;
}

}  // namespace histokt
