// SPDX-License-Identifier: MIT
#include "results/result_rows.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "base/json_file.hpp"
#include "results/columns.hpp"
#include "results/step_files.hpp"
#include "steps/steps.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;
using Steps = std::vector<const Step*>;

const Json& summary_of(const Step& step) {
  return step.record->result.summary;
}

// All of one sort behind the cell, by fold and then by trial.
Steps steps_of(const Cell& cell, StepsOf which) {
  Steps steps;
  const auto add = [&](const Step* step) {
    if (step) steps.push_back(step);
  };
  for (const Cell::Fold& fold : cell.folds) {
    switch (which) {
      case StepsOf::kTests:
        std::ranges::for_each(fold.evaluations, add);
        break;
      case StepsOf::kProbes:
        add(fold.look("probe"));
        break;
      case StepsOf::kUntuned:
        add(fold.look("evaluate"));
        break;
      case StepsOf::kMerges:
        add(fold.merge);
        break;
    }
  }
  return steps;
}

bool is_finished(const Cell& cell) {
  return std::ranges::all_of(
      std::array{StepsOf::kTests, StepsOf::kProbes, StepsOf::kUntuned, StepsOf::kMerges}, [&](StepsOf which) {
        return std::ranges::all_of(steps_of(cell, which),
                                   [](const Step* step) { return step->record.has_value(); });
      });
}

std::optional<double> mean_at(const Steps& steps, const std::string& path) {
  const Json::json_pointer at(path);
  double sum = 0;
  for (const Step* step : steps) {
    const Json& summary = summary_of(*step);
    if (!summary.contains(at) || !summary.at(at).is_number()) return std::nullopt;
    sum += summary.at(at).get<double>();
  }
  return steps.empty() ? std::nullopt : std::optional(sum / static_cast<double>(steps.size()));
}

// Of every column that is such a mean.
void take_means(const Cell& cell, ResultRow& row) {
  for (const Column& column : columns()) {
    for (const std::string& path : column.mean.paths) {
      if (const auto mean = mean_at(steps_of(cell, column.mean.steps), path)) {
        row.means[column.key] = *mean;
        break;
      }
    }
  }
}

// What answers that need no network score in all folds' tests together.
void take_guesses(const Cell& cell, ResultRow& row) {
  const Json& first = summary_of(*cell.folds.front().evaluations.front());
  row.chance = first.at("chance").get<double>();
  row.majority = first.at("majority").get<double>();
  if (first.contains("all_negative")) row.all_negative = first.at("all_negative").get<double>();
  if (cell.folds.size() == 1) return;

  std::vector<std::uint64_t> per_class(first.at("patches_per_class").size(), 0);
  for (const Cell::Fold& fold : cell.folds) {
    const Json& counts = summary_of(*fold.evaluations.front()).at("patches_per_class");
    for (std::size_t c = 0; c < per_class.size(); ++c) per_class[c] += counts.at(c).get<std::uint64_t>();
  }
  const auto patches = static_cast<std::uint64_t>(row.test_patches);
  if (!row.all_negative) {
    row.majority = static_cast<double>(std::ranges::max(per_class)) / static_cast<double>(patches);
    return;
  }
  double positives = 0, commoner = 0;
  for (std::uint64_t count : per_class) {
    positives += static_cast<double>(count);
    commoner += static_cast<double>(std::max(count, patches - count));
  }
  const double entries = static_cast<double>(patches) * static_cast<double>(per_class.size());
  row.majority = commoner / entries;
  row.all_negative = 1 - positives / entries;
}

