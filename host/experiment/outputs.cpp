#include "experiment/outputs.hpp"

#include <histokt/adapters/csv.hpp>
#include <map>

#include "base/files.hpp"
#include "experiment/resolved.hpp"
#include "experiment/steps/steps.hpp"
#include "experiment/version.hpp"

namespace histokt {
namespace {

ResultRow::Kind row_kind(Cell::Kind kind) {
  return kind == Cell::Kind::kBaseline   ? ResultRow::Kind::kBaseline
         : kind == Cell::Kind::kTransfer ? ResultRow::Kind::kTransfer
                                         : ResultRow::Kind::kDistilled;
}

// Counts the pictures that everything behind the row's tests was made without.
void count_skipped(const Cell& cell, ResultRow& row) {
  std::map<std::string, std::size_t> all;
  for (const Cell::Fold& fold : cell.folds) {
    for (const Step* step : fold.evaluations) all.merge(skipped_pictures(*step));
  }
  for (const auto& [dataset, count] : all) {
    row.skipped_pictures += static_cast<std::int64_t>(count);
    row.skipped_of.push_back(dataset);
  }
}

// One of the test's groups.csv: nothing where the file is gone, or damaged; then there are no intervals.
struct TestedGroups {
  std::vector<double> patches, right;
};

std::optional<TestedGroups> tested_groups(const Step& test) {
  const std::filesystem::path file = test.record->folder / "groups.csv";
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) return std::nullopt;
  try {
    const adapters::Table table = adapters::Table::read(file);
    TestedGroups groups;
    for (std::size_t i = 0; i < table.size(); ++i) {
      groups.patches.push_back(std::stod(table.row(i)["patches"]));
      groups.right.push_back(std::stod(table.row(i)["right"]));
    }
    return groups;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

// Adds the groups of a fold to the row, so that each fold counts the same. False where they are not known.
bool add_groups(const Cell::Fold& fold, ResultRow& row) {
  const std::size_t before = row.group_right.size();
  for (const Step* step : fold.evaluations) {
    const std::optional<TestedGroups> groups = tested_groups(*step);
    if (!groups) return false;
    const double patches = step->record->result.summary.at("patches").get<double>();
    if (row.group_right.size() == before) {
      for (double count : groups->patches) row.group_weight.push_back(count / patches);
      row.group_right.resize(row.group_weight.size(), 0.0);
    }
    if (before + groups->right.size() != row.group_right.size()) return false;
    const double share = 1 / (patches * static_cast<double>(fold.evaluations.size()));
    for (std::size_t g = 0; g < groups->right.size(); ++g) row.group_right[before + g] += share * groups->right[g];
  }
  return true;
}

void take_groups(const Cell& cell, ResultRow& row) {
  for (const Cell::Fold& fold : cell.folds) {
    if (add_groups(fold, row)) continue;
    row.group_right.clear();
    row.group_weight.clear();
    return;
  }
}

// The mean over folds and trials of what the tests' summaries hold; nothing where one does not.
std::optional<double> mean_over_tests(const Cell& cell, const std::string& key) {
  double sum = 0, count = 0;
  for (const Cell::Fold& fold : cell.folds) {
    for (const Step* step : fold.evaluations) {
      const Json& summary = step->record->result.summary;
      if (!summary.contains(key) || !summary.at(key).is_number()) return std::nullopt;
      sum += summary.at(key).get<double>();
      ++count;
    }
  }
  return sum / count;
}

void take_metrics(const Cell& cell, ResultRow& row) {
  for (const char* name : {"balanced_accuracy", "macro_f1", "auc", "kappa"}) {
    if (const auto mean = mean_over_tests(cell, name)) row.metrics[name] = *mean;
  }
  for (const char* name : {"macro_average_precision", "mean_average_precision"}) {
    if (const auto mean = mean_over_tests(cell, name)) row.metrics["average_precision"] = *mean;
  }
}

// Adds a fold's tests to the row. False where one is not finished.
bool add_fold(const Cell::Fold& fold, ResultRow& row) {
  std::vector<double>& accuracies = row.accuracies.emplace_back();
  for (const Step* step : fold.evaluations) {
    if (!step->record) return false;
    const Json& summary = step->record->result.summary;
    accuracies.push_back(summary.at("accuracy").get<double>());
    if (accuracies.size() > 1) continue;  // what follows is the same for all trials
    row.chance = summary.at("chance").get<double>();
    row.majority = summary.at("majority").get<double>();
    if (summary.contains("all_negative")) row.all_negative = summary.at("all_negative").get<double>();
    row.test_patches += summary.at("patches").get<std::int64_t>();
    row.test_groups += summary.at("groups").get<std::int64_t>();
    row.group_level = summary.at("group_level").get<std::string>();
    row.split_protocol = summary.at("split_protocol").get<std::string>();
    row.folds = summary.at("folds").get<std::string>();
    row.split_digests.push_back(summary.at("split_digest").get<std::string>());
  }
  if (fold.choice && fold.choice->record) {
    const double rate = fold.choice->record->result.summary.at("learning_rate").get<double>();
    if (std::ranges::find(row.learning_rates, rate) == row.learning_rates.end()) row.learning_rates.push_back(rate);
    const std::string note = fold.choice->record->result.summary.value("says", "");
    if (!note.empty()) row.rate_notes.push_back(note);
  }
  return true;
}

// Adds what a fold's probe found, for a mean over the folds.
bool add_probe(const Cell& cell, const Cell::Fold& fold, ResultRow& row) {
  if (!fold.probe) return true;
  if (!fold.probe->record) return false;
  const Json& summary = fold.probe->record->result.summary;
  const auto add = [&](std::optional<double>& mean, const char* name) {
    mean = mean.value_or(0) + summary.at(name).at("accuracy").get<double>() / static_cast<double>(cell.folds.size());
  };
  add(row.probe_accuracy, "probe");
  add(row.knn_accuracy, "knn");
  return true;
}

// What answers that need no network score in all folds' tests together.
void take_guesses_of_all_folds(const Cell& cell, ResultRow& row) {
  std::vector<std::uint64_t> per_class;
  std::uint64_t patches = 0;
  for (const Cell::Fold& fold : cell.folds) {
    if (!fold.evaluations.front()->record) continue;
    const Json& summary = fold.evaluations.front()->record->result.summary;
    const auto counts = summary.at("patches_per_class").get<std::vector<std::uint64_t>>();
    per_class.resize(counts.size(), 0);
    for (std::size_t c = 0; c < counts.size(); ++c) per_class[c] += counts[c];
    patches += summary.at("patches").get<std::uint64_t>();
  }
  if (patches == 0) return;
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

Json step_json(const Step& step) {
  Json json = {{"kind", step.kind}, {"label", step.label}, {"state", step.record ? "finished" : "not finished"}};
  if (step.record) {
    json["folder"] = step.record->folder.string();
    json["identity"] = step.record->identity;
    json["definition"] = step.record->definition;
    json["summary"] = step.record->result.summary;
  } else {
    json["options"] = step.options;
  }
  return json;
}

}  // namespace

std::vector<ResultRow> result_rows(const Plan& plan) {
  std::vector<ResultRow> rows;
  for (const Cell& cell : plan.cells) {
    ResultRow row;
    row.kind = row_kind(cell.kind);
    row.sources = cell.sources;
    row.target = cell.target;
    row.recipe = cell.recipe;
    row.distiller = cell.distiller;
    row.weights = cell.weights;
    bool finished = true;
    for (const Cell::Fold& fold : cell.folds) {
      finished = add_fold(fold, row) && finished;
      finished = add_probe(cell, fold, row) && finished;
    }
    if (!finished) continue;
    if (cell.folds.size() > 1) take_guesses_of_all_folds(cell, row);
    take_groups(cell, row);
    take_metrics(cell, row);
    count_skipped(cell, row);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<ResultRow> write_outputs(const Experiment& experiment, const Plan& plan) {
  Json steps = Json::array();
  for (const auto& step : plan.steps) steps.push_back(step_json(*step));
  Json skipped = Json::object();
  for (const auto& step : plan.steps) {
    for (const auto& [dataset, count] : skipped_pictures(*step)) skipped[dataset] = count;
  }
  const Json result = {{"name", experiment.name},
                       {"program", program_version()},
                       {"protocol", protocol_name(experiment.protocol)},
                       {"seed", experiment.seed},
                       {"trials", experiment.trials},
                       {"experiment", experiment.text},
                       {"skipped_pictures", skipped},
                       {"resolved", resolved_text(experiment)},
                       {"steps", steps}};
  write_file_atomically(experiment.output / "result.json", result.dump(2) + "\n");
  const std::vector<ResultRow> rows = result_rows(plan);
  write_file_atomically(experiment.output / "transfer_matrix.csv", transfer_matrix_csv(rows));
  if (!experiment.distills.empty()) {
    write_file_atomically(experiment.output / "distillation.csv", distillation_csv(rows));
  }
  return rows;
}

}  // namespace histokt
