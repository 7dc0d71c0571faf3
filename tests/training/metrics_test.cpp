#include "training/metrics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "base/errors.hpp"
#include "tensors/safetensors.hpp"
#include "training/ranking.hpp"

namespace histokt {
namespace {

struct Golden {
  TensorFile file = read_safetensors(HISTOKT_GOLDENS "/metrics.safetensors");

  double value(const std::string& name) const { return std::stod(file.metadata.at(name)); }
  template <typename T>
  std::vector<T> entries(const std::string& name) const {
    const StoredTensor& tensor = *file.find(name);
    std::vector<T> result(tensor.entry_count());
    std::memcpy(result.data(), tensor.bytes.data(), tensor.bytes.size());
    return result;
  }
};

constexpr double kNear = 1e-6;

TEST(SingleLabelMetrics, AgreeWithTheGoldenValues) {
  const Golden golden;
  const auto m = single_label_metrics(golden.entries<float>("single/logits"),
                                      golden.entries<std::int64_t>("single/labels"), 4);
  EXPECT_NEAR(m.top1, golden.value("single/top1"), kNear);
  EXPECT_NEAR(m.balanced_accuracy, golden.value("single/balanced_accuracy"), kNear);
  EXPECT_NEAR(m.macro_f1, golden.value("single/macro_f1"), kNear);
  EXPECT_NEAR(m.auc.value(), golden.value("single/auc_ovr_macro"), kNear);
  EXPECT_NEAR(m.kappa.value(), golden.value("single/kappa"), kNear);
  EXPECT_NEAR(m.kappa_linear.value(), golden.value("single/kappa_linear"), kNear);
  EXPECT_NEAR(m.kappa_quadratic.value(), golden.value("single/kappa_quadratic"), kNear);
  EXPECT_NEAR(m.macro_average_precision.value(), golden.value("single/macro_average_precision"), kNear);
  EXPECT_NEAR(m.cross_entropy, golden.value("single/cross_entropy"), kNear);
  EXPECT_EQ(m.confusion, golden.entries<std::int64_t>("single/confusion"));
  EXPECT_EQ(m.chance, 0.25);
}

// recall_score(average = None) on the golden patches.
TEST(SingleLabelMetrics, HaveScikitLearnsRecallOfEachClass) {
  const Golden golden;
  const auto m = single_label_metrics(golden.entries<float>("single/logits"),
                                      golden.entries<std::int64_t>("single/labels"), 4);
  const std::vector<double> expected = {0.5166666666666667, 0.5283018867924528, 0.423728813559322, 0.5};
  for (std::size_t c = 0; c < 4; ++c) EXPECT_NEAR(m.recall.at(c).value(), expected[c], 1e-12) << c;
}

// The mean of the loss over the weights of the samples, from the golden patches and balanced weights.
TEST(SingleLabelMetrics, WeighTheLossByClass) {
  const Golden golden;
  const std::vector<float> weights = {1.0F, 1.1320754716981132F, 1.0169491525423728F, 0.8823529411764706F};
  const auto m = single_label_metrics(golden.entries<float>("single/logits"),
                                      golden.entries<std::int64_t>("single/labels"), 4, weights);
  EXPECT_NEAR(m.cross_entropy, 1.1155703939429156, kNear);
  EXPECT_THROW(
      single_label_metrics(golden.entries<float>("single/logits"),
                           golden.entries<std::int64_t>("single/labels"), 4, std::vector<float>{1, 2}),
      RunError);
}

// scikit-learn's f1_score(macro), balanced_accuracy_score and cohen_kappa_score of [0, 0, 1] and [0, 2, 1].
TEST(SingleLabelMetrics, TakeAClassThatIsPredictedAndDoesNotOccurAsScikitLearnDoes) {
  const std::vector<float> logits = {1, 0, 0, 0, 0, 1, 0, 1, 0};
  const std::vector<std::int64_t> labels = {0, 0, 1};
  const auto m = single_label_metrics(logits, labels, 3);
  EXPECT_NEAR(m.macro_f1, 0.5555555555555555, 1e-12);
  EXPECT_EQ(m.balanced_accuracy, 0.75);
  EXPECT_NEAR(m.kappa.value(), 0.5, 1e-12);
  EXPECT_FALSE(m.recall.at(2));
}

TEST(MultiLabelMetrics, AgreeWithTheGoldenValues) {
  const Golden golden;
  const auto m =
      multi_label_metrics(golden.entries<float>("multi/logits"), golden.entries<std::uint8_t>("multi/labels"),
                          7, golden.entries<float>("multi/class_weights"));
  EXPECT_NEAR(m.elementwise_accuracy, golden.value("multi/elementwise_accuracy"), kNear);
  EXPECT_NEAR(m.all_negative, golden.value("multi/all_negative"), kNear);
  EXPECT_NEAR(m.subset_accuracy, golden.value("multi/subset_accuracy"), kNear);
  EXPECT_NEAR(m.macro_f1.value(), golden.value("multi/macro_f1"), kNear);
  EXPECT_NEAR(m.micro_f1.value(), golden.value("multi/micro_f1"), kNear);
  EXPECT_NEAR(m.mean_average_precision.value(), golden.value("multi/mean_average_precision"), kNear);
  EXPECT_NEAR(m.macro_auc.value(), golden.value("multi/macro_auc"), kNear);
  EXPECT_NEAR(m.soft_margin_loss, golden.value("multi/weighted_soft_margin_loss"), 1e-5);
  // What constant answers score: means over classes of the share of positives, and of the commoner answer.
  EXPECT_NEAR(m.chance_average_precision.value(), 0.24226190476190473, 1e-12);
  EXPECT_NEAR(m.majority, 0.7708333333333334, 1e-12);
}

TEST(SingleLabelMetrics, OfOneClassLeaveRanksAndKappaUndefined) {
  const std::vector<float> logits = {2, 1, 3, 0};
  const std::vector<std::int64_t> labels = {0, 0};
  const auto m = single_label_metrics(logits, labels, 2);
  EXPECT_EQ(m.top1, 1);
  EXPECT_EQ(m.majority_share, 1);
  EXPECT_FALSE(m.auc.has_value());
  EXPECT_FALSE(m.kappa.has_value());
}

TEST(SingleLabelMetrics, TakeTheFirstOfEqualLogits) {
  const std::vector<float> logits = {1, 1};
  const std::vector<std::int64_t> labels = {0};
  EXPECT_EQ(single_label_metrics(logits, labels, 2).top1, 1);
}

TEST(SingleLabelMetrics, RankByProbabilityNotByLogit) {
  // The second logit ranks the two patches wrongly; the difference of logits ranks them rightly.
  const std::vector<float> logits = {9, 5, 0, 4};
  const std::vector<std::int64_t> labels = {0, 1};
  EXPECT_EQ(single_label_metrics(logits, labels, 2).auc.value(), 1);
}

TEST(MultiLabelMetrics, WithoutAnyPositiveLeaveF1AndPrecisionUndefined) {
  const std::vector<float> logits = {-1, -2, -3, -4};
  const std::vector<std::uint8_t> labels = {0, 0, 0, 0};
  const auto m = multi_label_metrics(logits, labels, 2);
  EXPECT_EQ(m.elementwise_accuracy, 1);
  EXPECT_EQ(m.all_negative, 1);
  EXPECT_FALSE(m.macro_f1 || m.micro_f1 || m.mean_average_precision || m.macro_auc);
}

TEST(Metrics, RefuseLogitsThatAreNotFinite) {
  const std::vector<float> logits = {1, std::numeric_limits<float>::quiet_NaN()};
  const std::vector<std::int64_t> labels = {0};
  EXPECT_THROW(single_label_metrics(logits, labels, 2), RunError);
}

TEST(Metrics, RefuseALabelOutsideTheClasses) {
  const std::vector<float> logits = {1, 2};
  const std::vector<std::int64_t> labels = {2};
  EXPECT_THROW(single_label_metrics(logits, labels, 2), RunError);
}

TEST(AreaUnderRoc, CountsTiesHalf) {
  const std::vector<double> scores = {1, 1, 0};
  const std::vector<std::uint8_t> positive = {1, 0, 0};
  EXPECT_EQ(area_under_roc(scores, positive).value(), 0.75);
}

}  // namespace
}  // namespace histokt
