// SPDX-License-Identifier: MIT
#include "results/columns.hpp"

#include <algorithm>
#include <stdexcept>

#include "base/text.hpp"
#include "results/column_texts.hpp"
#include "training/metrics.hpp"

namespace histokt {
namespace {

using Type = ColumnType;
using Value = std::function<CellValue(const ComparedRow&)>;

CellValue optional_value(const std::optional<double>& value) {
  return value ? CellValue(*value) : CellValue();
}

// A member of the row.
template <typename Member>
Value row_member(Member ResultRow::*member) {
  return [member](const ComparedRow& row) -> CellValue {
    if constexpr (std::is_same_v<Member, std::optional<double>>) {
      return optional_value(row.row->*member);
    } else {
      return row.row->*member;
    }
  };
}

Value low_of(std::optional<Interval> (*interval)(const ComparedRow&)) {
  return [interval](const ComparedRow& row) {
    const auto found = interval(row);
    return found ? CellValue(found->low) : CellValue();
  };
}

Value high_of(std::optional<Interval> (*interval)(const ComparedRow&)) {
  return [interval](const ComparedRow& row) {
    const auto found = interval(row);
    return found ? CellValue(found->high) : CellValue();
  };
}

std::optional<Interval> own_interval(const ComparedRow& row) {
  return row.interval;
}

std::optional<Interval> interval_of_difference(const ComparedRow& row) {
  return row.over_baseline ? row.over_baseline->interval : std::nullopt;
}

SummaryMean of_tests(const std::string& path) {
  return {StepsOf::kTests, {path}};
}

// Of the metrics that say they stand in this column.
SummaryMean of_metric(const std::string& column) {
  SummaryMean mean{StepsOf::kTests, {}};
  for (const Metric& metric : metric_table()) {
    if (metric.column && column == metric.column) mean.paths.push_back("/" + std::string(metric.key));
  }
  return mean;
}

std::vector<Column> make_columns() {
  return {
      {.key = "distiller",
       .files = InFiles::kDistillation,
       .rows = OfRows::kMerges,
       .help = "the distiller of a merge or of its control; empty for rows that merge nothing",
       .value = row_member(&ResultRow::distiller),
       .title = "Method",
       .place = 1,
       .page = method_on_page},
      {.key = "source",
       .files = InFiles::kMatrix,
       .help = "the dataset whose model was tuned, or the file of weights; for a baseline the target itself",
       .value = [](const ComparedRow& row) { return sources_text(*row.row); }},
      {.key = "sources",
       .files = InFiles::kDistillation,
       .help = "`a+b`, in the order of the merge; for a baseline the target itself",
       .value = [](const ComparedRow& row) { return sources_text(*row.row); },
       .title = "Sources, in order",
       .place = 2,
       .page = sources_on_page},
      {.key = "target",
       .help = "the dataset tuned and tested on",
       .value = row_member(&ResultRow::target),
       .title = "Target",
       .place = 3},
      {.key = "recipe", .help = "the recipe of the last training", .value = row_member(&ResultRow::recipe)},
      {.key = "learning_rate",
       .type = Type::kNumbers,
       .help = "the rate that validation chose, one for each fold; empty where nothing was trained",
       .value = row_member(&ResultRow::learning_rates)},
      {.key = "trials",
       .type = Type::kInteger,
       .help = "trainings that differ only in their seed",
       .value =
           [](const ComparedRow& row) {
             return static_cast<std::int64_t>(row.row->accuracies.front().size());
           }},
      {.key = "test_accuracy",
       .type = Type::kShare,
       .help = "accuracy on the test patches, averaged over folds and trials",
       .value = [](const ComparedRow& row) { return row.accuracy; },
       .title = "Tuned, test %",
       .place = 7,
       .page = accuracy_on_page,
       .terminal = accuracy_on_terminal},
      {.key = "deviation",
       .type = Type::kNumber,
       .help = "standard deviation of that accuracy between folds, or between trials where there are no "
               "folds; empty for one trial",
       .value = [](const ComparedRow& row) { return optional_value(row.deviation); }},
      {.key = "baseline",
       .type = Type::kShare,
       .help = "`test_accuracy` of the baseline that the row is compared with",
       .value =
           [](const ComparedRow& row) {
             return row.baseline ? CellValue(mean_accuracy(*row.baseline)) : CellValue();
           }},
      {.key = "difference",
       .type = Type::kNumber,
       .help = "`test_accuracy` minus `baseline`",
       .value =
           [](const ComparedRow& row) {
             return row.over_baseline ? CellValue(row.over_baseline->difference) : CellValue();
           },
       .title = "Over the baseline",
       .place = 8,
       .page = difference_on_page,
       .terminal = difference_on_terminal},
      {.key = "chance",
       .type = Type::kShare,
       .help = "the accuracy of a random guess",
       .value = row_member(&ResultRow::chance)},
      {.key = "majority",
       .type = Type::kShare,
       .help = "the accuracy of always predicting the most common class; where a patch has several labels, "
               "for each class the more common of present and absent",
       .value = row_member(&ResultRow::majority)},
      {.key = "test_patches",
       .type = Type::kInteger,
       .help = "patches tested, over all folds",
       .value = row_member(&ResultRow::test_patches)},
      {.key = "test_groups",
       .type = Type::kInteger,
       .help = "groups tested, over all folds",
       .value = row_member(&ResultRow::test_groups)},
      {.key = "group_level",
       .help = "what a group is: `patient`, `slide`, ...",
       .value = row_member(&ResultRow::group_level)},
      {.key = "split_protocol",
       .help = "how the target was split: `by-group`, ...",
       .value = row_member(&ResultRow::split_protocol)},
      {.key = "folds",
       .help = "`none`, `leave-one-group-out`, or how many there are",
       .value = row_member(&ResultRow::folds)},
      {.key = "split_digest",
       .type = Type::kTexts,
       .help = "the digest of the target's split, one for each fold",
       .value = row_member(&ResultRow::split_digests)},
      {.key = "skipped_images",
       .type = Type::kInteger,
       .help = "images that could not be read and were left out, of all datasets that the row was made from",
       .value = row_member(&ResultRow::skipped_images)},
      {.key = "interval_low",
       .type = Type::kShare,
       .help = "lower end of the 95 % interval of `test_accuracy`",
       .value = low_of(own_interval)},
      {.key = "interval_high", .type = Type::kShare, .help = "its upper end", .value = high_of(own_interval)},
      {.key = "difference_low",
       .type = Type::kNumber,
       .help = "lower end of the 95 % interval of `difference`, with each group compared with itself",
       .value = low_of(interval_of_difference)},
      {.key = "difference_high",
       .type = Type::kNumber,
       .help = "its upper end",
       .value = high_of(interval_of_difference)},
      {.key = "balanced_accuracy",
       .type = Type::kShare,
       .help = "mean recall of the classes",
       .mean = of_metric("balanced_accuracy")},
      {.key = "macro_f1",
       .type = Type::kShare,
       .help = "F1, averaged over the classes",
       .mean = of_metric("macro_f1")},
      {.key = "auc",
       .type = Type::kShare,
       .help = "area under the ROC curve, averaged over the classes",
       .mean = of_metric("auc")},
      {.key = "average_precision",
       .type = Type::kShare,
       .help = "average precision, averaged over the classes",
       .mean = of_metric("average_precision"),
       .terminal = precision_on_terminal},
      {.key = "kappa", .type = Type::kNumber, .help = "Cohen's kappa", .mean = of_metric("kappa")},
      {.key = "all_negative",
       .type = Type::kShare,
       .help = "the accuracy of predicting no class at all; only where a patch has several labels",
       .value = row_member(&ResultRow::all_negative)},
      {.key = "probe",
       .type = Type::kShare,
       .help = "test accuracy of a linear probe before tuning",
       .mean = {StepsOf::kProbes, {"/probe/accuracy"}},
       .title = "Probe %",
       .place = 4,
       .shown = Shown::kPercent,
       .terminal = probes_on_terminal},
      {.key = "knn",
       .type = Type::kShare,
       .help = "test accuracy of nearest neighbours before tuning",
       .mean = {StepsOf::kProbes, {"/knn/accuracy"}},
       .title = "kNN %",
       .place = 5,
       .shown = Shown::kPercent},
      {.key = "row",
       .files = InFiles::kDistillation,
       .help = "`merge`, `baseline`, `weights`, `source`, `first-alone`, or the name of the control "
               "(`random-directions`): see [Controls](#controls)",
       .value = [](const ComparedRow& row) { return kind_word(*row.row); }},
      {.key = "method",
       .files = InFiles::kDistillation,
       .rows = OfRows::kMerges,
       .help = "the distiller with its options",
       .value = row_member(&ResultRow::method)},
      {.key = "train",
       .files = InFiles::kDistillation,
       .help = "the recipe of the sources, and of the baseline compared with",
       .value = row_member(&ResultRow::train)},
      {.key = "untuned_accuracy",
       .type = Type::kShare,
       .files = InFiles::kDistillation,
       .rows = OfRows::kTuned,
       .help = "test accuracy of the model's own head before tuning; only where all sources have exactly the "
               "target's classes",
       .mean = {StepsOf::kUntuned, {"/accuracy"}},
       .title = "Own head %",
       .place = 6,
       .shown = Shown::kPercent},
      {.key = "epochs_to_baseline",
       .type = Type::kNumber,
       .files = InFiles::kDistillation,
       .rows = OfRows::kTuned,
       .help =
           "the first epoch whose validation score is at least the mean over trials of the baseline's best "
           "scores, averaged over the trainings (trials and folds, with the chosen rate) that reach it. "
           "Empty if none does, if nothing is tuned, or if the two recipes validate by different scores",
       .value = row_member(&ResultRow::epochs_to_baseline),
       .title = "Epochs to the baseline",
       .place = 9,
       .page = epochs_on_page},
      {.key = "reached_baseline",
       .files = InFiles::kDistillation,
       .rows = OfRows::kTuned,
       .help = "how many trainings reach it: `2 of 3`",
       .value = [](const ComparedRow& row) { return reached_text(*row.row); }},
      {.key = "merge_seconds",
       .type = Type::kNumber,
       .files = InFiles::kDistillation,
       .rows = OfRows::kMerges,
       .help = "duration of the whole merge step: reading, running models on patches where the distiller "
               "learns from them, merging, recalibrating if asked for, and writing",
       .mean = {StepsOf::kMerges, {"/seconds"}},
       .title = "Seconds to merge",
       .place = 10,
       .shown = Shown::kOneDecimal},
      {.key = "norm_ratios",
       .type = Type::kNumbers,
       .files = InFiles::kDistillation,
       .rows = OfRows::kMerges,
       .help = "the Frobenius norm of the merge divided by that of each source, in order, over all encoder "
               "weights with two or more dimensions",
       .value = row_member(&ResultRow::norm_ratios),
       .title = "Norm over each source's",
       .place = 11,
       .shown = Shown::kTwoDecimals},
      {.key = "same_as",
       .files = InFiles::kDistillation,
       .help = "the `key` of the row that tests the identical model",
       .value = row_member(&ResultRow::same_as)},
      {.key = "image_accuracy",
       .type = Type::kShare,
       .help = "accuracy on images, by the mean probability over the patches of each",
       .mean = of_tests("/by_image/accuracy")},
      {.key = "group_accuracy",
       .type = Type::kShare,
       .help = "accuracy on groups, by the mean probability over the patches of each",
       .mean = of_tests("/by_group/accuracy")},
      {.key = "probe_average_precision",
       .type = Type::kShare,
       .help = "average precision of the linear probe",
       .mean = {StepsOf::kProbes, {"/probe/macro_average_precision", "/probe/mean_average_precision"}}},
      {.key = "knn_average_precision",
       .type = Type::kShare,
       .help = "average precision of nearest neighbours",
       .mean = {StepsOf::kProbes, {"/knn/macro_average_precision", "/knn/mean_average_precision"}}},
      {.key = "matrix",
       .files = InFiles::kMatrix,
       .help = "name of the matrix that the row belongs to; a row of several matrices is listed once for "
               "each. Empty for a baseline that only merges are compared with",
       .value = [](const ComparedRow& row) { return row.matrix; }},
      {.key = "key",
       .help = "identifies the row within its experiment: `TARGET/KIND/SOURCES/TRAIN/RECIPE`, with the "
               "method before the sources of a merge, and without the parts that the kind of row does not "
               "have. The same in every run",
       .value = [](const ComparedRow& row) { return row_key(*row.row); }},
      {.key = "checkpoint",
       .type = Type::kTexts,
       .help = "the checkpoints tested, relative to the folder of the CSV file: one for each fold and trial, "
               "in that order",
       .value = row_member(&ResultRow::checkpoints)},
      {.key = "missing_files",
       .type = Type::kTexts,
       .help = "missing or damaged files of finished steps, relative to the folder of the CSV file; the "
               "cells that depend on them are empty",
       .value =
           [](const ComparedRow& row) {
             std::vector<std::string> files;
             for (const MissingFile& missing : row.row->missing) files.push_back(missing.file);
             return files;
           }},
      {.key = "test_loss",
       .type = Type::kNumber,
       .help = "cross entropy on the test patches; where a patch has several labels, soft-margin loss",
       .mean = of_tests("/loss")},
  };
}

std::string number_on_page(double value, Shown shown) {
  switch (shown) {
    case Shown::kPercent:
      return formatted("%.1f", 100 * value);
    case Shown::kOneDecimal:
      return formatted("%.1f", value);
    case Shown::kTwoDecimals:
      return formatted("%.2f", value);
    default:
      return number_text(value);
  }
}

std::string joined_with(const std::vector<std::string>& items, const char* between) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : between) + item;
  return text;
}

