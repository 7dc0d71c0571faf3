// SPDX-License-Identifier: MIT
// Images and groups as samples, and intervals over groups.
#include "training/samples.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/random.hpp"
#include "training/golden_metrics.hpp"
#include "training/intervals.hpp"
#include "training/metrics.hpp"

namespace histokt {
namespace {

using testing::GoldenMetrics;

// The golden patches; `patches_each` in a row make an image, and each image is a group.
struct Golden {
  GoldenMetrics golden{"image_metrics"};
  Samples patches;
  std::vector<std::uint32_t> image;

  Golden(bool multi_label, std::size_t patches_each) {
    const std::string kind = multi_label ? "multi" : "single";
    const std::vector<float> logits = multi_label ? golden.multi_logits() : golden.single_logits();
    patches.classes = golden.classes(kind);
    patches.multi_label = multi_label;
    patches.logits.assign(logits.begin(), logits.end());
    if (multi_label) {
      patches.labels = golden.multi_labels();
    } else {
      patches.label = golden.single_labels();
    }
    const std::size_t count = golden.patches(kind);
    for (std::size_t i = 0; i < count; ++i) image.push_back(static_cast<std::uint32_t>(i / patches_each));
    patches.group = image;
    patches.group_count = (count + patches_each - 1) / patches_each;
  }

  // Images of as many patches as the golden values are of.
  static Golden of_images(bool multi_label) {
    return {multi_label,
            GoldenMetrics("image_metrics").count(multi_label ? "multi/patches_each" : "single/patches_each")};
  }
  // So many groups, or a few less.
  static Golden of_groups(bool multi_label, std::size_t groups) {
    const std::size_t count = GoldenMetrics("image_metrics").patches(multi_label ? "multi" : "single");
    return {multi_label, (count + groups - 1) / groups};
  }
  double value(const std::string& name) const { return golden.value(name); }
};

constexpr double kNear = 1e-9;

// Expected values: scikit-learn 1.2 on the mean probabilities over the patches of each (image, label).
TEST(Images, OfOneLabelAPatchHaveScikitLearnsMetrics) {
  const Golden golden = Golden::of_images(false);
  const Samples images = merged(golden.patches, golden.image);
  EXPECT_EQ(images.size(), golden.golden.count("single/images"));
  EXPECT_EQ(images.several_labels, golden.golden.count("single/several_labels"));
  const AllSamples m(images);
  EXPECT_NEAR(metric_value("accuracy", m).value(), golden.value("single/top1"), kNear);
  EXPECT_NEAR(metric_value("balanced_accuracy", m).value(), golden.value("single/balanced_accuracy"), kNear);
  EXPECT_NEAR(metric_value("macro_f1", m).value(), golden.value("single/macro_f1"), kNear);
  EXPECT_NEAR(metric_value("auc", m).value(), golden.value("single/auc_ovr_macro"), kNear);
  EXPECT_NEAR(metric_value("kappa", m).value(), golden.value("single/kappa"), kNear);
  EXPECT_NEAR(metric_value("macro_average_precision", m).value(),
              golden.value("single/macro_average_precision"), kNear);
}

TEST(Images, OfSeveralLabelsAPatchHaveScikitLearnsMetrics) {
  const Golden golden = Golden::of_images(true);
  const Samples images = merged(golden.patches, golden.image);
  EXPECT_EQ(images.size(), golden.golden.count("multi/images"));
  const AllSamples m(images);
  EXPECT_NEAR(metric_value("accuracy", m).value(), golden.value("multi/elementwise_accuracy"), kNear);
  EXPECT_NEAR(metric_value("micro_f1", m).value(), golden.value("multi/micro_f1"), kNear);
  EXPECT_NEAR(metric_value("mean_average_precision", m).value(), golden.value("multi/mean_average_precision"),
              kNear);
  EXPECT_NEAR(metric_value("subset_accuracy", m).value(), golden.value("multi/subset_accuracy"), kNear);
  EXPECT_NEAR(metric_value("auc", m).value(), golden.value("multi/macro_auc"), kNear);
}

TEST(Images, OfOnePatchEachAreThePatches) {
  const Golden golden(false, 1);
  const Samples images = merged(golden.patches, golden.image);
  EXPECT_EQ(images.logits, golden.patches.logits);
  EXPECT_EQ(images.label, golden.patches.label);
  EXPECT_EQ(images.several_labels, 0U);
}

TEST(Images, WithPatchesOfTwoClassesAreASampleOfEach) {
  const Samples patches{2, false, {2, 0, 2, 0, 0, 1}, {0, 0, 1}, {}, {0, 0, 0}, 1};
  const Samples image = merged(patches, std::vector<std::uint32_t>{0, 0, 0});
  EXPECT_EQ(image.label, (std::vector<std::int64_t>{0, 1}));
  EXPECT_EQ(image.several_labels, 1U);
  EXPECT_NEAR(image.logits[0] - image.logits[1], 2, 1e-12) << "the mean of two that are the same";
}

TEST(Images, AreFiniteWhereTheNetworkIsCertain) {
  const Samples patches{2, true, {900, -900, 900, -900}, {}, {1, 0, 1, 0}, {0, 0}, 1};
  const Samples image = merged(patches, std::vector<std::uint32_t>{0, 0});
  ASSERT_EQ(image.size(), 1U);
  EXPECT_TRUE(std::isfinite(image.logits[0]) && std::isfinite(image.logits[1]));
  EXPECT_GT(image.logits[0], 0);
  EXPECT_LT(image.logits[1], 0);
}

TEST(EncodeLabels, NumbersWordsInTheOrderOfFirstUse) {
  EXPECT_EQ(encode_labels(std::vector<std::string>{"b", "a", "b"}), (std::vector<std::uint32_t>{0, 1, 0}));
}

// The same patches with each group repeated as often as it was drawn.
Samples repeated(const Samples& all, const std::vector<std::uint32_t>& times) {
  Samples result{.classes = all.classes, .multi_label = all.multi_label};
  const auto classes = static_cast<std::size_t>(all.classes);
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::uint32_t k = 0; k < times[all.group[i]]; ++k) {
      for (std::size_t c = 0; c < classes; ++c) {
        result.logits.push_back(all.logits[i * classes + c]);
        if (all.multi_label) result.labels.push_back(all.labels[i * classes + c]);
      }
      if (!all.multi_label) result.label.push_back(all.label[i]);
    }
  }
  return result;
}

