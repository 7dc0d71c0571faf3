#include "results/outputs.hpp"

#include <histokt/adapters/csv.hpp>
#include <map>

#include "base/files.hpp"
#include "base/version.hpp"
#include "config/resolved.hpp"
#include "steps/steps.hpp"
#include "training/metrics.hpp"

namespace histokt {
namespace {

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
    for (std::size_t g = 0; g < groups->right.size(); ++g)
      row.group_right[before + g] += share * groups->right[g];
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

// The mean over the summaries of what stands at `path` ("/by_group/accuracy"); nothing where one has no
// number there.
std::optional<double> mean_of(const std::vector<const Step*>& steps, const std::string& path) {
  const Json::json_pointer at(path);
  double sum = 0;
  for (const Step* step : steps) {
    const Json& summary = step->record->result.summary;
    if (!summary.contains(at) || !summary.at(at).is_number()) return std::nullopt;
    sum += summary.at(at).get<double>();
  }
  return steps.empty() ? std::nullopt : std::optional(sum / static_cast<double>(steps.size()));
}

// The means over folds and trials; of probes over folds.
void take_metrics(const Cell& cell, ResultRow& row) {
  std::vector<const Step*> tests, probes;
  for (const Cell::Fold& fold : cell.folds) {
    tests.insert(tests.end(), fold.evaluations.begin(), fold.evaluations.end());
    if (fold.probe) probes.push_back(fold.probe);
  }
  const auto take = [&](const std::string& name, const std::vector<const Step*>& steps,
                        const std::string& path) {
    if (const auto mean = mean_of(steps, path)) row.metrics[name] = *mean;
  };
  for (const Metric& metric : metric_table()) {
    if (metric.column) take(metric.column, tests, "/" + std::string(metric.key));
  }
  take("picture_accuracy", tests, "/by_image/accuracy");
  take("group_accuracy", tests, "/by_group/accuracy");
  for (const char* name : {"/macro_average_precision", "/mean_average_precision"}) {
    take("probe_average_precision", probes, "/probe" + std::string(name));
    take("knn_average_precision", probes, "/knn" + std::string(name));
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
    if (std::ranges::find(row.learning_rates, rate) == row.learning_rates.end())
      row.learning_rates.push_back(rate);
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
    mean = mean.value_or(0) +
           summary.at(name).at("accuracy").get<double>() / static_cast<double>(cell.folds.size());
  };
  add(row.probe_accuracy, "probe");
  add(row.knn_accuracy, "knn");
  return true;
}

// The accuracy of the network's own head, the mean over the folds; nothing where it answers other classes.
bool add_untuned(const Cell& cell, const Cell::Fold& fold, ResultRow& row) {
  if (!fold.untuned) return true;
  if (!fold.untuned->record) return false;
  const Json& summary = fold.untuned->record->result.summary;
  if (!summary.contains("accuracy")) return true;
  row.untuned_accuracy = row.untuned_accuracy.value_or(0) +
                         summary.at("accuracy").get<double>() / static_cast<double>(cell.folds.size());
  return true;
}

// Seconds and norms of the merges, the means over those of the folds.
void add_merge(const Cell& cell, ResultRow& row) {
  if (cell.distiller.empty()) return;
  const auto folds = static_cast<double>(cell.folds.size());
  for (const Cell::Fold& fold : cell.folds) {
    if (!fold.merge || !fold.merge->record) return;
    const Json& summary = fold.merge->record->result.summary;
    row.merge_seconds = row.merge_seconds.value_or(0) + summary.at("seconds").get<double>() / folds;
    const Json norms = summary.value("norms", Json::object());
    const Json sources = norms.value("sources", Json::array());
    row.norm_ratios.resize(sources.size());
    for (std::size_t s = 0; s < sources.size(); ++s) {
      row.norm_ratios[s] += norms.at("merged").get<double>() / sources.at(s).get<double>() / folds;
    }
  }
}

// The setting that a choice of rates took.
std::size_t chosen_setting(const Step& choice) {
  return choice.record->result.summary.at("chosen").get<std::size_t>();
}

// The mean over trials of the best validation score of the chosen setting; nothing where one is not a number.
std::optional<double> best_validation(const Step& choice) {
  const Json& scores =
      choice.record->result.summary.at("settings").at(chosen_setting(choice)).at("valid_scores");
  double sum = 0;
  for (const Json& score : scores) {
    if (!score.is_number()) return std::nullopt;
    sum += score.get<double>();
  }
  return sum / static_cast<double>(scores.size());
}

// The first epoch of a training whose selection score is at least `wanted`: 0 where none is, nothing where
// its metrics.csv is gone or has no such column.
std::optional<int> first_epoch_with(const Step& training, double wanted) {
  const std::filesystem::path file = training.record->folder / "metrics.csv";
  try {
    const adapters::Table table = adapters::Table::read(file);
    for (std::size_t i = 0; i < table.size(); ++i) {
      if (std::stod(table.row(i)["selection_score"]) >= wanted) return std::stoi(table.row(i)["epoch"]);
    }
    return 0;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

// Of tuned networks: how soon they were as good as their baseline at its best, on the validation patches.
void add_epochs(const Cell& cell, const Cell* baseline, ResultRow& row) {
  if (!baseline || cell.kind == Cell::Kind::kBaseline) return;
  double epochs = 0;
  for (std::size_t f = 0; f < cell.folds.size(); ++f) {
    const Step *choice = cell.folds[f].choice, *other = baseline->folds[f].choice;
    if (!choice || !other || !choice->record || !other->record) return;
    const auto selection = [](const Step& step) {
      return step.record->result.summary.value("selection", "");
    };
    const std::optional<double> wanted = best_validation(*other);
    if (!wanted || selection(*choice) != selection(*other)) return;  // scores of two kinds cannot be compared
    for (const Step* training : cell.folds[f].trainings.at(chosen_setting(*choice))) {
      const std::optional<int> epoch = first_epoch_with(*training, *wanted);
      if (!epoch) continue;
      ++row.trainings_compared;
      if (*epoch == 0) continue;
      ++row.trainings_that_reached;
      epochs += *epoch;
    }
  }
  if (row.trainings_that_reached > 0) row.epochs_to_baseline = epochs / row.trainings_that_reached;
}

// Where the tests of a cell lie: cells of the very same networks share them.
std::vector<std::string> networks_of(const Cell& cell) {
  std::vector<std::string> folders;
  for (const Cell::Fold& fold : cell.folds) {
    for (const Step* test : fold.evaluations) folders.push_back(test->record->folder.string());
  }
  return folders;
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
  Json json = {
      {"kind", step.kind}, {"label", step.label}, {"state", step.record ? "finished" : "not finished"}};
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
  std::map<std::vector<std::string>, std::string> names;
  for (const Cell& cell : plan.cells) {
    ResultRow row;
    row.kind = cell.kind;
    row.sources = cell.sources;
    row.target = cell.target;
    row.recipe = cell.recipe;
    row.train = cell.train;
    row.distiller = cell.distiller;
    row.strategy = cell.strategy;
    row.made_with = cell.made_with;
    row.weights = cell.weights;
    row.matrices = cell.matrices;
    row.in_distillation = cell.in_distillation;
    bool finished = true;
    for (const Cell::Fold& fold : cell.folds) {
      finished = add_fold(fold, row) && finished;
      finished = add_probe(cell, fold, row) && finished;
      finished = add_untuned(cell, fold, row) && finished;
    }
    if (!finished) continue;
    add_merge(cell, row);
    add_epochs(cell, baseline_of(plan.cells, cell), row);
    const auto [known, is_new] = names.try_emplace(networks_of(cell), row_name(row));
    if (!is_new) row.same_as = known->second;
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
                       {"skipped_images", skipped},
                       {"resolved", resolved_text(experiment)},
                       {"steps", steps}};
  write_file_atomically(experiment.output / "result.json", result.dump(2) + "\n");
  const std::vector<ResultRow> rows = result_rows(plan);
  const auto write = [&](const std::string& name, const std::string& csv,
                         const std::vector<TextTable>& tables) {
    std::string page, source;
    for (const TextTable& table : tables) {
      page += (page.empty() ? "" : "\n") + markdown(table);
      source += (source.empty() ? "" : "\n") + latex(table);
    }
    write_file_atomically(experiment.output / (name + ".csv"), csv);
    write_file_atomically(experiment.output / (name + ".md"), page);
    write_file_atomically(experiment.output / (name + ".tex"), source);
  };
  std::vector<TextTable> matrices;
  for (const MatrixConfig& matrix : experiment.matrices)
    matrices.push_back(transfer_matrix_table(rows, matrix.name));
  if (matrices.empty()) matrices.push_back(transfer_matrix_table(rows, ""));
  write("transfer_matrix", transfer_matrix_csv(rows), matrices);
  if (!experiment.distills.empty()) write("distillation", distillation_csv(rows), {distillation_table(rows)});
  return rows;
}

}  // namespace histokt
