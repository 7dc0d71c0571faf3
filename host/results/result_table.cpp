#include "results/result_table.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "base/text.hpp"

namespace histokt {
namespace {

using Kind = ResultRow::Kind;

bool is_merge(const ResultRow& row) {
  return row.kind == Kind::kDistilled || row.kind == Kind::kFirstAlone || row.kind == Kind::kRandomDirections;
}

std::string sources_text(const ResultRow& row) {
  std::string text;
  for (const std::string& source : row.sources) text += (text.empty() ? "" : "+") + source;
  return text;
}

std::string with_semicolons(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : ";") + item;
  return text;
}

std::string rates_text(const ResultRow& row) {
  std::vector<std::string> rates;
  for (const double rate : row.learning_rates) rates.push_back(number_text(rate));
  return with_semicolons(rates);
}

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// What the deviation is taken between: folds, or trials where there is one fold.
std::vector<double> compared(const ResultRow& row) {
  if (row.accuracies.size() == 1) return row.accuracies.front();
  std::vector<double> means;
  for (const std::vector<double>& trials : row.accuracies) means.push_back(mean_of(trials));
  return means;
}

bool has_folds(const ResultRow& row) {
  return row.folds != "none";
}

std::string range_text(const Interval& interval, const char* format) {
  char text[64];
  std::snprintf(text, sizeof text, format, 100 * interval.low, 100 * interval.high);
  return text;
}

std::string csv_pair(const std::optional<Interval>& interval) {
  return interval ? number_text(interval->low) + "," + number_text(interval->high) : ",";
}

std::string csv_metric(const ResultRow& row, const std::string& name) {
  const auto found = row.metrics.find(name);
  return found == row.metrics.end() ? "," : "," + number_text(found->second);
}

// Intervals and metrics: the columns that came later.
std::string later_columns(const ResultRow& row, const ResultRow* baseline) {
  std::string text = csv_pair(accuracy_interval(row)) + ",";
  text += csv_pair(baseline ? difference_interval(row, *baseline) : std::nullopt);
  for (const char* name : {"balanced_accuracy", "macro_f1", "auc", "average_precision", "kappa"}) {
    text += csv_metric(row, name);
  }
  for (const std::optional<double>& value : {row.all_negative, row.probe_accuracy, row.knn_accuracy}) {
    text += "," + (value ? number_text(*value) : "");
  }
  return text;
}

// The columns both CSV files share, from the recipe on.
std::string csv_columns(const std::vector<ResultRow>& rows, const ResultRow& row) {
  const std::optional<double> deviation = accuracy_deviation(row);
  const ResultRow* baseline = baseline_of(rows, row);
  std::string text = row.recipe + "," + rates_text(row) + "," +
                     std::to_string(row.accuracies.front().size()) + "," + number_text(mean_accuracy(row)) +
                     "," + (deviation ? number_text(*deviation) : "") + ",";
  text += baseline ? number_text(mean_accuracy(*baseline)) + "," +
                         number_text(mean_accuracy(row) - mean_accuracy(*baseline))
                   : ",";
  return text + "," + number_text(row.chance) + "," + number_text(row.majority) + "," +
         std::to_string(row.test_patches) + "," + std::to_string(row.test_groups) + "," + row.group_level +
         "," + row.split_protocol + "," + row.folds + "," + with_semicolons(row.split_digests) + "," +
         std::to_string(row.skipped_pictures) + "," + later_columns(row, baseline);
}

constexpr const char* kCsvColumns =
    "recipe,learning_rate,trials,test_accuracy,deviation,baseline,difference,chance,majority,test_patches,"
    "test_groups,group_level,split,folds,split_digest,skipped_pictures,interval_low,interval_high,difference_"
    "low,"
    "difference_high,balanced_accuracy,macro_f1,auc,average_precision,kappa,all_negative,probe,knn";

// Behind all others, in both files.
constexpr std::array kLastColumns = {"picture_accuracy", "group_accuracy", "probe_average_precision",
                                     "knn_average_precision"};

std::string last_titles() {
  std::string text;
  for (const char* name : kLastColumns) text += std::string(",") + name;
  return text;
}

std::string last_cells(const ResultRow& row) {
  std::string text;
  for (const char* name : kLastColumns) text += csv_metric(row, name);
  return text;
}

const char* kind_word(Kind kind) {
  switch (kind) {
    case Kind::kBaseline:
      return "baseline";
    case Kind::kTransfer:
      return "source";
    case Kind::kWeights:
      return "weights";
    case Kind::kFirstAlone:
      return "first-alone";
    case Kind::kRandomDirections:
      return "random-directions";
    default:
      return "merge";
  }
}

const std::string& strategy_of(const ResultRow& row) {
  return row.strategy.empty() ? row.distiller : row.strategy;
}

// Without the recipe of tuning.
std::string network_name(const ResultRow& row) {
  switch (row.kind) {
    case Kind::kBaseline:
      return "baseline (" + (row.weights.empty() ? std::string("random start") : "from " + row.weights) + ")";
    case Kind::kTransfer:
    case Kind::kWeights:
      return "from " + sources_text(row);
    case Kind::kFirstAlone:
      return strategy_of(row) + " of " + sources_text(row) + " alone";
    default:
      return strategy_of(row) + " of " + sources_text(row);
  }
}

std::string what_text(const ResultRow& row) {
  return row_name(row);
}

// " (single-stage, two-stage)": the matrices that it stands in; "" for none.
std::string in_matrices(const ResultRow& row) {
  std::string text;
  for (const std::string& matrix : row.matrices) text += (text.empty() ? " (" : ", ") + matrix;
  return text.empty() ? "" : text + ")";
}

// ", each patient left out once (4 folds)".
std::string folds_text(const ResultRow& row) {
  if (!has_folds(row)) return "";
  const std::string count = std::to_string(row.accuracies.size()) + " folds";
  return row.folds == "leave-one-group-out" ? ", each " + row.group_level + " left out once (" + count + ")"
                                            : ", " + count;
}

std::string level_note(const std::vector<ResultRow>& rows, const std::string& target) {
  const bool picture = std::ranges::any_of(
      rows, [&](const ResultRow& row) { return row.target == target && row.group_level == "picture"; });
  return picture ? "  No group above the picture is known: patients may be shared between the splits.\n" : "";
}

// Of what the rows of a target lack, since it could not be read.
std::string skipped_note(const std::vector<ResultRow>& rows, const std::string& target) {
  std::string text;
  std::vector<std::string> said;
  for (const ResultRow& row : rows) {
    if (row.target != target || row.skipped_pictures == 0) continue;
    const std::string what = std::to_string(row.skipped_pictures) + " pictures of " + joined(row.skipped_of);
    if (std::find(said.begin(), said.end(), what) != said.end()) continue;
    said.push_back(what);
    text += "  " + what_text(row) + ": made without " + what +
            ", which could not be read (on_bad_image = \"skip\").\n";
  }
  return text;
}

// Standard error of a share on this many patches, if they were independent; they are not, so it is a lower
// bound.
double noise_of(const ResultRow& row) {
  const double accuracy = mean_accuracy(row);
  return std::sqrt(std::max(accuracy * (1 - accuracy), 0.0) / static_cast<double>(row.test_patches));
}

// Standard error of the mean over folds or trials; 0 where there is one alone.
double error_of_mean(const ResultRow& row) {
  return accuracy_deviation(row).value_or(0) / std::sqrt(static_cast<double>(compared(row).size()));
}

bool trials_differ_as_much(const ResultRow& row, const ResultRow& other, double difference) {
  return std::abs(difference) < 2 * std::hypot(error_of_mean(row), error_of_mean(other));
}

// Why a difference between two rows may be chance.
enum class Noise { kNone, kOfTheTest, kOfTrials };

// Of the test: the interval holds 0, or without one the difference is less than patches allow for. An
// interval over groups knows nothing of other random numbers in training: where the trials differ as much as
// the difference, it is noise all the same.
Noise noise_in(const ResultRow& row, const ResultRow& other) {
  const double difference = mean_accuracy(row) - mean_accuracy(other);
  if (difference == 0) return Noise::kOfTheTest;
  if (const auto interval = difference_interval(row, other)) {
    if (interval->low <= 0 && interval->high >= 0) return Noise::kOfTheTest;
  } else if (std::abs(difference) < 2 * std::hypot(noise_of(row), noise_of(other))) {
    return Noise::kOfTheTest;
  }
  return trials_differ_as_much(row, other, difference) ? Noise::kOfTrials : Noise::kNone;
}

std::string verdict(const ResultRow& row, const ResultRow* baseline) {
  if (!baseline || row.kind == ResultRow::Kind::kBaseline) return "";
  char points[40];
  std::snprintf(points, sizeof points, "%+.1f points", 100 * (mean_accuracy(row) - mean_accuracy(*baseline)));
  std::vector<std::string> notes;
  if (const auto interval = difference_interval(row, *baseline))
    notes.push_back(range_text(*interval, "95 %%: %+.1f to %+.1f"));
  const Noise noise = noise_in(row, *baseline);
  if (noise == Noise::kOfTheTest) notes.emplace_back("within noise");
  if (noise == Noise::kOfTrials)
    notes.emplace_back(has_folds(row) ? "within the deviation of folds" : "within the deviation of trials");
  std::string text;
  for (const std::string& note : notes) text += (text.empty() ? "" : ", ") + note;
  return points + (text.empty() ? "" : " (" + text + ")");
}

// With the average precision where a patch has several labels.
std::string probed_text(const ResultRow& row, double accuracy, const std::string& precision) {
  const auto found = row.metrics.find(precision);
  const bool tell = row.all_negative && found != row.metrics.end();
  return percent_text(accuracy) + (tell ? " (average precision " + percent_text(found->second) + ")" : "");
}

// What one row says: "  from crc, deep  81.2 % +- 1.1 % (95 %: 76.0 to 86.1)   +2.0 points (...)".
std::string row_text(const ResultRow& row, const std::string& what, const ResultRow* baseline,
                     std::size_t width) {
  const std::optional<double> deviation = accuracy_deviation(row);
  std::string text =
      "  " + what + std::string(width - what.size() + 2, ' ') + percent_text(mean_accuracy(row));
  text += deviation ? " +- " + percent_text(*deviation) : std::string(" (one trial)");
  if (const auto interval = accuracy_interval(row)) text += range_text(*interval, " (95 %%: %.1f to %.1f)");
  const std::string difference = verdict(row, baseline);
  if (!difference.empty()) text += "   " + difference;
  if (row.all_negative && row.metrics.contains("average_precision")) {
    text += "   mean average precision " + percent_text(row.metrics.at("average_precision"));
  }
  if (row.probe_accuracy && row.knn_accuracy) {
    text += "   before tuning: probe " + probed_text(row, *row.probe_accuracy, "probe_average_precision") +
            ", nearest neighbours " + probed_text(row, *row.knn_accuracy, "knn_average_precision");
    if (row.untuned_accuracy) text += ", its own head " + percent_text(*row.untuned_accuracy);
  }
  return text + "\n";
}

bool is_control_of(const ResultRow& control, const ResultRow& merge) {
  if (control.target != merge.target || (control.kind != Kind::kWeights && control.train != merge.train))
    return false;
  switch (control.kind) {
    case Kind::kBaseline:
    case Kind::kWeights:
      return true;
    case Kind::kTransfer:
      return control.recipe == merge.recipe &&
             std::ranges::find(merge.sources, control.sources.front()) != merge.sources.end();
    case Kind::kFirstAlone:
      return control.recipe == merge.recipe && strategy_of(control) == strategy_of(merge) &&
             control.sources.front() == merge.sources.front();
    case Kind::kRandomDirections:
      return control.recipe == merge.recipe && control.sources == merge.sources &&
             control.made_with.recalibration == merge.made_with.recalibration &&
             (control.made_with.base.empty() || control.made_with.base == merge.made_with.base);
    default:
      return false;
  }
}

std::string control_name(const ResultRow& control) {
  switch (control.kind) {
    case Kind::kBaseline:
      return "the baseline";
    case Kind::kTransfer:
    case Kind::kWeights:
      return sources_text(control) + " tuned";
    case Kind::kRandomDirections: {
      const std::string more = control.made_with.text();
      const bool is_plain =
          strategy_of(control).ends_with("(directions=random" + (more.empty() ? "" : " " + more) + ")");
      return "random directions" + (is_plain ? "" : " (" + strategy_of(control) + ")");
    }
    default:
      return network_name(control);
  }
}

// What each merge of a target is better and worse than, of what it is to be told from.
std::string merges_note(const std::vector<ResultRow>& rows, const std::string& target) {
  std::string text;
  bool any_control = false;
  for (const ResultRow& merge : rows) {
    if (merge.kind != Kind::kDistilled || merge.target != target) continue;
    std::vector<std::string> above, level, below;
    for (const ResultRow& control : rows) {
      if (!is_control_of(control, merge) || !control.same_as.empty()) continue;
      any_control = any_control || control.kind != Kind::kBaseline;
      const int verdict = beyond_noise(merge, control);
      (verdict > 0 ? above : verdict < 0 ? below : level).push_back(control_name(control));
    }
    std::string says;
    const auto add = [&](const char* how, const std::vector<std::string>& names) {
      if (!names.empty()) says += (says.empty() ? "" : "; ") + std::string(how) + joined(names);
    };
    add("better than ", above);
    add("within noise of ", level);
    add("worse than ", below);
    if (!says.empty()) text += "    " + row_name(merge) + ": " + says + "\n";
  }
  if (text.empty()) return "";
  text = "  Merges and what they are to be told from:\n" + text;
  if (!any_control) {
    text +=
        "    Without controls (controls = false) a merge cannot be told from its first source plus noise.\n";
  }
  return text;
}

// Rows that another row stands for.
std::string same_note(const std::vector<ResultRow>& rows, const std::string& target) {
  std::string text;
  for (const ResultRow& row : rows) {
    if (row.target == target && !row.same_as.empty()) {
      text += "  " + row_name(row) + ": the same network as " + row.same_as + ".\n";
    }
  }
  return text;
}

// "2 of 3" trainings; "" where none could be compared.
std::string reached_text(const ResultRow& row) {
  if (row.trainings_compared == 0) return "";
  return std::to_string(row.trainings_that_reached) + " of " + std::to_string(row.trainings_compared);
}

std::string interval_note(const ResultRow& row) {
  const auto groups = static_cast<std::size_t>(row.test_groups);
  const std::string why = why_no_interval(groups, row.group_level);
  return why.empty() ? "" : "  " + why + ".\n";
}

// How close the choices of rates were.
std::string rates_note(const std::vector<ResultRow>& rows, const std::string& target) {
  std::string text;
  for (const ResultRow& row : rows) {
    if (row.target != target || !row.same_as.empty()) continue;
    for (std::size_t fold = 0; fold < row.rate_notes.size(); ++fold) {
      text += "    " + what_text(row) + (has_folds(row) ? ", fold " + std::to_string(fold + 1) : "") + ": " +
              row.rate_notes[fold] + "\n";
    }
  }
  return text.empty() ? "" : "  Rates, as validation chose them:\n" + text;
}

std::string guesses_text(const ResultRow& row) {
  if (!row.all_negative)
    return "chance " + percent_text(row.chance) + ", majority class " + percent_text(row.majority);
  return "accuracy of entries; chance " + percent_text(row.chance) + ", all negative " +
         percent_text(*row.all_negative) + ", each class's commoner answer " + percent_text(row.majority);
}

}  // namespace