// The tests of each fold, and what is the same for all trials of it.
void take_tests(const Cell& cell, ResultRow& row) {
  for (const Cell::Fold& fold : cell.folds) {
    std::vector<double>& accuracies = row.accuracies.emplace_back();
    for (const Step* test : fold.evaluations)
      accuracies.push_back(summary_of(*test).at("accuracy").get<double>());
    const Json& summary = summary_of(*fold.evaluations.front());
    row.test_patches += summary.at("patches").get<std::int64_t>();
    row.test_groups += summary.at("groups").get<std::int64_t>();
    row.group_level = summary.at("group_level").get<std::string>();
    row.split_protocol = summary.at("split_protocol").get<std::string>();
    row.folds = summary.at("folds").get<std::string>();
    row.split_digests.push_back(summary.at("split_digest").get<std::string>());
  }
  take_guesses(cell, row);
}

void take_rates(const Cell& cell, ResultRow& row) {
  for (const Cell::Fold& fold : cell.folds) {
    if (!fold.choice || !fold.choice->record) continue;
    const Json& summary = summary_of(*fold.choice);
    row.learning_rates.push_back(summary.at("learning_rate").get<double>());
    const std::string note = summary.value("says", "");
    if (!note.empty()) row.rate_notes.push_back(note);
  }
}

// The norm of the merge over that of each of its sources, averaged over the folds.
void take_norms(const Cell& cell, ResultRow& row) {
  const Steps merges = steps_of(cell, StepsOf::kMerges);
  for (const Step* merge : merges) {
    const Json norms = summary_of(*merge).value("norms", Json::object());
    const Json sources = norms.value("sources", Json::array());
    row.norm_ratios.resize(sources.size());
    for (std::size_t s = 0; s < sources.size(); ++s) {
      row.norm_ratios[s] +=
          norms.at("merged").get<double>() / sources.at(s).get<double>() / static_cast<double>(merges.size());
    }
  }
}

// Counts the images that everything behind the row's tests was made without.
void take_skipped(const Cell& cell, ResultRow& row) {
  std::map<std::string, std::size_t> all;
  for (const Step* test : steps_of(cell, StepsOf::kTests)) all.merge(skipped_images(*test));
  for (const auto& [dataset, count] : all) {
    row.skipped_images += static_cast<std::int64_t>(count);
    row.skipped_of.push_back(dataset);
  }
}

// The networks that were tested, whatever made them.
void take_checkpoints(const Cell& cell, const fs::path& folder, ResultRow& row) {
  for (const Step* test : steps_of(cell, StepsOf::kTests)) {
    const auto input = std::ranges::find(test->inputs, "checkpoint", &StepInput::role);
    const StepRecord& made_by = *input->step->record;
    row.checkpoints.push_back(
        path_in_file(made_by.folder / made_by.result.outputs.at(input->output).file, folder));
  }
}

// A file of a finished step that could not be read.
MissingFile missing_file(const Step& step, const char* name, const fs::path& folder, const std::string& why,
                         const std::string& lost) {
  const fs::path file = step.record->folder / name;
  std::error_code error;
  const std::string problem = fs::exists(file, error) ? why : file.string() + " is missing";
  return {fs::proximate(file, folder).string(), problem + ", so there is no " + lost +
                                                    ". Delete the folder " + step.record->folder.string() +
                                                    " and run again to redo the step."};
}

// Adds the groups of a fold to the row, so that each fold counts the same. False where they are not known.
bool add_groups(const Cell::Fold& fold, const fs::path& folder, ResultRow& row) {
  const std::size_t before = row.group_right.size();
  bool all_known = true;
  for (const Step* test : fold.evaluations) {
    TestedGroups groups;
    try {
      groups = tested_groups(*test);
    } catch (const std::exception& error) {
      row.missing.push_back(missing_file(*test, kGroupsFile, folder, error.what(), "interval"));
      all_known = false;
      continue;
    }
    const auto patches = summary_of(*test).at("patches").get<double>();
    if (row.group_right.size() == before) {
      for (double count : groups.patches) row.group_weight.push_back(count / patches);
      row.group_right.resize(row.group_weight.size(), 0.0);
    }
    const double share = 1 / (patches * static_cast<double>(fold.evaluations.size()));
    for (std::size_t g = 0; g < groups.right.size(); ++g)
      row.group_right[before + g] += share * groups.right[g];
  }
  return all_known;
}

