// SPDX-License-Identifier: MIT
#include "results/tables.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>

#include "base/files.hpp"
#include "results/columns.hpp"
#include "results/example_rows.hpp"
#include "support/csv_rows.hpp"
#include "support/folders.hpp"
#include "training/metrics.hpp"

namespace histokt {
namespace {

using test::csv_columns;
using test::csv_rows;
using test::held_out;
using test::left_out_one_by_one;
using test::of_a_merge;
using test::of_twenty_groups;

// Programs read columns by their places, too.
TEST(Columns, KeepTheirPlacesAndNewOnesComeLast) {
  const std::vector<std::string> first = {"target",
                                          "recipe",
                                          "learning_rate",
                                          "trials",
                                          "test_accuracy",
                                          "deviation",
                                          "baseline",
                                          "difference",
                                          "chance",
                                          "majority",
                                          "test_patches",
                                          "test_groups",
                                          "group_level",
                                          "split_protocol",
                                          "folds",
                                          "split_digest",
                                          "skipped_images",
                                          "interval_low",
                                          "interval_high",
                                          "difference_low",
                                          "difference_high",
                                          "balanced_accuracy",
                                          "macro_f1",
                                          "auc",
                                          "average_precision",
                                          "kappa",
                                          "all_negative",
                                          "probe",
                                          "knn"};
  const std::vector<std::string> of_merges = {
      "row",           "method",      "train",  "untuned_accuracy", "epochs_to_baseline", "reached_baseline",
      "merge_seconds", "norm_ratios", "same_as"};
  const std::vector<std::string> last = {"image_accuracy", "group_accuracy", "probe_average_precision",
                                         "knn_average_precision"};
  std::vector<std::string> matrix = {"source"}, distillation = {"distiller", "sources"};
  for (const auto* part : {&first, &last}) matrix.insert(matrix.end(), part->begin(), part->end());
  for (const auto* part : {&first, &of_merges, &last})
    distillation.insert(distillation.end(), part->begin(), part->end());
  const auto begin_of = [](const std::string& csv, std::size_t size) {
    std::vector<std::string> columns = csv_columns(csv);
    columns.resize(std::min(size, columns.size()));
    return columns;
  };
  EXPECT_EQ(matrix, begin_of(transfer_matrix_csv({}), matrix.size()));
  EXPECT_EQ(distillation, begin_of(distillation_csv({}), distillation.size()));
}

TEST(Columns, HaveAKeyOfTheirOwnEach) {
  std::set<std::string> keys;
  for (const Column& column : columns()) EXPECT_TRUE(keys.insert(column.key).second) << column.key;
}

TEST(Columns, HaveEachMetricThatNamesOne) {
  for (const Metric& metric : metric_table()) {
    if (!metric.column) continue;
    const std::vector<std::string>& paths = column(metric.column).mean.paths;
    EXPECT_EQ(1, std::ranges::count(paths, "/" + std::string(metric.key))) << metric.column;
  }
}

TEST(Columns, HoldWhatTheirTypeSaysWithFoldsAndWithout) {
  const auto type_of = [](const CellValue& value) {
    return std::vector{ColumnType::kText,   ColumnType::kText,  ColumnType::kInteger,
                       ColumnType::kNumber, ColumnType::kTexts, ColumnType::kNumbers}
        .at(value.index());
  };
  std::vector<ResultRow> rows = of_a_merge(0.1, 0.1, 0.1);
  rows.push_back(left_out_one_by_one());
  for (ResultRow& row : rows) {
    row.all_negative = 0.5;
    row.epochs_to_baseline = 1.5;
    for (const Column& column : columns()) {
      if (!column.mean.paths.empty()) row.means[column.key] = 0.5;
    }
  }
  for (const ComparedRow& row : compared_rows(rows)) {
    for (const Column& column : columns()) {
      const CellValue value = value_of(column, row);
      const ColumnType type = column.type == ColumnType::kShare ? ColumnType::kNumber : column.type;
      EXPECT_TRUE(value.index() == 0 || type_of(value) == type) << column.key;
    }
  }
}

TEST(Columns, AreDescribed) {
  for (const Column& column : columns()) EXPECT_FALSE(column.help.empty()) << column.key;
}

// The lines of docs/experiment.md between these two are made from the columns.
TEST(Columns, StandInTheDocumentation) {
  const std::string file = test::source_folder() / "docs/experiment.md", found = read_file(file);
  const std::string begin = "<!-- columns -->\n", end = "<!-- end of columns -->\n";
  const std::size_t from = found.find(begin) + begin.size(), to = found.find(end);
  ASSERT_NE(to, std::string::npos);
  std::string expected = found;
  expected.replace(from, to - from, columns_reference());
  if (std::getenv("HISTOKT_WRITE_REFERENCE")) std::ofstream(file) << expected;
  EXPECT_TRUE(found == expected || std::getenv("HISTOKT_WRITE_REFERENCE"))
      << file << " has other columns than the program. Write them there anew by\n"
      << "  HISTOKT_WRITE_REFERENCE=1 " << (test::build_folder() / "tests/results_test").string();
}

TEST(Csv, ListsHaveAnItemAFold) {
  const auto row = csv_rows(transfer_matrix_csv({left_out_one_by_one()})).at(0);
  EXPECT_EQ("0.01;0.001;0.01;0.01", row.at("learning_rate"));
  EXPECT_EQ("aa;bb;cc;dd", row.at("split_digest"));
  EXPECT_EQ("leave-one-group-out", row.at("folds"));
  const auto one = csv_rows(transfer_matrix_csv({held_out()})).at(0);
  EXPECT_EQ("0.01", one.at("learning_rate"));
  EXPECT_EQ("aa", one.at("split_digest"));
  EXPECT_EQ("none", one.at("folds"));
}

TEST(Csv, HasWhatTheRowHasAndElseNothing) {
  std::vector<ResultRow> rows = of_twenty_groups(0.1);
  rows[1].means = {{"macro_f1", 0.25}, {"kappa", 0.125}, {"probe", 0.5}, {"image_accuracy", 0.75}};
  const auto row = csv_rows(transfer_matrix_csv(rows)).at(1);
  EXPECT_EQ("crc", row.at("source"));
  EXPECT_EQ("os", row.at("target"));
  EXPECT_EQ("deep", row.at("recipe"));
  EXPECT_EQ("1", row.at("trials"));
  EXPECT_EQ("0.6", row.at("test_accuracy"));
  EXPECT_EQ("", row.at("deviation"));
  EXPECT_EQ("0.5", row.at("baseline"));
  EXPECT_NEAR(0.1, std::stod(row.at("difference")), 1e-12);
  EXPECT_EQ("400", row.at("test_patches"));
  EXPECT_EQ("20", row.at("test_groups"));
  EXPECT_EQ("patient", row.at("group_level"));
  EXPECT_EQ("by-group", row.at("split_protocol"));
  EXPECT_EQ("0", row.at("skipped_images"));
  EXPECT_EQ("0.25", row.at("macro_f1"));
  EXPECT_EQ("0.125", row.at("kappa"));
  EXPECT_EQ("0.5", row.at("probe"));
  EXPECT_EQ("0.75", row.at("image_accuracy"));
  for (const char* empty : {"balanced_accuracy", "auc", "average_precision", "all_negative", "knn"})
    EXPECT_EQ("", row.at(empty)) << empty;
}

TEST(Csv, HasIntervalsWhereThereAreEnoughGroups) {
  const auto rows = csv_rows(transfer_matrix_csv(of_twenty_groups(0.1)));
  EXPECT_NEAR(0.6 - 0.043, std::stod(rows.at(1).at("interval_low")), 0.006);
  EXPECT_NEAR(0.6 + 0.043, std::stod(rows.at(1).at("interval_high")), 0.006);
  EXPECT_NEAR(0.1, std::stod(rows.at(1).at("difference_low")), 1e-9);
  EXPECT_EQ("", rows.at(0).at("difference_low")) << "a baseline from itself";
  EXPECT_EQ("", csv_rows(transfer_matrix_csv({held_out()})).at(0).at("interval_low"));
}

TEST(Csv, NamesCheckpointsAndWhatIsMissing) {
  std::vector<ResultRow> rows = of_twenty_groups(0.1);
  rows[1].checkpoints = {"steps/choose-rate-a/trial-1.safetensors",
                         "steps/choose-rate-a/trial-2.safetensors"};
  rows[1].missing = {{"steps/evaluate-a/groups.csv", "it is gone"}};
  const auto row = csv_rows(transfer_matrix_csv(rows)).at(1);
  EXPECT_EQ("steps/choose-rate-a/trial-1.safetensors;steps/choose-rate-a/trial-2.safetensors",
            row.at("checkpoint"));
  EXPECT_EQ("steps/evaluate-a/groups.csv", row.at("missing_files"));
}

TEST(Csv, KeysTellRowsApart) {
  std::vector<ResultRow> rows = of_a_merge(0.1, 0.1, 0.1);
  rows[2].method = "svd(rank=16 recalibrate=os)";
  const auto lines = csv_rows(distillation_csv(rows));
  EXPECT_EQ("os/source/crc/baseline/deep", lines.at(0).at("key"));
  EXPECT_EQ("os/merge/svd(rank=16 recalibrate=os)/crc+glas/baseline/deep", lines.at(1).at("key"));
  EXPECT_EQ("os/random-directions/svd(directions=random)/crc+glas/baseline/deep", lines.at(2).at("key"));
  EXPECT_EQ("os/baseline/baseline", csv_rows(transfer_matrix_csv(rows)).at(0).at("key"));
}

TEST(Csv, ARowStandsInEachOfItsMatrices) {
  std::vector<ResultRow> rows = of_twenty_groups(0.1);
  rows[0].matrices = {"one stage", "two stages"};
  rows[1].matrices = {"two stages"};
  std::vector<std::string> found;
  for (const auto& row : csv_rows(transfer_matrix_csv(rows)))
    found.push_back(row.at("matrix") + ": " + row.at("key"));
  EXPECT_EQ((std::vector<std::string>{"one stage: os/baseline/baseline", "two stages: os/baseline/baseline",
                                      "two stages: os/source/crc/baseline/deep"}),
            found);
}

TEST(Csv, ABaselineThatMergesAloneAreComparedWithIsInNoMatrix) {
  std::vector<ResultRow> rows = of_twenty_groups(0.1);
  EXPECT_EQ("matrix", csv_rows(transfer_matrix_csv(rows)).at(0).at("matrix"));
  rows[0].matrices.clear();
  const auto lines = csv_rows(transfer_matrix_csv(rows));
  EXPECT_EQ("", lines.at(0).at("matrix"));
  EXPECT_EQ("os/baseline/baseline", lines.at(0).at("key"));
  EXPECT_EQ("50.0", transfer_matrix_tables(rows).at(0).rows.at(0).at(1)) << "on the page of the only one";
}

TEST(Csv, DistillationHasWhatIsAskedOfMerges) {
  std::vector<ResultRow> rows = of_a_merge(0.1, 0.1, 0.1);
  rows[2].means = {{"untuned_accuracy", 0.25}, {"merge_seconds", 0.5}};
  rows[2].epochs_to_baseline = 1.5;
  rows[2].trainings_that_reached = 2;
  rows[2].trainings_compared = 3;
  rows[2].norm_ratios = {0.75, 0.5};
  const auto row = csv_rows(distillation_csv(rows)).at(1);
  EXPECT_EQ("svd", row.at("distiller"));
  EXPECT_EQ("crc+glas", row.at("sources"));
  EXPECT_EQ("merge", row.at("row"));
  EXPECT_EQ("svd", row.at("method"));
  EXPECT_EQ("baseline", row.at("train"));
  EXPECT_EQ("0.25", row.at("untuned_accuracy"));
  EXPECT_EQ("1.5", row.at("epochs_to_baseline"));
  EXPECT_EQ("2 of 3", row.at("reached_baseline"));
  EXPECT_EQ("0.5", row.at("merge_seconds"));
  EXPECT_EQ("0.75;0.5", row.at("norm_ratios"));
  EXPECT_EQ("", row.at("same_as"));
  EXPECT_EQ((std::vector<std::string>{"svd", "crc + glas", "os", "", "", "25.0", "60.0", "+10.0",
                                      "1.5 (2 of 3)", "0.5", "0.75, 0.50"}),
            distillation_table(rows).rows.at(1));
  for (const auto& line : csv_rows(transfer_matrix_csv(rows)))
    EXPECT_NE("crc+glas", line.at("source")) << "merges are no cells of the matrix";
}

TEST(Pages, TheMatrixHasSourcesByTargets) {
  const TextTable table = transfer_matrix_tables(of_twenty_groups(0.1)).at(0);
  EXPECT_EQ((std::vector<std::string>{"none: the baseline", "50.0"}), table.rows.at(0));
  EXPECT_EQ((std::vector<std::string>{"crc, deep", "60.0; +10.0"}), table.rows.at(1));
}

TEST(Pages, EachMatrixHasATableOfItsOwn) {
  std::vector<ResultRow> rows = of_twenty_groups(0.1);
  rows[0].matrices = {"one stage", "two stages"};
  rows[1].matrices = {"two stages"};
  const std::vector<TextTable> tables = transfer_matrix_tables(rows);
  ASSERT_EQ(2u, tables.size());
  EXPECT_EQ("Test accuracy in %, sources by targets: one stage", tables[0].caption);
  EXPECT_EQ(1u, tables[0].rows.size());
  EXPECT_EQ(2u, tables[1].rows.size());
}

TEST(Pages, SayThatRandomDirectionsAreOneDraw) {
  const auto says = [](const std::vector<ResultRow>& rows) {
    return std::ranges::any_of(distillation_table(rows).notes, [](const std::string& note) {
      return note.starts_with("Random directions are drawn once");
    });
  };
  std::vector<ResultRow> rows = of_a_merge(0.1, 0.1, 0.05);
  EXPECT_TRUE(says(rows));
  rows.pop_back();
  EXPECT_FALSE(says(rows));
}

TEST(Pages, SayThatControlsWereSwitchedOff) {
  std::vector<ResultRow> rows = of_a_merge(0, 0.1, 0);
  EXPECT_EQ(distillation_table(rows).notes.back().find("controls = false"), std::string::npos);
  std::erase_if(rows, [](const ResultRow& row) {
    return row.kind == ResultKind::kTransfer || row.kind == ResultKind::kDeclaredControl;
  });
  EXPECT_NE(distillation_table(rows).notes.back().find("controls = false"), std::string::npos);
}

TEST(Pages, SayWhatIsMissing) {
  std::vector<ResultRow> rows = of_a_merge(0.1, 0.1, 0.1);
  rows[1].missing = {{"steps/evaluate-a/groups.csv", "groups.csv is missing, so there is no interval."}};
  const std::string note = "from crc, deep on os: groups.csv is missing, so there is no interval.";
  EXPECT_EQ(note, distillation_table(rows).notes.back());
  EXPECT_EQ(note, transfer_matrix_tables(rows).at(0).notes.back());
}

}  // namespace
}  // namespace histokt
