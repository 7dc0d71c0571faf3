#include "experiment/outputs.hpp"

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
  }
  return true;
}

// The share of the commonest class in all folds' tests together; for several labels a patch the mean over patches.
double majority_over_folds(const Cell& cell) {
  std::vector<std::uint64_t> per_class;
  double weighted = 0, patches = 0;
  bool several_labels = false;
  for (const Cell::Fold& fold : cell.folds) {
    if (!fold.evaluations.front()->record) continue;
    const Json& summary = fold.evaluations.front()->record->result.summary;
    const auto counts = summary.at("patches_per_class").get<std::vector<std::uint64_t>>();
    per_class.resize(counts.size(), 0);
    for (std::size_t c = 0; c < counts.size(); ++c) per_class[c] += counts[c];
    const double count = summary.at("patches").get<double>();
    patches += count;
    weighted += count * summary.at("majority").get<double>();
    several_labels = summary.at("multi_label").get<bool>();
  }
  if (patches == 0) return 0;
  return (several_labels ? weighted : static_cast<double>(std::ranges::max(per_class))) / patches;
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
    for (const Cell::Fold& fold : cell.folds) finished = add_fold(fold, row) && finished;
    if (cell.folds.size() > 1) row.majority = majority_over_folds(cell);
    count_skipped(cell, row);
    if (finished) rows.push_back(std::move(row));
  }
  return rows;
}

void write_outputs(const Experiment& experiment, const Plan& plan) {
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
}

}  // namespace histokt