void take_groups(const Cell& cell, const fs::path& folder, ResultRow& row) {
  bool all_known = true;
  for (const Cell::Fold& fold : cell.folds) all_known = add_groups(fold, folder, row) && all_known;
  if (all_known) return;
  row.group_right.clear();
  row.group_weight.clear();
}

// The setting that a choice of rates took.
std::size_t chosen_setting(const Step& choice) {
  return summary_of(choice).at("chosen").get<std::size_t>();
}

// The best validation score of the chosen setting, averaged over trials; nothing where one is not a number.
std::optional<double> best_validation(const Step& choice) {
  const Json& scores = summary_of(choice).at("settings").at(chosen_setting(choice)).at("valid_scores");
  double sum = 0;
  for (const Json& score : scores) {
    if (!score.is_number()) return std::nullopt;
    sum += score.get<double>();
  }
  return sum / static_cast<double>(scores.size());
}

// Of tuned networks: how soon they were as good as their baseline at its best, on the validation patches.
void take_epochs(const Cell& cell, const Cell* baseline, const fs::path& folder, ResultRow& row) {
  if (!baseline || cell.kind == Cell::Kind::kBaseline) return;
  double epochs = 0;
  for (std::size_t f = 0; f < cell.folds.size(); ++f) {
    const Step *choice = cell.folds[f].choice, *other = baseline->folds[f].choice;
    if (!choice || !other || !choice->record || !other->record) return;
    const auto selection = [](const Step& step) { return summary_of(step).value("selection", ""); };
    const std::optional<double> wanted = best_validation(*other);
    if (!wanted || selection(*choice) != selection(*other)) return;  // scores of two kinds cannot be compared
    for (const Step* training : cell.folds[f].trainings.at(chosen_setting(*choice))) {
      try {
        const std::optional<int> epoch = first_epoch_with(*training, *wanted);
        ++row.trainings_compared;
        if (!epoch) continue;
        ++row.trainings_that_reached;
        epochs += *epoch;
      } catch (const std::exception& error) {
        row.missing.push_back(missing_file(*training, kMetricsFile, folder, error.what(),
                                           "epoch in which this training reached the baseline"));
      }
    }
  }
  if (row.trainings_that_reached > 0) row.epochs_to_baseline = epochs / row.trainings_that_reached;
}

// What the plan says of the cell.
ResultRow row_of(const Cell& cell) {
  ResultRow row;
  row.kind = cell.kind;
  row.sources = cell.sources;
  row.target = cell.target;
  row.recipe = cell.recipe;
  row.train = cell.train;
  row.distiller = cell.distiller;
  row.method = cell.method;
  row.merge_settings = cell.merge_settings;
  row.weights = cell.weights;
  row.matrices = cell.matrices;
  row.in_distillation = cell.in_distillation;
  return row;
}

// Where the tests of a cell lie: cells of the very same networks share them.
std::vector<fs::path> networks_of(const Cell& cell) {
  std::vector<fs::path> folders;
  for (const Step* test : steps_of(cell, StepsOf::kTests)) folders.push_back(test->record->folder);
  return folders;
}

}  // namespace

std::vector<ResultRow> result_rows(const Plan& plan, const fs::path& folder) {
  std::vector<ResultRow> rows;
  std::map<std::vector<fs::path>, std::string> keys;
  for (const Cell& cell : plan.cells) {
    if (!is_finished(cell)) continue;
    ResultRow& row = rows.emplace_back(row_of(cell));
    take_tests(cell, row);
    take_means(cell, row);
    take_rates(cell, row);
    take_norms(cell, row);
    take_skipped(cell, row);
    take_checkpoints(cell, folder, row);
    take_groups(cell, folder, row);
    take_epochs(cell, baseline_of(plan.cells, cell), folder, row);
    const auto [known, is_new] = keys.try_emplace(networks_of(cell), row_key(row));
    if (!is_new) row.same_as = known->second;
  }
  return rows;
}

}  // namespace histokt
