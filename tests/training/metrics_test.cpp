// SPDX-License-Identifier: MIT
#include "training/metrics.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/errors.hpp"
#include "training/golden_metrics.hpp"
#include "training/ranking.hpp"

namespace histokt {
namespace {

using testing::GoldenMetrics;

constexpr double kNear = 1e-6;

// The metrics of patches, by key.
class Metrics {
 public:
  explicit Metrics(Samples samples, const std::vector<float>& class_weights = {})
      : samples_(std::move(samples)), outcome_(samples_, class_weights) {}

  const Outcome& outcome() const { return outcome_; }
  std::optional<double> operator[](const char* key) const { return metric_value(key, outcome_); }
  double at(const char* key) const { return metric_value(key, outcome_).value(); }

 private:
  Samples samples_;
  AllSamples outcome_;
};

Metrics single_label(const std::vector<float>& logits, const std::vector<std::int64_t>& labels, int classes,
                     const std::vector<float>& class_weights = {}) {
  Samples samples{.classes = classes, .label = labels};
  samples.logits.assign(logits.begin(), logits.end());
  return Metrics(std::move(samples), class_weights);
}

Metrics multi_label(const std::vector<float>& logits, const std::vector<std::uint8_t>& labels, int classes,
                    const std::vector<float>& class_weights = {}) {
  Samples samples{.classes = classes, .multi_label = true, .labels = labels};
  samples.logits.assign(logits.begin(), logits.end());
  return Metrics(std::move(samples), class_weights);
}

TEST(SingleLabelMetrics, AgreeWithTheGoldenValues) {
  const GoldenMetrics golden;
  const auto m = single_label(golden.single_logits(), golden.single_labels(), golden.classes("single"));
  EXPECT_NEAR(m.at("accuracy"), golden.value("single/top1"), kNear);
  EXPECT_NEAR(m.at("balanced_accuracy"), golden.value("single/balanced_accuracy"), kNear);
  EXPECT_NEAR(m.at("macro_f1"), golden.value("single/macro_f1"), kNear);
  EXPECT_NEAR(m.at("auc"), golden.value("single/auc_ovr_macro"), kNear);
  EXPECT_NEAR(m.at("kappa"), golden.value("single/kappa"), kNear);
  EXPECT_NEAR(m.at("kappa_linear"), golden.value("single/kappa_linear"), kNear);
  EXPECT_NEAR(m.at("kappa_quadratic"), golden.value("single/kappa_quadratic"), kNear);
  EXPECT_NEAR(m.at("macro_average_precision"), golden.value("single/macro_average_precision"), kNear);
  EXPECT_NEAR(m.at("loss"), golden.value("single/cross_entropy"), kNear);
  EXPECT_EQ(m.outcome().counts().confusion, golden.entries<std::int64_t>("single/confusion"));
  EXPECT_EQ(m.at("chance"), 1.0 / golden.classes("single"));
}

// The share of a row of scikit-learn's confusion matrix that stands on its diagonal.
TEST(SingleLabelMetrics, HaveTheRecallOfEachClassInTheGoldenConfusionMatrix) {
  const GoldenMetrics golden;
  const auto m = single_label(golden.single_logits(), golden.single_labels(), golden.classes("single"));
  const auto found = recall(m.outcome());
  const auto confusion = golden.entries<std::int64_t>("single/confusion");
  const auto classes = static_cast<std::size_t>(golden.classes("single"));
  ASSERT_EQ(found.size(), classes);
  for (std::size_t c = 0; c < classes; ++c) {
    const auto row = confusion.begin() + static_cast<std::ptrdiff_t>(c * classes);
    const auto all = std::accumulate(row, row + static_cast<std::ptrdiff_t>(classes), std::int64_t{0});
    const double expected = static_cast<double>(confusion[c * classes + c]) / static_cast<double>(all);
    EXPECT_NEAR(found[c].value(), expected, 1e-12) << c;
  }
}

TEST(SingleLabelMetrics, WeighTheLossByClass) {
  const GoldenMetrics golden;
  const int classes = golden.classes("single");
  const auto loss = [&](const std::vector<float>& weights) {
    return single_label(golden.single_logits(), golden.single_labels(), classes, weights).at("loss");
  };
  const std::vector<float> weights = golden.balanced_weights();
  EXPECT_NEAR(loss(weights), golden.weighted_cross_entropy(weights), kNear);
  EXPECT_THROW(loss(std::vector<float>(static_cast<std::size_t>(classes) + 1, 1)), RunError);
}

// scikit-learn's f1_score(macro), balanced_accuracy_score and cohen_kappa_score of [0, 0, 1] and [0, 2, 1].
TEST(SingleLabelMetrics, TakeAClassThatIsPredictedAndDoesNotOccurAsScikitLearnDoes) {
  const std::vector<float> logits = {1, 0, 0, 0, 0, 1, 0, 1, 0};
  const std::vector<std::int64_t> labels = {0, 0, 1};
  const auto m = single_label(logits, labels, 3);
  EXPECT_NEAR(m.at("macro_f1"), 0.5555555555555555, 1e-12);
  EXPECT_EQ(m.at("balanced_accuracy"), 0.75);
  EXPECT_NEAR(m.at("kappa"), 0.5, 1e-12);
  EXPECT_FALSE(recall(m.outcome()).at(2));
}

// Two of 0.9, one of them right, and two of 0.62 that are right: 2/4 |1/2 - 0.9| + 2/4 |1 - 0.62|.
TEST(SingleLabelMetrics, HaveTheCalibrationErrorThatIsReckonedByHand) {
  const auto sure = [](double probability) {
    return static_cast<float>(std::log(probability / (1 - probability)));
  };
  const auto m = single_label({sure(0.9), 0, 0, sure(0.9), sure(0.62), 0, 0, sure(0.62)}, {0, 0, 0, 1}, 2);
  EXPECT_NEAR(m.at("calibration_error"), 0.39, 1e-6);
  EXPECT_NEAR(single_label({50, 0, 0, 50}, {0, 1}, 2).at("calibration_error"), 0, 1e-9);
}

TEST(MultiLabelMetrics, AgreeWithTheGoldenValues) {
  const GoldenMetrics golden;
  const auto m = multi_label(golden.multi_logits(), golden.multi_labels(), golden.classes("multi"),
                             golden.entries<float>("multi/class_weights"));
  EXPECT_NEAR(m.at("accuracy"), golden.value("multi/elementwise_accuracy"), kNear);
  EXPECT_NEAR(m.at("all_negative"), golden.value("multi/all_negative"), kNear);
  EXPECT_NEAR(m.at("subset_accuracy"), golden.value("multi/subset_accuracy"), kNear);
  EXPECT_NEAR(m.at("macro_f1"), golden.value("multi/macro_f1"), kNear);
  EXPECT_NEAR(m.at("micro_f1"), golden.value("multi/micro_f1"), kNear);
  EXPECT_NEAR(m.at("mean_average_precision"), golden.value("multi/mean_average_precision"), kNear);
  EXPECT_NEAR(m.at("auc"), golden.value("multi/macro_auc"), kNear);
  EXPECT_NEAR(m.at("loss"), golden.value("multi/weighted_soft_margin_loss"), 1e-5);
  // What constant answers score: means over classes of the share of positives, and of the commoner answer.
  double positives = 0, commoner = 0;
  for (const double share : golden.positive_shares()) {
    positives += share / golden.classes("multi");
    commoner += std::max(share, 1 - share) / golden.classes("multi");
  }
  EXPECT_NEAR(m.at("chance_average_precision"), positives, 1e-12);
  EXPECT_NEAR(m.at("majority"), commoner, 1e-12);
}

TEST(SingleLabelMetrics, OfOneClassLeaveRanksAndKappaUndefined) {
  const std::vector<float> logits = {2, 1, 3, 0};
  const std::vector<std::int64_t> labels = {0, 0};
  const auto m = single_label(logits, labels, 2);
  EXPECT_EQ(m.at("accuracy"), 1);
  EXPECT_EQ(m.at("majority"), 1);
  EXPECT_FALSE(m["auc"].has_value());
  EXPECT_FALSE(m["kappa"].has_value());
}

TEST(SingleLabelMetrics, TakeTheFirstOfEqualLogits) {
  const std::vector<float> logits = {1, 1};
  const std::vector<std::int64_t> labels = {0};
  EXPECT_EQ(single_label(logits, labels, 2).at("accuracy"), 1);
}

TEST(SingleLabelMetrics, RankByProbabilityNotByLogit) {
  // The second logit ranks the two patches wrongly; the difference of logits ranks them rightly.
  const std::vector<float> logits = {9, 5, 0, 4};
  const std::vector<std::int64_t> labels = {0, 1};
  EXPECT_EQ(single_label(logits, labels, 2).at("auc"), 1);
}

TEST(MultiLabelMetrics, WithoutAnyPositiveLeaveF1AndPrecisionUndefined) {
  const std::vector<float> logits = {-1, -2, -3, -4};
  const std::vector<std::uint8_t> labels = {0, 0, 0, 0};
  const auto m = multi_label(logits, labels, 2);
  EXPECT_EQ(m.at("accuracy"), 1);
  EXPECT_EQ(m.at("all_negative"), 1);
  EXPECT_FALSE(m["macro_f1"] || m["micro_f1"] || m["mean_average_precision"] || m["auc"]);
}

TEST(Metrics, RefuseLogitsThatAreNotFinite) {
  const std::vector<float> logits = {1, std::numeric_limits<float>::quiet_NaN()};
  const std::vector<std::int64_t> labels = {0};
  EXPECT_THROW(single_label(logits, labels, 2), RunError);
}

TEST(Metrics, RefuseALabelOutsideTheClasses) {
  const std::vector<float> logits = {1, 2};
  const std::vector<std::int64_t> labels = {2};
  EXPECT_THROW(single_label(logits, labels, 2), RunError);
}

TEST(MetricTable, NamesEachMetricOnceForEachKindOfLabel) {
  for (const bool several : {false, true}) {
    std::set<std::string> keys, words;
    for (const Metric& metric : metric_table()) {
      if (!metric.fits(several)) continue;
      EXPECT_TRUE(keys.insert(metric.key).second) << metric.key;
      if (!metric.selection) continue;
      EXPECT_TRUE(words.insert(metric.selection).second) << metric.selection;
    }
  }
}

TEST(MetricTable, SaysWhatARecipeMaySelectBy) {
  const std::vector<std::string> all = {"accuracy", "balanced-accuracy", "macro-f1",
                                        "mean-average-precision"};
  EXPECT_EQ(selection_words(), all);
  EXPECT_EQ(selection_words(false), all);
  EXPECT_EQ(selection_words(true),
            (std::vector<std::string>{"accuracy", "macro-f1", "mean-average-precision"}));
  EXPECT_STREQ(selection_metric("mean-average-precision", false)->key, "macro_average_precision");
  EXPECT_EQ(selection_metric("balanced-accuracy", true), nullptr);
  EXPECT_THROW(metric("kappa", true), std::out_of_range);
}

TEST(MetricTable, AScoreThatIsNotDefinedIsNotANumber) {
  const Metrics nothing_occurs = multi_label({-1, -2}, {0, 0}, 2);
  EXPECT_TRUE(std::isnan(selection_score("macro-f1", nothing_occurs.outcome())));
  EXPECT_TRUE(std::isnan(selection_score("balanced-accuracy", nothing_occurs.outcome())));
  EXPECT_EQ(selection_score("accuracy", nothing_occurs.outcome()), 1);
}

TEST(AreaUnderRoc, CountsTiesHalf) {
  const std::vector<double> scores = {1, 1, 0};
  const std::vector<std::uint8_t> positive = {1, 0, 0};
  EXPECT_EQ(area_under_roc(scores, positive).value(), 0.75);
}

}  // namespace
}  // namespace histokt