std::string row_name(const ResultRow& row) {
  return row.kind == Kind::kBaseline ? network_name(row) : network_name(row) + ", " + row.recipe;
}

std::vector<std::string> matrices_of(const std::vector<ResultRow>& rows) {
  std::vector<std::string> names;
  for (const ResultRow& row : rows) {
    for (const std::string& name : row.matrices) {
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
  }
  return names;
}

int beyond_noise(const ResultRow& row, const ResultRow& other) {
  if (noise_in(row, other) != Noise::kNone) return 0;
  return mean_accuracy(row) > mean_accuracy(other) ? 1 : -1;
}

double mean_accuracy(const ResultRow& row) {
  std::vector<double> means;
  for (const std::vector<double>& trials : row.accuracies) means.push_back(mean_of(trials));
  return mean_of(means);
}

std::optional<double> accuracy_deviation(const ResultRow& row) {
  const std::vector<double> values = compared(row);
  if (values.size() < 2) return std::nullopt;
  const double mean = mean_of(values);
  double sum = 0;
  for (double value : values) sum += (value - mean) * (value - mean);
  return std::sqrt(sum / static_cast<double>(values.size() - 1));
}

std::optional<Interval> accuracy_interval(const ResultRow& row) {
  return ratio_interval(row.group_right, row.group_weight);
}

std::optional<Interval> difference_interval(const ResultRow& row, const ResultRow& baseline) {
  if (row.kind == ResultRow::Kind::kBaseline || row.group_weight != baseline.group_weight)
    return std::nullopt;
  std::vector<double> difference;
  for (std::size_t g = 0; g < row.group_right.size(); ++g) {
    difference.push_back(row.group_right[g] - baseline.group_right[g]);
  }
  return ratio_interval(difference, row.group_weight);
}

std::string transfer_matrix_csv(const std::vector<ResultRow>& rows) {
  std::string text = std::string("source,target,") + kCsvColumns + last_titles() + ",matrix\n";
  for (const ResultRow& row : rows) {
    if (is_merge(row)) continue;
    std::vector<std::string> matrices = row.matrices;
    if (matrices.empty() && row.kind == Kind::kBaseline) matrices.emplace_back();
    for (const std::string& matrix : matrices) {
      text += sources_text(row) + "," + row.target + "," + csv_columns(rows, row) + last_cells(row) + "," +
              matrix + "\n";
    }
  }
  return text;
}

std::string distillation_csv(const std::vector<ResultRow>& rows) {
  std::string text = std::string("distiller,sources,target,") + kCsvColumns +
                     ",row,strategy,train,untuned_accuracy,epochs_to_baseline,reached_baseline,merge_seconds,"
                     "norm_ratios,same_as" +
                     last_titles() + "\n";
  for (const ResultRow& row : rows) {
    if (!row.in_distillation) continue;
    text += row.distiller + "," + sources_text(row) + "," + row.target + "," + csv_columns(rows, row);
    text += std::string(",") + kind_word(row.kind) + "," + csv_cell(row.strategy) + "," + row.train;
    for (const std::optional<double>& value : {row.untuned_accuracy, row.epochs_to_baseline}) {
      text += "," + (value ? number_text(*value) : "");
    }
    text += "," + reached_text(row) + "," + (row.merge_seconds ? number_text(*row.merge_seconds) : "");
    std::vector<std::string> ratios;
    for (double ratio : row.norm_ratios) ratios.push_back(number_text(ratio));
    text += "," + with_semicolons(ratios) + "," + csv_cell(row.same_as) + last_cells(row) + "\n";
  }
  return text;
}

std::string result_text(const std::vector<ResultRow>& rows) {
  std::vector<std::string> targets;
  std::size_t width = 0;
  const bool several_matrices = matrices_of(rows).size() > 1;
  const auto name_of = [&](const ResultRow& row) {
    return what_text(row) + (several_matrices ? in_matrices(row) : "");
  };
  for (const ResultRow& row : rows) {
    if (std::find(targets.begin(), targets.end(), row.target) == targets.end()) targets.push_back(row.target);
    width = std::max(width, name_of(row).size());
  }
  std::string text;
  for (const std::string& target : targets) {
    bool first = true, lost = false;
    std::string note;
    for (const ResultRow& row : rows) {
      if (row.target != target) continue;
      if (first) {
        text += "\nTarget " + target + ": " + std::to_string(row.test_patches) + " test patches of " +
                std::to_string(row.test_groups) + " " + row.group_level + (row.test_groups == 1 ? "" : "s") +
                ", split " + row.split_protocol + folds_text(row) + "; " + guesses_text(row) + "\n";
        note = interval_note(row);
        first = false;
      }
      if (!row.same_as.empty()) continue;  // said below
      const ResultRow* baseline = baseline_of(rows, row);
      text += row_text(row, name_of(row), baseline, width);
      lost = lost || (baseline && mean_accuracy(row) < mean_accuracy(*baseline));
    }
    text += same_note(rows, target) + note + merges_note(rows, target) + rates_note(rows, target);
    text += level_note(rows, target);
    text += skipped_note(rows, target);
    if (lost) {
      text += "  What comes out below the baseline did not help here: knowledge does not always transfer.\n";
    }
  }
  const auto smallest = std::min_element(
      rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.test_patches < b.test_patches; });
  if (smallest != rows.end()) {
    char note[320];
    std::snprintf(
        note, sizeof note,
        "Test accuracy is the mean over %s. On %s one patch is %.1f points, and patches of one %s are not "
        "independent.\n",
        std::ranges::any_of(rows, has_folds)
            ? "folds and trials, +- the deviation between folds (between trials where there are none)"
            : "trials, +- the deviation between them",
        smallest->target.c_str(), 100.0 / static_cast<double>(smallest->test_patches),
        smallest->group_level.c_str());
    text += "\n" + std::string(note);
  }
  return text;
}

}  // namespace histokt