// With numbers as they are told to stand, and lists put together.
struct TextOf {
  std::function<std::string(double)> number;
  const char* between;

  std::string operator()(std::monostate) const { return ""; }
  std::string operator()(const std::string& text) const { return text; }
  std::string operator()(std::int64_t count) const { return std::to_string(count); }
  std::string operator()(double value) const { return number(value); }
  std::string operator()(const std::vector<std::string>& items) const { return joined_with(items, between); }
  std::string operator()(const std::vector<double>& values) const {
    std::vector<std::string> items;
    for (double value : values) items.push_back(number(value));
    return joined_with(items, between);
  }
};

const char* type_name(Type type) {
  switch (type) {
    case Type::kInteger:
      return "integer";
    case Type::kNumber:
      return "number";
    case Type::kShare:
      return "share";
    case Type::kTexts:
      return "list of strings";
    case Type::kNumbers:
      return "list of numbers";
    default:
      return "text";
  }
}

bool applies(OfRows rows, const ResultRow& row) {
  switch (rows) {
    case OfRows::kTuned:
      return row.kind != ResultKind::kBaseline;
    case OfRows::kMerges:
      return row.is_merge();
    default:
      return true;
  }
}

const char* files_name(InFiles files) {
  switch (files) {
    case InFiles::kMatrix:
      return "matrix";
    case InFiles::kDistillation:
      return "distillation";
    default:
      return "both";
  }
}