// That the interval of each metric in the table is the one of the metric taken anew in each resample.
void expect_slow_intervals(const Samples& samples, const std::map<std::string, Interval>& intervals) {
  std::map<std::string, std::vector<double>> values;
  std::vector<std::uint32_t> times(samples.group_count);
  for (int r = 0; r < kResamples; ++r) {
    draw_groups(r, times);
    const Samples drawn = repeated(samples, times);
    const AllSamples all(drawn);
    for (const Metric& metric : metric_table()) {
      if (!metric.interval || !metric.fits(samples.multi_label)) continue;
      values[metric.key].push_back(metric.value(all).value_or(std::numeric_limits<double>::quiet_NaN()));
    }
  }
  EXPECT_EQ(intervals.size(), values.size());
  for (const auto& [name, of_resamples] : values) {
    const Interval slow = middle_95_percent(of_resamples).value();
    EXPECT_NEAR(intervals.at(name).low, slow.low, 1e-12) << name;
    EXPECT_NEAR(intervals.at(name).high, slow.high, 1e-12) << name;
    EXPECT_LT(slow.low, slow.high) << name;
  }
}

TEST(Intervals, OfOneLabelAreThoseOfMetricsTakenAnewInEachResample) {
  Samples samples = Golden::of_groups(false, 12).patches;
  for (std::size_t i = 0; i < samples.logits.size(); ++i)
    samples.logits[i] = std::round(samples.logits[i]);  // ties
  const auto intervals = metric_intervals(samples, 2);
  for (const char* name :
       {"accuracy", "balanced_accuracy", "macro_f1", "kappa", "auc", "macro_average_precision"}) {
    EXPECT_TRUE(intervals.contains(name)) << name;
  }
  expect_slow_intervals(samples, intervals);
}

TEST(Intervals, OfSeveralLabelsAreThoseOfMetricsTakenAnewInEachResample) {
  const Samples samples = Golden::of_groups(true, 10).patches;
  const auto intervals = metric_intervals(samples, 1);
  for (const char* name :
       {"accuracy", "subset_accuracy", "macro_f1", "micro_f1", "auc", "mean_average_precision"}) {
    EXPECT_TRUE(intervals.contains(name)) << name;
  }
  expect_slow_intervals(samples, intervals);
}

TEST(Intervals, DoNotHangOnTheNumberOfThreads) {
  const Samples samples = Golden::of_groups(false, 40).patches;
  const auto one = metric_intervals(samples, 1), three = metric_intervals(samples, 3);
  for (const auto& [name, interval] : one) {
    EXPECT_EQ(interval.low, three.at(name).low) << name;
    EXPECT_EQ(interval.high, three.at(name).high) << name;
  }
}

TEST(Intervals, AreNotMadeOfFewGroups) {
  EXPECT_TRUE(metric_intervals(Golden::of_groups(false, 8).patches, 1).empty());
}

TEST(Intervals, OfRanksAreLeftOutWhereOneClassOccurs) {
  Samples samples = Golden::of_groups(false, 24).patches;
  std::fill(samples.label.begin(), samples.label.end(), 0);
  const auto intervals = metric_intervals(samples, 1);
  EXPECT_EQ(intervals.count("auc"), 0U);
  EXPECT_EQ(intervals.count("accuracy"), 1U);
}

}  // namespace
}  // namespace histokt
