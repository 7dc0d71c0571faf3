// SPDX-License-Identifier: MIT
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "steps/catalogue.hpp"
#include "steps/rate_choice.hpp"
#include "steps/steps.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;

std::string training_role(const std::string& prefix, std::size_t setting, std::size_t trial) {
  return prefix + std::to_string(setting) + "-" + std::to_string(trial + 1);
}

// The winner's weights under a name in this step's folder: a second name for the same bytes where the file
// system can, so that they cost nothing.
void keep_file(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::remove(to, error);
  fs::create_hard_link(from, to, error);
  if (!error) return;
  const fs::path temporary = temporary_beside(to);
  fs::copy_file(from, temporary, error);
  if (error) throw RunError(to.string() + ": cannot be written: " + write_failure(error.value()));
  publish_file(temporary, to);
}

// JSON has no NaN; null stands for it.
double selection_score(const Json& summary) {
  const Json& score = summary.at("best_selection_score");
  return score.is_number() ? score.get<double>() : std::numeric_limits<double>::quiet_NaN();
}

Json numbers(const std::vector<double>& values) {
  Json list = Json::array();
  for (double value : values) list.push_back(std::isnan(value) ? Json() : Json(value));
  return list;
}

// Adds what one training of the setting came to.
void add(const Json& summary, SettingScores& setting) {
  setting.scores.back().push_back(selection_score(summary));
  if (!summary.contains("diverged") || !setting.diverged.empty()) return;
  const Json& where = summary.at("diverged");
  setting.diverged = "epoch " + where.at("epoch").dump() + ", batch " + where.at("batch").dump();
}

// Throws RunError where no setting is left.
void check_any_is_sound(const std::vector<SettingScores>& settings) {
  std::vector<std::string> diverged;
  for (const SettingScores& setting : settings) {
    if (setting.diverged.empty()) return;
    diverged.push_back(setting.label + " (" + setting.diverged + ")");
  }
  throw RunError("every setting diverged, so none can be chosen: " + joined(diverged) +
                 "; give the recipe's optimizer smaller learning rates");
}

Json summary_of(const RateChoice& choice, const std::vector<OptimizerSetting>& settings,
                const std::vector<SettingScores>& scored) {
  Json table = Json::array();
  const Json means = numbers(choice.means);
  for (std::size_t s = 0; s < settings.size(); ++s) {
    table.push_back({{"setting", settings[s].json()},
                     {"label", scored[s].label},
                     {"valid_scores", numbers(scored[s].scores.front())},
                     {"diverged", !scored[s].diverged.empty()},
                     {"mean", means[s]}});
  }
  Json summary = {{"settings", table},
                  {"chosen", choice.best},
                  {"learning_rate", settings[choice.best].learning_rate},
                  {"says", choice.says},
                  {"ties", choice.ties}};
  if (choice.next) {
    summary["next"] = *choice.next;
    summary["margin"] = *choice.margin;
    summary["trial_deviation"] = choice.trial_deviation ? Json(*choice.trial_deviation) : Json();
    summary["within_deviation"] = choice.within_deviation;
  }
  return summary;
}

}  // namespace

std::unique_ptr<Step> choose_rate_step(const Experiment& experiment, const std::string& label,
                                       const std::vector<OptimizerSetting>& settings,
                                       const std::vector<std::vector<Step*>>& trainings,
                                       const std::vector<std::vector<Step*>>& also) {
  auto step = new_step(PlanPart::kChooseRate);
  step->label = label;
  std::vector<std::size_t> others;
  for (std::size_t s = 0; s < trainings.size(); ++s) {
    step->options["settings"].push_back(settings[s].json());
    for (std::size_t t = 0; t < trainings[s].size(); ++t) {
      step->inputs.push_back({training_role("training-", s, t), trainings[s][t], "checkpoint"});
    }
    others.push_back(s < also.size() ? also[s].size() : 0);
    for (std::size_t t = 0; t < others.back(); ++t) {
      step->inputs.push_back({training_role("also-", s, t), also[s][t], "checkpoint"});
    }
  }
  const std::size_t trials = trainings.front().size();
  const bool keep_all = experiment.keep_all;
  step->work = [settings, trials, others, keep_all](StepContext& context) {
    std::vector<SettingScores> scored;
    for (std::size_t s = 0; s < settings.size(); ++s) {
      SettingScores& setting = scored.emplace_back(SettingScores{settings[s].label(), {{}}});
      for (std::size_t t = 0; t < trials; ++t) {
        add(context.summary(training_role("training-", s, t)), setting);
      }
      for (std::size_t t = 0; t < others[s]; ++t) {
        if (t % trials == 0) setting.scores.emplace_back();
        add(context.summary(training_role("also-", s, t)), setting);
      }
    }
    check_any_is_sound(scored);
    const std::string score =
        context.summary(training_role("training-", 0, 0)).at("selection").get<std::string>();
    const RateChoice choice = choose_rate(scored, score);
    const std::size_t best = choice.best;
    StepResult result;
    for (std::size_t t = 0; t < trials; ++t) {
      const std::string name = "trial-" + std::to_string(t + 1);
      const std::string role = training_role("training-", best, t);
      const fs::path from = context.file(role);
      keep_file(from, context.folder() / (name + ".safetensors"));
      result.outputs[name] = {context.output(role).digest, name + ".safetensors"};
    }
    if (!keep_all) {
      for (std::size_t s = 0; s < settings.size(); ++s) {
        for (std::size_t t = 0; s != best && t < trials; ++t) {
          const std::string role = training_role("training-", s, t);
          if (!context.summary(role).contains("diverged")) context.discard(role);
        }
      }
    }
    result.summary = summary_of(choice, settings, scored);
    result.summary["selection"] = score;
    if (!choice.says.empty()) spdlog::info("{}: {}", context.step().label, choice.says);
    return result;
  };
  return step;
}

std::unique_ptr<Step> choose_trial_step(const std::string& label, Step* choice, int trials,
                                        const std::vector<Step*>& tests) {
  auto step = new_step(PlanPart::kChooseTrial);
  step->label = label;
  step->options = {{"by", tests.empty() ? "validation" : "test"}};
  for (int t = 1; t <= trials; ++t) {
    const std::string name = "trial-" + std::to_string(t);
    step->inputs.push_back({name, choice, name});
    if (!tests.empty()) step->inputs.push_back({"test-" + std::to_string(t), tests[t - 1], "result"});
  }
  step->work = [trials, by_test = !tests.empty()](StepContext& context) {
    std::vector<double> scores;
    for (int t = 1; t <= trials; ++t) {
      if (by_test) {
        scores.push_back(context.summary("test-" + std::to_string(t)).at("accuracy").get<double>());
      } else {
        const Json& summary = context.summary("trial-1");
        const Json& chosen = summary.at("settings").at(summary.at("chosen").get<std::size_t>());
        const Json& score = chosen.at("valid_scores").at(t - 1);
        scores.push_back(score.is_number() ? score.get<double>() : -1.0);  // less than any score
      }
    }
    const auto best = std::max_element(scores.begin(), scores.end()) - scores.begin();  // the first of equals
    const std::string role = "trial-" + std::to_string(best + 1);
    keep_file(context.file(role), context.folder() / "winner.safetensors");
    return StepResult{{{"winner", {context.output(role).digest, "winner.safetensors"}}},
                      {{"trial", best + 1}, {"scores", scores}}};
  };
  return step;
}

}  // namespace histokt
