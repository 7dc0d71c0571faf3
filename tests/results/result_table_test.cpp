#include "results/result_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace histokt {
namespace {

// A target of four cases, tested one at a time, two trials each.
ResultRow left_out_one_by_one() {
  ResultRow row;
  row.sources = {"os"};
  row.target = "os";
  row.recipe = "baseline";
  row.learning_rates = {0.01, 0.001};
  row.accuracies = {{0.5, 0.75}, {0.75, 0.75}, {0.5, 1}, {0.75, 1}};
  row.chance = 1.0 / 3;
  row.majority = 0.4;
  row.test_patches = 400;
  row.test_groups = 4;
  row.group_level = "patient";
  row.split_protocol = "by-group";
  row.folds = "leave-one-group-out";
  row.split_digests = {"aa", "bb", "cc", "dd"};
  return row;
}

ResultRow held_out() {
  ResultRow row = left_out_one_by_one();
  row.learning_rates = {0.01};
  row.accuracies = {{0.5, 0.7}};
  row.folds = "none";
  row.split_digests = {"aa"};
  return row;
}

TEST(ResultTable, ProbesStandBesideTheTunedResultWhereThereAreAny) {
  ResultRow probed = held_out();
  probed.kind = ResultRow::Kind::kTransfer;
  probed.probe_accuracy = 0.5;
  probed.knn_accuracy = 0.25;
  const std::string csv = transfer_matrix_csv({held_out(), probed});
  EXPECT_NE(csv.find(",all_negative,probe,knn,"), std::string::npos) << csv;
  EXPECT_NE(csv.find(",,,,,,matrix\n"), std::string::npos) << csv;
  EXPECT_NE(csv.find(",,0.5,0.25,,,,,matrix\n"), std::string::npos) << csv;
  EXPECT_NE(result_text({held_out(), probed}).find("probe 50.0 %, nearest neighbours 25.0 %"),
            std::string::npos);
}

TEST(ResultTable, MeansGoOverFoldsAndTrials) {
  EXPECT_DOUBLE_EQ(mean_accuracy(left_out_one_by_one()), 0.75);
  EXPECT_DOUBLE_EQ(mean_accuracy(held_out()), 0.6);
}

TEST(ResultTable, DeviationIsBetweenFoldsWhereThereAreSome) {
  // of 0.625, 0.75, 0.75 and 0.875
  EXPECT_NEAR(*accuracy_deviation(left_out_one_by_one()), std::sqrt(0.03125 / 3), 1e-12);
  EXPECT_NEAR(*accuracy_deviation(held_out()), std::sqrt(0.02), 1e-12);
  ResultRow one = held_out();
  one.accuracies = {{0.5}};
  EXPECT_FALSE(accuracy_deviation(one));
}

TEST(ResultTable, CsvHasFoldsAndTheirDigests) {
  const std::string csv = transfer_matrix_csv({left_out_one_by_one()});
  EXPECT_NE(csv.find("group_level,split,folds,split_digest,skipped_pictures,interval_low,interval_high,"
                     "difference_low,difference_high,balanced_accuracy,macro_f1,auc,average_precision,kappa,"
                     "all_negative,probe,knn,picture_accuracy,group_accuracy,probe_average_precision,"
                     "knn_average_precision,matrix\n"),
            std::string::npos)
      << csv;
  EXPECT_NE(csv.find("os,os,baseline,0.01;0.001,2,0.75,"), std::string::npos) << csv;
  EXPECT_NE(csv.find(",400,4,patient,by-group,leave-one-group-out,aa;bb;cc;dd,0,,,,,,,,,,,,,,,,,matrix\n"),
            std::string::npos)
      << csv;
  EXPECT_NE(transfer_matrix_csv({held_out()}).find(",by-group,none,aa,0,,,,,,,,,,,,,,,,,matrix\n"),
            std::string::npos);
}

TEST(ResultTable, TextSaysWhatWasTestedAndHow) {
  const std::string folds = result_text({left_out_one_by_one()});
  EXPECT_NE(
      folds.find("400 test patches of 4 patients, split by-group, each patient left out once (4 folds)"),
      std::string::npos)
      << folds;
  EXPECT_NE(folds.find("the deviation between folds"), std::string::npos) << folds;
  EXPECT_EQ(folds.find("may be shared"), std::string::npos) << folds;
  EXPECT_EQ(result_text({held_out()}).find("folds"), std::string::npos) << result_text({held_out()});
}

// The baseline answers half of the patches of each of 20 groups rightly, what was transferred a bit more.
std::vector<ResultRow> of_twenty_groups(double more) {
  ResultRow baseline = held_out();
  baseline.accuracies = {{0.5}};
  baseline.test_groups = 20;
  for (int g = 0; g < 20; ++g) {
    baseline.group_weight.push_back(0.05);
    baseline.group_right.push_back(g % 2 ? 0.02 : 0.03);
  }
  ResultRow transfer = baseline;
  transfer.kind = ResultRow::Kind::kTransfer;
  transfer.sources = {"crc"};
  transfer.recipe = "deep";
  transfer.accuracies = {{0.5 + more}};
  for (double& right : transfer.group_right) right += 0.05 * more;
  return {baseline, transfer};
}

TEST(ResultTable, IntervalsComeFromDrawingGroups) {
  const std::vector<ResultRow> rows = of_twenty_groups(0.1);
  const Interval interval = accuracy_interval(rows[1]).value();
  EXPECT_NEAR(interval.low, 0.6 - 0.043, 0.006) << "1.96 x 0.1 / sqrt(20)";
  EXPECT_NEAR(interval.high, 0.6 + 0.043, 0.006);
}

// Each group gains the same: that is sure, however much groups differ.
TEST(ResultTable, DifferencesAreTakenGroupByGroup) {
  const std::vector<ResultRow> rows = of_twenty_groups(0.1);
  const Interval interval = difference_interval(rows[1], rows[0]).value();
  EXPECT_NEAR(interval.low, 0.1, 1e-9);
  EXPECT_NEAR(interval.high, 0.1, 1e-9);
  const std::string text = result_text(rows);
  EXPECT_NE(text.find("+10.0 points (95 %: +10.0 to +10.0)"), std::string::npos) << text;
}

TEST(ResultTable, ADifferenceWhoseIntervalHoldsZeroIsWithinNoise) {
  std::vector<ResultRow> rows = of_twenty_groups(0);
  for (std::size_t g = 0; g < 20; ++g) rows[1].group_right[g] += g % 3 == 0 ? 0.01 : g % 3 == 1 ? -0.01 : 0;
  EXPECT_NE(result_text(rows).find(", within noise)"), std::string::npos) << result_text(rows);
}

TEST(ResultTable, ADifferenceThatTrialsDifferByIsTold) {
  std::vector<ResultRow> rows = of_twenty_groups(0.1);
  rows[0].accuracies = {{0.5, 0.5}};
  rows[1].accuracies = {{0.3, 0.9}};
  EXPECT_NE(result_text(rows).find("to +10.0, within the deviation of trials)"), std::string::npos)
      << result_text(rows);
}

// Few groups, so no interval: 20 points are more than 400 patches allow for, and less than trials differ by.
TEST(ResultTable, TerminalAndPageCallTheSameDifferencesNoise) {
  ResultRow baseline = held_out(), row = held_out();
  baseline.accuracies = {{0.4, 0.4}};
  row.kind = ResultRow::Kind::kTransfer;
  row.accuracies = {{0.3, 0.9}};
  EXPECT_EQ(0, beyond_noise(row, baseline));
  const std::string wide = result_text({baseline, row});
  EXPECT_NE(wide.find("+20.0 points (within the deviation of trials)"), std::string::npos) << wide;
  EXPECT_NE(transfer_matrix_table({baseline, row}, "matrix").rows.at(1).at(1).find("(noise)"),
            std::string::npos);
  row.accuracies = {{0.6, 0.6}};
  EXPECT_EQ(1, beyond_noise(row, baseline));
  const std::string narrow = result_text({baseline, row});
  EXPECT_NE(narrow.find("+20.0 points\n"), std::string::npos) << narrow;
  EXPECT_EQ(transfer_matrix_table({baseline, row}, "matrix").rows.at(1).at(1).find("(noise)"),
            std::string::npos);
  row.accuracies = {{0.45, 0.45}};
  EXPECT_NE(result_text({baseline, row}).find("+5.0 points (within noise)"), std::string::npos);
}

TEST(ResultTable, ADifferenceFromATestOfOtherGroupsHasNoInterval) {
  std::vector<ResultRow> rows = of_twenty_groups(0.1);
  rows[0].group_weight[0] = 0.04;
  EXPECT_FALSE(difference_interval(rows[1], rows[0]));
  EXPECT_FALSE(difference_interval(rows[0], rows[0])) << "a baseline from itself";
}

TEST(ResultTable, CsvHasIntervalsAndMetrics) {
  std::vector<ResultRow> rows = of_twenty_groups(0.1);
  rows[1].metrics = {{"macro_f1", 0.25}, {"kappa", 0.125}};
  const std::string csv = transfer_matrix_csv(rows);
  EXPECT_NE(csv.find(",,0.25,,,0.125,,,,,,,,matrix\n"), std::string::npos) << csv;
  EXPECT_NE(csv.find(",aa,0,0.5"), std::string::npos) << csv;
}

TEST(ResultTable, CsvFilesEndWithWhatPicturesAndGroupsAndProbesSay) {
  std::vector<ResultRow> rows = of_twenty_groups(0.1);
  rows[1].in_distillation = true;
  rows[1].metrics = {{"picture_accuracy", 0.75},
                     {"group_accuracy", 0.875},
                     {"probe_average_precision", 0.5},
                     {"knn_average_precision", 0.25}};
  for (const std::string& csv : {transfer_matrix_csv(rows), distillation_csv(rows)}) {
    EXPECT_NE(csv.find(",picture_accuracy,group_accuracy,probe_average_precision,knn_average_precision"),
              std::string::npos)
        << csv;
    EXPECT_NE(csv.find(",0.75,0.875,0.5,0.25"), std::string::npos) << csv;
  }
}

TEST(ResultTable, TextHasTheAveragePrecisionOfProbesWherePatchesHaveSeveralLabels) {
  ResultRow row = of_twenty_groups(0.1)[1];
  row.probe_accuracy = 0.77;
  row.knn_accuracy = 0.75;
  row.metrics = {{"probe_average_precision", 0.41}, {"knn_average_precision", 0.33}};
  EXPECT_EQ(result_text({row}).find("average precision"), std::string::npos);
  row.all_negative = 0.77;
  EXPECT_NE(result_text({row}).find("probe 77.0 % (average precision 41.0 %), nearest neighbours 75.0 % "
                                    "(average precision 33.0 %)"),
            std::string::npos)
      << result_text({row});
}

TEST(ResultTable, TextSaysWhyThereIsNoInterval) {
  const std::string text = result_text({held_out()});
  EXPECT_NE(text.find("no interval: 4 patients were tested, and it takes at least 10"), std::string::npos)
      << text;
  EXPECT_EQ(result_text(of_twenty_groups(0)).find("no interval"), std::string::npos);
}

TEST(ResultTable, TextHasAllNegativeAndPrecisionOfSeveralLabels) {
  ResultRow row = held_out();
  row.all_negative = 0.77;
  row.metrics["average_precision"] = 0.447;
  const std::string text = result_text({row});
  EXPECT_NE(
      text.find(
          "accuracy of entries; chance 33.3 %, all negative 77.0 %, each class's commoner answer 40.0 %"),
      std::string::npos)
      << text;
  EXPECT_NE(text.find("mean average precision 44.7 %"), std::string::npos) << text;
}

TEST(ResultTable, TextSaysHowCloseTheRatesWere) {
  ResultRow row = held_out();
  row.rate_notes = {"lr0.01 ties with lr0.1"};
  const std::string text = result_text({row});
  EXPECT_NE(text.find("baseline (random start): lr0.01 ties with lr0.1\n"), std::string::npos) << text;
}

// Two baselines of a target, by two recipes, and what came from the second one's sources.
TEST(ResultTable, ARowIsComparedWithTheBaselineOfItsOwnRecipe) {
  ResultRow other = held_out(), own = held_out(), row = held_out();
  own.recipe = own.train = "long";
  own.accuracies = {{0.25, 0.25}};
  row.kind = ResultRow::Kind::kTransfer;
  row.train = "long";
  row.accuracies = {{0.5, 0.5}};
  const std::string csv = transfer_matrix_csv({other, own, row});
  EXPECT_NE(csv.find(",2,0.5,0,0.25,0.25,"), std::string::npos) << csv;
}

// The baseline of of_twenty_groups, the first source tuned, its merge, the control of random directions;
// gains over the baseline as given.
std::vector<ResultRow> of_a_merge(double source_gain, double merge_gain, double random_gain) {
  std::vector<ResultRow> rows = {of_twenty_groups(0).front()};
  const auto add = [&](ResultRow::Kind kind, double gain, std::vector<std::string> sources,
                       const char* strategy) {
    ResultRow row = of_twenty_groups(gain).back();
    row.kind = kind;
    row.sources = std::move(sources);
    row.strategy = row.distiller = strategy;
    row.in_distillation = true;
    rows.push_back(std::move(row));
  };
  add(ResultRow::Kind::kTransfer, source_gain, {"crc"}, "");
  add(ResultRow::Kind::kDistilled, merge_gain, {"crc", "glas"}, "svd");
  add(ResultRow::Kind::kRandomDirections, random_gain, {"crc", "glas"}, "svd(directions=random)");
  return rows;
}

TEST(ResultTable, TextTellsWhatAMergeIsBetterThan) {
  const std::string text = result_text(of_a_merge(0.1, 0.1, 0.05));
  EXPECT_NE(text.find("    svd of crc+glas, deep: better than the baseline and random directions; "
                      "within noise of crc tuned\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("controls = false"), std::string::npos) << text;
  EXPECT_NE(result_text(of_a_merge(0.1, 0.05, 0.0)).find("worse than crc tuned"), std::string::npos);
}

TEST(ResultTable, AMergeIsComparedWithTheRandomDirectionsThatAreMadeAsItIs) {
  std::vector<ResultRow> rows = of_a_merge(0.1, 0.1, 0.05);
  const auto recalibrated = [](ResultRow row, const std::string& dataset) {
    row.made_with.recalibration = "recalibrate=" + dataset;
    row.strategy = row.strategy == "svd" ? "svd(recalibrate=" + dataset + ")"
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

TEST(ResultTable, AMergeWithABaseIsComparedWithRandomDirectionsThatReadNone) {
  std::vector<ResultRow> rows = of_a_merge(0.1, 0.1, 0.05);
  rows[2].strategy = "ties(base=imagenet@11111111)";
  rows[2].made_with.base = "base=imagenet@11111111";
  EXPECT_NE(result_text(rows).find("better than the baseline and random directions"), std::string::npos);
  rows[3].made_with.base = "base=imagenet@22222222";
  EXPECT_EQ(result_text(rows).find("and random directions"), std::string::npos) << "those of another base\n"
                                                                                << result_text(rows);
}

TEST(ResultTable, APageSaysThatRandomDirectionsAreOneDraw) {
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

TEST(ResultTable, TextSaysThatAMergeWithoutControlsCannotBeToldFromNoise) {
  std::vector<ResultRow> rows = of_a_merge(0, 0.1, 0);
  std::erase_if(rows, [](const ResultRow& row) {
    return row.kind == ResultRow::Kind::kTransfer || row.kind == ResultRow::Kind::kRandomDirections;
  });
  EXPECT_NE(result_text(rows).find("(controls = false) a merge cannot be told"), std::string::npos);
  EXPECT_NE(distillation_table(rows).notes.back().find("controls = false"), std::string::npos);
}

TEST(ResultTable, ARowOfTheSameNetworkAsAnotherIsNamedOnceInTheText) {
  std::vector<ResultRow> rows = of_a_merge(0.1, 0.1, 0.1);
  ResultRow alone = rows[1];
  alone.kind = ResultRow::Kind::kFirstAlone;
  alone.strategy = "svd";
  alone.same_as = row_name(rows[1]);
  rows.push_back(alone);
  const std::string text = result_text(rows);
  EXPECT_NE(text.find("  svd of crc alone, deep: the same network as from crc, deep.\n"), std::string::npos)
      << text;
  EXPECT_EQ(text.find("svd of crc alone, deep  "), std::string::npos) << text;
}

TEST(ResultTable, DistillationHasItsOwnColumnsLast) {
  std::vector<ResultRow> rows = of_a_merge(0.1, 0.1, 0.1);
  rows[2].train = "baseline";
  rows[2].untuned_accuracy = 0.25;
  rows[2].epochs_to_baseline = 1.5;
  rows[2].trainings_that_reached = 2;
  rows[2].trainings_compared = 3;
  rows[2].merge_seconds = 0.5;
  rows[2].norm_ratios = {0.75, 0.5};
  const std::string csv = distillation_csv(rows);
  EXPECT_NE(
      csv.find(
          ",all_negative,probe,knn,row,strategy,train,untuned_accuracy,epochs_to_baseline,reached_baseline,"
          "merge_seconds,norm_ratios,same_as,picture_accuracy,"),
      std::string::npos)
      << csv;
  EXPECT_NE(csv.find(",merge,svd,baseline,0.25,1.5,2 of 3,0.5,0.75;0.5,,,,,\n"), std::string::npos) << csv;
  EXPECT_EQ(transfer_matrix_csv(rows).find("svd"), std::string::npos) << "merges are no cells of the matrix";
  const TextTable table = distillation_table(rows);
  EXPECT_EQ((std::vector<std::string>{"svd", "crc + glas", "os", "", "", "25.0", "60.0", "+10.0",
                                      "1.5 (2 of 3)", "0.5", "0.75, 0.50"}),
            table.rows.at(1));
}

TEST(ResultTable, TheMatrixOfAPageHasSourcesByTargets) {
  std::vector<ResultRow> rows = of_twenty_groups(0.1);
  const TextTable table = transfer_matrix_table(rows, "matrix");
  EXPECT_EQ((std::vector<std::string>{"none: the baseline", "50.0"}), table.rows.at(0));
  EXPECT_EQ((std::vector<std::string>{"crc, deep", "60.0; +10.0"}), table.rows.at(1));
}

TEST(ResultTable, ARowStandsInEachOfItsMatrices) {
  std::vector<ResultRow> rows = of_twenty_groups(0.1);
  rows[0].matrices = {"deep", "fine"};
  rows[1].matrices = {"fine"};
  const std::string csv = transfer_matrix_csv(rows);
  const auto lines_of = [&](const std::string& matrix) {
    std::size_t count = 0;
    for (std::size_t at = 0; (at = csv.find("," + matrix + "\n", at)) != std::string::npos; ++at) ++count;
    return count;
  };
  EXPECT_EQ(1u, lines_of("deep")) << csv;
  EXPECT_EQ(2u, lines_of("fine")) << csv;
  EXPECT_EQ(1u, transfer_matrix_table(rows, "deep").rows.size());
  EXPECT_EQ(2u, transfer_matrix_table(rows, "fine").rows.size());
  EXPECT_NE(transfer_matrix_table(rows, "fine").caption.find("fine"), std::string::npos);
  EXPECT_NE(result_text(rows).find("  from crc, deep (fine)  "), std::string::npos) << result_text(rows);
}

TEST(ResultTable, ABaselineThatMergesAloneAreComparedWithIsInNoMatrix) {
  ResultRow row = held_out();
  row.matrices.clear();
  EXPECT_NE(transfer_matrix_csv({row}).find(",,,,\n"), std::string::npos);
}

TEST(ResultTable, TextSaysThatPatientsMayBeShared) {
  ResultRow row = held_out();
  row.group_level = "picture";
  EXPECT_NE(result_text({row}).find("patients may be shared between the splits"), std::string::npos);
}

}  // namespace
}  // namespace histokt
