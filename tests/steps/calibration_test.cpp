// SPDX-License-Identifier: MIT
// The kind "calibration": what it attaches to, and its result for features written out here.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "base/digest.hpp"
#include "base/errors.hpp"
#include "base/files.hpp"
#include "planning/planned.hpp"
#include "tasks/feature_sample.hpp"

namespace histokt {
namespace {

// The calibration of the tuned network of the tiny experiment.
class Calibration : public ::testing::Test {
 protected:
  Calibration()
      : planned_({"extra_steps=calibration", "distill=[]", "recipes.deep.optimizer.learning_rate=1e-3"}) {}

  const Step& step() const { return planned_.step("calibration a-to-b-deep-trial1"); }

  StepResult of(const FeatureTable& table) const {
    write_features(folder_ / "f.safetensors", table);
    StepRecord record{folder_ / ".", "", {{}, {}}, {}};
    record.result.outputs["features"] = {sha256_of_file(folder_ / "f.safetensors"), "f.safetensors"};
    step().inputs.front().step->record = record;
    StepContext context(const_cast<Step&>(step()), folder_ / ".", {});
    return step().work(context);
  }

  const test::TempFolder folder_;
  const test::Planned planned_;
};

TEST_F(Calibration, LooksAtWhatATableTestsAndOpensTheTestByFeatures) {
  EXPECT_EQ((test::Labels{"a-to-b-deep-trial1", "b-baseline-trial1"}), planned_.of_kind("calibration"));
  const Step& features = planned_.step("features a-to-b-deep-test-trial1");
  EXPECT_EQ(&features, step().inputs.front().step);
  EXPECT_EQ("trial-1", features.inputs.back().output);
  EXPECT_TRUE(opens_test(features));
}

// Three patches: said with 0.73 (right), 0.88 (right) and 0.95 (wrong).
TEST_F(Calibration, HasTheGapBetweenWhatIsSaidAndWhatIsRight) {
  const StepResult result = of(test::feature_sample());
  const auto p = [](double logit) { return 1 / (1 + std::exp(-logit)); };
  EXPECT_NEAR((1 - p(1) + 1 - p(2) + p(3)) / 3, result.summary.at("expected_calibration_error").get<double>(),
              1e-12);
  EXPECT_NEAR(p(3), result.summary.at("largest_gap").get<double>(), 1e-12);
  const std::string csv = read_file(folder_ / "calibration.csv");
  EXPECT_TRUE(csv.starts_with("bin,from,to,count,mean_probability,share_right\n1,0,")) << csv;
  EXPECT_NE(std::string::npos, csv.find("\n2,")) << csv;
  EXPECT_EQ(16, std::ranges::count(csv, '\n'));
}

TEST_F(Calibration, NeedsAHeadForTheClasses) {
  FeatureTable table = test::feature_sample();
  table.logits.reset();
  EXPECT_THROW(of(table), RunError);
}

}  // namespace
}  // namespace histokt