const char* rows_name(OfRows rows) {
  switch (rows) {
    case OfRows::kTuned:
      return ", except baselines";
    case OfRows::kMerges:
      return ", merges";
    default:
      return "";
  }
}

}  // namespace

const std::vector<Column>& columns() {
  static const std::vector<Column> all = make_columns();
  return all;
}

const Column& column(std::string_view key) {
  const auto found = std::ranges::find(columns(), key, &Column::key);
  if (found == columns().end()) throw std::out_of_range("no column " + std::string(key));
  return *found;
}

CellValue value_of(const Column& column, const ComparedRow& row) {
  if (!applies(column.rows, *row.row)) return {};
  return column.value ? column.value(row) : optional_value(row.row->mean(column.key));
}

std::string csv_text(const CellValue& value) {
  return std::visit(TextOf{number_text, ";"}, value);
}

std::string page_text(const Column& column, const ComparedRow& row) {
  if (column.page) return column.page(row);
  const auto number = [&](double value) { return number_on_page(value, column.shown); };
  return std::visit(TextOf{number, ", "}, value_of(column, row));
}

bool is_in(const Column& column, InFiles file) {
  return column.files == InFiles::kBoth || column.files == file;
}

std::vector<const Column*> page_columns() {
  std::vector<const Column*> shown;
  for (const Column& column : columns()) {
    if (!column.title.empty()) shown.push_back(&column);
  }
  std::ranges::stable_sort(shown, {}, &Column::place);
  return shown;
}

std::string columns_reference() {
  std::string text = "| column | of | holds | meaning |\n|---|---|---|---|\n";
  for (const Column& column : columns()) {
    text += "| `" + column.key + "` | " + files_name(column.files) + rows_name(column.rows) + " | " +
            type_name(column.type) + " | " + column.help + " |\n";
  }
  return text;
}

}  // namespace histokt
