// SPDX-License-Identifier: MIT
#include "results/column_texts.hpp"

#include "base/text.hpp"

namespace histokt {
namespace {

using Kind = ResultKind;

std::string method_text(const ResultRow& row) {
  switch (row.kind) {
    case Kind::kBaseline:
      return "baseline";
    case Kind::kTransfer:
      return "source tuned";
    case Kind::kWeights:
      return "weights tuned";
    case Kind::kFirstAlone:
      return method_of(row) + ", first source alone";
    default:
      return method_of(row);
  }
}

// With the average precision where a patch has several labels.
std::string probe_text(const ResultRow& row, const std::string& accuracy, const std::string& precision) {
  const std::optional<double> found = row.mean(precision);
  return percent_text(row.means.at(accuracy)) +
         (row.all_negative && found ? " (average precision " + percent_text(*found) + ")" : "");
}

const char* noise_text(const Comparison& found, const ResultRow& row) {
  if (found.verdict == Verdict::kWithinTest) return "within noise";
  if (found.verdict == Verdict::kWithinTrials)
    return row.has_folds() ? "within the deviation of folds" : "within the deviation of trials";
  return "";
}

}  // namespace

std::string method_on_page(const ComparedRow& row) {
  return method_text(*row.row) + (row.row->same_as.empty() ? "" : " *");
}

std::string sources_on_page(const ComparedRow& row) {
  return row.row->kind == Kind::kBaseline ? "" : sources_text(*row.row, " + ");
}

std::string accuracy_on_page(const ComparedRow& row) {
  return formatted("%.1f", 100 * row.accuracy) +
         (row.deviation ? " ± " + formatted("%.1f", 100 * *row.deviation) : "");
}

std::string difference_on_page(const ComparedRow& row) {
  if (!row.over_baseline || row.row->kind == Kind::kBaseline) return "";
  return formatted("%+.1f", 100 * row.over_baseline->difference) +
         (row.over_baseline->is_noise() ? " (noise)" : "");
}

std::string epochs_on_page(const ComparedRow& row) {
  const ResultRow& of = *row.row;
  if (of.trainings_compared == 0) return "";
  if (!of.epochs_to_baseline) return "never";
  return formatted("%.1f", *of.epochs_to_baseline) +
         (of.trainings_that_reached == of.trainings_compared ? "" : " (" + reached_text(of) + ")");
}

std::string accuracy_on_terminal(const ComparedRow& row) {
  std::string text = percent_text(row.accuracy);
  text += row.deviation ? " +- " + percent_text(*row.deviation) : std::string(" (one trial)");
  if (row.interval)
    text += formatted(" (95 %%: %.1f to %.1f)", 100 * row.interval->low, 100 * row.interval->high);
  return text;
}

std::string difference_on_terminal(const ComparedRow& row) {
  if (!row.over_baseline || row.row->kind == Kind::kBaseline) return "";
  const Comparison& found = *row.over_baseline;
  std::string notes;
  if (found.interval)
    notes = formatted("95 %%: %+.1f to %+.1f", 100 * found.interval->low, 100 * found.interval->high);
  if (found.is_noise()) notes += (notes.empty() ? "" : ", ") + std::string(noise_text(found, *row.row));
  return formatted("%+.1f points", 100 * found.difference) + (notes.empty() ? "" : " (" + notes + ")");
}

std::string precision_on_terminal(const ComparedRow& row) {
  const std::optional<double> precision = row.row->mean("average_precision");
  return row.row->all_negative && precision ? "mean average precision " + percent_text(*precision) : "";
}

std::string probes_on_terminal(const ComparedRow& row) {
  const ResultRow& of = *row.row;
  if (!of.mean("probe") || !of.mean("knn")) return "";
  std::string text = "before tuning: probe " + probe_text(of, "probe", "probe_average_precision") +
                     ", nearest neighbours " + probe_text(of, "knn", "knn_average_precision");
  if (const auto untuned = of.mean("untuned_accuracy")) text += ", its own head " + percent_text(*untuned);
  return text;
}

std::string reached_text(const ResultRow& row) {
  if (row.trainings_compared == 0) return "";
  return std::to_string(row.trainings_that_reached) + " of " + std::to_string(row.trainings_compared);
}

}  // namespace histokt
