#include "report/result_table.hpp"

#include <gtest/gtest.h>

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
  EXPECT_NE(csv.find("group_level,split,folds,split_digest,skipped_pictures\n"), std::string::npos) << csv;
  EXPECT_NE(csv.find("os,os,baseline,0.01;0.001,2,0.75,"), std::string::npos) << csv;
  EXPECT_NE(csv.find(",400,4,patient,by-group,leave-one-group-out,aa;bb;cc;dd,0\n"), std::string::npos)
      << csv;
  EXPECT_NE(transfer_matrix_csv({held_out()}).find(",by-group,none,aa,0\n"), std::string::npos);
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

TEST(ResultTable, TextSaysThatPatientsMayBeShared) {
  ResultRow row = held_out();
  row.group_level = "picture";
  EXPECT_NE(result_text({row}).find("patients may be shared between the splits"), std::string::npos);
}

}  // namespace
}  // namespace histokt
