// The tables of result_table.hpp for a page.
#include <algorithm>

#include "base/text.hpp"
#include "results/result_table.hpp"

namespace histokt {
namespace {

using Kind = ResultRow::Kind;

std::string percent(const std::optional<double>& share) {
  return share ? formatted("%.1f", 100 * *share) : "";
}

std::string accuracy_text(const ResultRow& row) {
  const std::optional<double> deviation = accuracy_deviation(row);
  return percent(mean_accuracy(row)) + (deviation ? " ± " + percent(deviation) : "");
}

std::string with_plus(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : " + ") + name;
  return text;
}

// How the networks of a row came to be.
std::string strategy_text(const ResultRow& row) {
  const std::string& strategy = row.strategy.empty() ? row.distiller : row.strategy;
  switch (row.kind) {
    case Kind::kBaseline:
      return "baseline";
    case Kind::kTransfer:
      return "source tuned";
    case Kind::kWeights:
      return "weights tuned";
    case Kind::kFirstAlone:
      return strategy + ", first source alone";
    default:
      return strategy;
  }
}

std::string difference_text(const std::vector<ResultRow>& rows, const ResultRow& row) {
  const ResultRow* baseline = baseline_of(rows, row);
  if (!baseline || row.kind == Kind::kBaseline) return "";
  const std::string points = formatted("%+.1f", 100 * (mean_accuracy(row) - mean_accuracy(*baseline)));
  return points + (beyond_noise(row, *baseline) == 0 ? " (noise)" : "");
}

std::string epochs_text(const ResultRow& row) {
  if (row.trainings_compared == 0) return "";
  const std::string reached =
      std::to_string(row.trainings_that_reached) + " of " + std::to_string(row.trainings_compared);
  if (!row.epochs_to_baseline) return "never";
  return formatted("%.1f", *row.epochs_to_baseline) +
         (row.trainings_that_reached == row.trainings_compared ? "" : " (" + reached + ")");
}

std::string ratios_text(const ResultRow& row) {
  std::string text;
  for (double ratio : row.norm_ratios) text += (text.empty() ? "" : ", ") + formatted("%.2f", ratio);
  return text;
}

std::vector<std::string> distillation_row(const std::vector<ResultRow>& rows, const ResultRow& row) {
  const bool is_baseline = row.kind == Kind::kBaseline;
  return {strategy_text(row) + (row.same_as.empty() ? "" : " *"),
          is_baseline ? "" : with_plus(row.sources),
          row.target,
          percent(row.probe_accuracy),
          percent(row.knn_accuracy),
          percent(row.untuned_accuracy),
          accuracy_text(row),
          difference_text(rows, row),
          epochs_text(row),
          row.merge_seconds ? formatted("%.1f", *row.merge_seconds) : "",
          ratios_text(row)};
}

// The names in the order in which they come.
template <typename Of>
std::vector<std::string> names_of(const std::vector<ResultRow>& rows, const Of& of) {
  std::vector<std::string> names;
  for (const ResultRow& row : rows) {
    const std::string name = of(row);
    if (!name.empty() && std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  return names;
}

}  // namespace

TextTable distillation_table(const std::vector<ResultRow>& rows) {
  TextTable table{"Merges and their controls",
                  {{"Strategy"},
                   {"Sources, in order"},
                   {"Target"},
                   {"Probe %", true},
                   {"kNN %", true},
                   {"Own head %", true},
                   {"Tuned, test %", true},
                   {"Over the baseline", true},
                   {"Epochs to the baseline", true},
                   {"Seconds to merge", true},
                   {"Norm over each source's", true}},
                  {},
                  {}};
  bool controls = false, same = false, random = false;
  for (const ResultRow& row : rows) {
    if (!row.in_distillation) continue;
    table.rows.push_back(distillation_row(rows, row));
    controls = controls || (row.kind != Kind::kBaseline && row.kind != Kind::kDistilled);
    same = same || !row.same_as.empty();
    random = random || row.kind == Kind::kRandomDirections;
  }
  table.notes.push_back(
      "Probe, kNN and own head are test accuracies before tuning, the last where all sources have the "
      "target's "
      "classes. Tuned: mean ± deviation of the test accuracy between trials (between folds where there are "
      "some). "
      "(noise): not more than the test set and the trials allow for. Epochs: the first whose validation "
      "score reaches "
      "the baseline's best one, the mean over the trainings that reached it.");
  if (same)
    table.notes.push_back(
        "* The distiller leaves this source as it is: the row is that of the source tuned.");
  if (random) {
    table.notes.push_back(
        "Random directions are drawn once (by the distiller's option seed) for all trials and folds: the "
        "deviation is not that of other draws.");
  }
  if (!controls) {
    table.notes.push_back(
        "Controls were switched off (controls = false): a merge cannot be told from its first source plus "
        "noise.");
  }
  return table;
}

TextTable transfer_matrix_table(const std::vector<ResultRow>& rows, const std::string& matrix) {
  const bool only = matrices_of(rows).size() < 2;
  TextTable table{
      "Test accuracy in %, sources by targets" + (only ? "" : ": " + matrix), {{"Source"}}, {}, {}};
  // A baseline that merges alone are compared with stands in the only matrix as well.
  const auto is_here = [&](const ResultRow& row) {
    return std::ranges::find(row.matrices, matrix) != row.matrices.end() ||
           (only && row.matrices.empty() && row.kind == Kind::kBaseline);
  };
  const auto targets = names_of(rows, [&](const ResultRow& row) { return is_here(row) ? row.target : ""; });
  for (const std::string& target : targets) table.columns.push_back({target, true});
  const auto add = [&](const std::string& name, const auto& is_of_line) {
    std::vector<std::string> line = {name};
    for (const std::string& target : targets) {
      const auto row = std::ranges::find_if(
          rows, [&](const ResultRow& cell) { return cell.target == target && is_of_line(cell); });
      if (row == rows.end()) {
        line.emplace_back();
      } else {
        const std::string difference = difference_text(rows, *row);
        line.push_back(accuracy_text(*row) + (difference.empty() ? "" : "; " + difference));
      }
    }
    table.rows.push_back(std::move(line));
  };
  add("none: the baseline",
      [&](const ResultRow& row) { return is_here(row) && row.kind == Kind::kBaseline; });
  const auto line_name = [&](const ResultRow& row) {
    const bool is_cell = is_here(row) && (row.kind == Kind::kTransfer || row.kind == Kind::kWeights);
    return is_cell ? with_plus(row.sources) + ", " + row.recipe : std::string();
  };
  for (const std::string& name : names_of(rows, line_name)) {
    add(name, [&](const ResultRow& row) { return line_name(row) == name; });
  }
  table.notes.push_back(
      "Mean ± deviation between trials (between folds where there are some); points over the target's "
      "baseline. "
      "(noise): not more than the test set and the trials allow for.");
  return table;
}

}  // namespace histokt
