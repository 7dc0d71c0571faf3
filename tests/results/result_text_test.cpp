// SPDX-License-Identifier: MIT
#include "results/result_text.hpp"

#include <gtest/gtest.h>

#include "results/example_rows.hpp"
#include "results/significance.hpp"
#include "results/tables.hpp"

namespace histokt {
namespace {

using test::held_out;
using test::left_out_one_by_one;
using test::of_a_merge;
using test::of_twenty_groups;

TEST(ResultText, ProbesStandBesideTheTunedResultWhereThereAreAny) {
  ResultRow probed = held_out();
  probed.kind = ResultKind::kTransfer;
  probed.means = {{"probe", 0.5}, {"knn", 0.25}};
  EXPECT_NE(result_text({held_out(), probed}).find("probe 50.0 %, nearest neighbours 25.0 %"),
            std::string::npos);
}

TEST(ResultText, SaysWhatWasTestedAndHow) {
  const std::string folds = result_text({left_out_one_by_one()});
  EXPECT_NE(
      folds.find("400 test patches of 4 patients, split by-group, each patient left out once (4 folds)"),
      std::string::npos)
      << folds;
  EXPECT_NE(folds.find("the deviation between folds"), std::string::npos) << folds;
  EXPECT_EQ(folds.find("may be shared"), std::string::npos) << folds;
  EXPECT_EQ(result_text({held_out()}).find("folds"), std::string::npos) << result_text({held_out()});
}

TEST(ResultText, HasTheIntervalOfADifference) {
  const std::string text = result_text(of_twenty_groups(0.1));
  EXPECT_NE(text.find("+10.0 points (95 %: +10.0 to +10.0)"), std::string::npos) << text;
}

TEST(ResultText, ADifferenceWhoseIntervalHoldsZeroIsWithinNoise) {
  std::vector<ResultRow> rows = of_twenty_groups(0);
  for (std::size_t g = 0; g < 20; ++g) rows[1].group_right[g] += g % 3 == 0 ? 0.01 : g % 3 == 1 ? -0.01 : 0;
  EXPECT_NE(result_text(rows).find(", within noise)"), std::string::npos) << result_text(rows);
}

TEST(ResultText, ADifferenceThatTrialsDifferByIsTold) {
  std::vector<ResultRow> rows = of_twenty_groups(0.1);
  rows[0].accuracies = {{0.5, 0.5}};
  rows[1].accuracies = {{0.3, 0.9}};
  EXPECT_NE(result_text(rows).find("to +10.0, within the deviation of trials)"), std::string::npos)
      << result_text(rows);
}

// Few groups, so no interval: 20 points are more than 400 patches allow for, and less than trials differ by.
TEST(ResultText, TerminalAndPageCallTheSameDifferencesNoise) {
  ResultRow baseline = held_out(), row = held_out();
  baseline.accuracies = {{0.4, 0.4}};
  row.kind = ResultKind::kTransfer;
  row.accuracies = {{0.3, 0.9}};
  EXPECT_EQ(Verdict::kWithinTrials, compare(row, baseline).verdict);
  const std::string wide = result_text({baseline, row});
  EXPECT_NE(wide.find("+20.0 points (within the deviation of trials)"), std::string::npos) << wide;
  EXPECT_NE(transfer_matrix_tables({baseline, row}).at(0).rows.at(1).at(1).find("(noise)"),
            std::string::npos);
  row.accuracies = {{0.6, 0.6}};
  EXPECT_EQ(Verdict::kBetter, compare(row, baseline).verdict);
  const std::string narrow = result_text({baseline, row});
  EXPECT_NE(narrow.find("+20.0 points\n"), std::string::npos) << narrow;
  EXPECT_EQ(transfer_matrix_tables({baseline, row}).at(0).rows.at(1).at(1).find("(noise)"),
            std::string::npos);
  row.accuracies = {{0.45, 0.45}};
  EXPECT_NE(result_text({baseline, row}).find("+5.0 points (within noise)"), std::string::npos);
}

TEST(ResultText, HasTheAveragePrecisionOfProbesWherePatchesHaveSeveralLabels) {
  ResultRow row = of_twenty_groups(0.1)[1];
  row.means = {
      {"probe", 0.77}, {"knn", 0.75}, {"probe_average_precision", 0.41}, {"knn_average_precision", 0.33}};
  EXPECT_EQ(result_text({row}).find("average precision"), std::string::npos);
  row.all_negative = 0.77;
  EXPECT_NE(result_text({row}).find("probe 77.0 % (average precision 41.0 %), nearest neighbours 75.0 % "
                                    "(average precision 33.0 %)"),
            std::string::npos)
      << result_text({row});
}

TEST(ResultText, SaysWhyThereIsNoInterval) {
  const std::string text = result_text({held_out()});
  EXPECT_NE(text.find("no interval: 4 patients were tested, and an interval needs at least 10"),
            std::string::npos)
      << text;
  EXPECT_EQ(result_text(of_twenty_groups(0)).find("no interval"), std::string::npos);
}

TEST(ResultText, HasAllNegativeAndPrecisionOfSeveralLabels) {
  ResultRow row = held_out();
  row.all_negative = 0.77;
  row.means["average_precision"] = 0.447;
  const std::string text = result_text({row});
  EXPECT_NE(
      text.find(
          "accuracy of entries; chance 33.3 %, all negative 77.0 %, more common value of each class 40.0 %"),
      std::string::npos)
      << text;
  EXPECT_NE(text.find("mean average precision 44.7 %"), std::string::npos) << text;
}

TEST(ResultText, SaysHowCloseTheRatesWere) {
  ResultRow row = held_out();
  row.rate_notes = {"lr0.01 ties with lr0.1"};
  const std::string text = result_text({row});
  EXPECT_NE(text.find("baseline (random start): lr0.01 ties with lr0.1\n"), std::string::npos) << text;
}

TEST(ResultText, TellsWhatAMergeIsBetterThan) {
  const std::string text = result_text(of_a_merge(0.1, 0.1, 0.05));
  EXPECT_NE(text.find("    svd of crc+glas, deep: better than the baseline and random directions; "
                      "within noise of crc tuned\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("controls = false"), std::string::npos) << text;
  EXPECT_NE(result_text(of_a_merge(0.1, 0.05, 0.0)).find("worse than crc tuned"), std::string::npos);
}

TEST(ResultText, AMergeIsComparedWithTheRandomDirectionsThatAreMadeAsItIs) {
  std::vector<ResultRow> rows = of_a_merge(0.1, 0.1, 0.05);
  const auto recalibrated = [](ResultRow row, const std::string& dataset) {
    row.merge_settings.recalibration = "recalibrate=" + dataset;
    row.method = row.method == "svd" ? "svd(recalibrate=" + dataset + ")"
                                     : "svd(directions=random recalibrate=" + dataset + ")";
    return row;
  };
  rows.push_back(recalibrated(rows[2], "os"));
  rows.push_back(recalibrated(of_a_merge(0, 0, 0.15)[3], "os"));
  const std::string text = result_text(rows);
  EXPECT_NE(text.find("    svd of crc+glas, deep: better than the baseline and random directions; "
                      "within noise of crc tuned\n"),
            std::string::npos)
      << text;
  EXPECT_NE(
      text.find("    svd(recalibrate=os) of crc+glas, deep: better than the baseline; within noise of crc "
                "tuned; worse than random directions\n"),
      std::string::npos)
      << text;
}

TEST(ResultText, AControlIsCalledAsItsDistillerDeclaresIt) {
  std::vector<ResultRow> rows = of_a_merge(0.1, 0.1, 0.05);
  ResultRow& control = rows.back();
  control.method = control.distiller = "ours(shuffled=true)";
  control.merge_settings.control = "shuffled channels";
  control.merge_settings.control_options = "shuffled=true";
  EXPECT_EQ("shuffled-channels", kind_word(control));
  EXPECT_NE(result_text(rows).find("better than the baseline and shuffled channels; "), std::string::npos)
      << result_text(rows);
  control.method = "ours(rank=3 shuffled=true)";
  EXPECT_NE(result_text(rows).find("and shuffled channels (ours(rank=3 shuffled=true)); "), std::string::npos)
      << result_text(rows);
}

TEST(ResultText, AMergeWithABaseIsComparedWithRandomDirectionsThatReadNone) {
  std::vector<ResultRow> rows = of_a_merge(0.1, 0.1, 0.05);
  rows[2].method = "ties(base=imagenet@11111111)";
  rows[2].merge_settings.base = "base=imagenet@11111111";
  EXPECT_NE(result_text(rows).find("better than the baseline and random directions"), std::string::npos);
  rows[3].merge_settings.base = "base=imagenet@22222222";
  EXPECT_EQ(result_text(rows).find("and random directions"), std::string::npos) << "those of another base\n"
                                                                                << result_text(rows);
}

TEST(ResultText, SaysThatAMergeWithoutControlsCannotBeToldFromNoise) {
  std::vector<ResultRow> rows = of_a_merge(0, 0.1, 0);
  std::erase_if(rows, [](const ResultRow& row) {
    return row.kind == ResultKind::kTransfer || row.kind == ResultKind::kDeclaredControl;
  });
  EXPECT_NE(result_text(rows).find("(controls = false), a merge cannot be distinguished"), std::string::npos);
}

TEST(ResultText, ARowOfTheSameNetworkAsAnotherIsNamedOnceInTheText) {
  std::vector<ResultRow> rows = of_a_merge(0.1, 0.1, 0.1);
  ResultRow alone = rows[1];
  alone.kind = ResultKind::kFirstAlone;
  alone.method = "svd";
  alone.same_as = row_key(rows[1]);
  rows.push_back(alone);
  const std::string text = result_text(rows);
  EXPECT_NE(text.find("  svd of crc alone, deep: the same model as from crc, deep.\n"), std::string::npos)
      << text;
  EXPECT_EQ(text.find("svd of crc alone, deep  "), std::string::npos) << text;
}

TEST(ResultText, EachMatrixOfATargetIsToldByItself) {
  std::vector<ResultRow> rows = of_a_merge(0.1, 0.1, 0.1);
  rows[0].matrices = {"one stage", "two stages"};
  rows[1].matrices = {"two stages"};
  const std::string text = result_text(rows);
  const std::size_t first = text.find("  Matrix one stage:\n  baseline"),
                    second = text.find("  Matrix two stages:\n  baseline"),
                    merges = text.find("  Merges and controls:\n  svd of crc+glas");
  EXPECT_LT(first, second) << text;
  EXPECT_LT(second, merges) << text;
  EXPECT_NE(merges, std::string::npos) << text;
  EXPECT_GT(text.find("  from crc, deep"), second) << "in the second alone\n" << text;
}

TEST(ResultText, SaysWhatCouldNotBeRead) {
  std::vector<ResultRow> rows = of_twenty_groups(0.1);
  rows[1].missing = {{"steps/evaluate-a/groups.csv", "groups.csv is missing, so there is no interval."}};
  const std::string text = result_text(rows);
  EXPECT_NE(text.find("  from crc, deep: groups.csv is missing, so there is no interval.\n"),
            std::string::npos)
      << text;
}

TEST(ResultText, SaysThatPatientsMayBeShared) {
  ResultRow row = held_out();
  row.group_level = "image";
  EXPECT_NE(result_text({row}).find("patients may be shared between the splits"), std::string::npos);
}

}  // namespace
}  // namespace histokt
