// SPDX-License-Identifier: MIT
// The trial whose weights are transferred.
#include <gtest/gtest.h>

#include "base/files.hpp"
#include "steps/steps.hpp"
#include "support/temp_folder.hpp"

namespace histokt {
namespace {

// A choice of three trials and the tests of each; the second validates best, the third tests best.
class ChooseTrial : public ::testing::Test {
 protected:
  void SetUp() override {
    choice_.record.emplace();
    choice_.record->folder = folder_.path();
    for (int trial = 1; trial <= 3; ++trial) {
      const std::string name = "trial-" + std::to_string(trial);
      folder_.write(name, "weights of " + name);
      choice_.record->result.outputs[name] = {"digest of " + name, name};
    }
    choice_.record->result.summary = {
        {"chosen", 1},
        {"settings", {{{"valid_scores", {0.1, 0.1, 0.9}}}, {{"valid_scores", {0.5, 0.75, 0.5}}}}}};
    for (std::size_t i = 0; i < tests_.size(); ++i) {
      tests_[i].record.emplace();
      tests_[i].record->result.summary = {{"accuracy", i == 2 ? 0.75 : 0.5}};
    }
  }

  std::string winner(const std::vector<Step*>& tests) {
    const auto step = choose_trial_step("a-baseline", &choice_, 3, tests);
    std::filesystem::create_directories(folder_ / "out");
    StepContext context(*step, folder_ / "out", {});
    const StepResult result = step->work(context);
    EXPECT_EQ("digest of trial-" + std::to_string(result.summary.at("trial").get<int>()),
              result.outputs.at("winner").digest);
    return read_file(folder_ / "out/winner.safetensors");
  }

  test::TempFolder folder_;
  Step choice_;
  std::array<Step, 3> tests_;
};

TEST_F(ChooseTrial, TakesTheOneThatValidatesBestUnderTheChosenSetting) {
  EXPECT_EQ("weights of trial-2", winner({}));
}

TEST_F(ChooseTrial, TakesTheOneThatTestsBestWhereTestsAreGiven) {
  EXPECT_EQ("weights of trial-3", winner({&tests_[0], &tests_[1], &tests_[2]}));
}

TEST_F(ChooseTrial, TakesTheFirstOfEquals) {
  tests_[2].record->result.summary["accuracy"] = 0.5;
  EXPECT_EQ("weights of trial-1", winner({&tests_[0], &tests_[1], &tests_[2]}));
}

}  // namespace
}  // namespace histokt
