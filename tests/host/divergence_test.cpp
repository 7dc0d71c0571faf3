// SPDX-License-Identifier: MIT
// A training whose rate is too large: the messages, what is kept, and how a search continues.
#include <cmath>

#include "host/tiny_experiment.hpp"
#include "support/csv_rows.hpp"
#include "tensors/safetensors.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::HostRun;

class Divergence : public test::TinyExperiment {
 protected:
  // A baseline of `a` with this optimizer.
  HostRun baseline(const std::string& optimizer, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all = {file_.string(), "--output", path("out")};
    for (const std::string& setting :
         {std::string("distill=[]"),
          std::string("matrix={sources=[\"a\"],targets=[\"a\"],train=\"baseline\",tune=\"deep\"}"),
          "recipes.baseline.optimizer=" + optimizer}) {
      all.insert(all.end(), {"--set", setting});
    }
    for (const std::string& setting : more) all.insert(all.end(), {"--set", setting});
    return run(all);
  }
  fs::path folder_of(const std::string& prefix) const {
    for (const auto& entry : fs::directory_iterator(folder_ / "out/steps")) {
      if (entry.path().filename().string().starts_with(prefix)) return entry.path();
    }
    ADD_FAILURE() << "no step " << prefix;
    return {};
  }
};

TEST_F(Divergence, LeavesTheBestNetworkUntilThenForATest) {
  // The weights grow by a factor of 10^4 a step.
  const std::string growing = R"({use="sgd",learning_rate=1,options={weight_decay=1e4}})";
  const std::vector<std::string> more = {"recipes.baseline.epochs=30", "standardize.rounding=truncate"};
  const HostRun ran = baseline(growing, more);
  EXPECT_EQ(1, ran.exit_code) << ran.output;
  const fs::path step = folder_of("train-a-baseline-trial1-"), kept = step / "last-good.safetensors";
  EXPECT_TRUE(ran.says("train a-baseline-trial1: The ")) << ran.output;
  for (const std::string& part : {std::string(" in epoch "), std::string(", batch "),
                                  ", is kept in " + kept.string() + "; evaluate and predict accept it."}) {
    EXPECT_TRUE(ran.says(part)) << part << "\n" << ran.output;
  }
  const auto metadata = read_safetensors(kept).metadata;
  EXPECT_EQ("truncate", metadata.at("rounding"));
  const json made = json::parse(metadata.at("provenance"));
  EXPECT_TRUE(ran.says(", of epoch " + made.at("best_epoch").dump() + ", is kept")) << ran.output;

  const HostRun tested = run({"evaluate", "--quiet", "--json", "--checkpoint", kept.string(), "--patches",
                              (folder_of("split-a-") / "split.h5").string(), "--split", "valid"});
  ASSERT_EQ(0, tested.exit_code) << tested.output;
  EXPECT_NEAR(json::parse(tested.output).at("accuracy").get<double>(),
              made.at("valid_accuracy").get<double>(), 1e-9);

  // The same command comes to the same batch, and the file is still there.
  const HostRun again = baseline(growing, more);
  EXPECT_EQ(1, again.exit_code);
  EXPECT_TRUE(again.says(kept.string())) << again.output;
  EXPECT_TRUE(fs::exists(kept));
}

TEST_F(Divergence, ThatStaysFiniteIsToldAndRecorded) {
  const HostRun ran = baseline(R"({use="adam",learning_rate=30})", {"recipes.baseline.epochs=6"});
  ASSERT_EQ(0, ran.exit_code) << ran.output;
  EXPECT_TRUE(ran.says("a-baseline-trial1: After epoch ")) << ran.output;
  EXPECT_TRUE(ran.says(" of guessing: the training is diverging. Take a smaller learning rate."))
      << ran.output;
  const fs::path training = steps("out").at("train a-baseline-trial1");
  const json high = json_of(training / "step.json").at("result").at("summary").at("high_loss");

  double highest = 0;
  int epochs = 0, first = 0;
  for (const auto& row : test::csv_rows(read_file(training / "metrics.csv"))) {
    const double loss = std::stod(row.at("valid_loss"));
    const int epoch = std::stoi(row.at("epoch"));
    if (epoch <= 2 || loss <= 10 * std::log(2)) continue;
    if (epochs++ == 0) first = epoch;
    highest = std::max(highest, loss);
  }
  EXPECT_GT(epochs, 0);
  EXPECT_EQ(first, high.at("first_epoch"));
  EXPECT_EQ(epochs, high.at("epochs"));
  EXPECT_NEAR(highest, high.at("highest_valid_loss").get<double>(), 1e-4 * highest);
  EXPECT_NEAR(std::log(2), high.at("chance_loss").get<double>(), 1e-9);
}

TEST_F(Divergence, OfAModestRateIsNotRecorded) {
  ASSERT_EQ(0, baseline(R"({use="adam",learning_rate=1e-3})").exit_code);
  const json step = json_of(steps("out").at("train a-baseline-trial1") / "step.json");
  EXPECT_FALSE(step.at("result").at("summary").contains("high_loss"));
}

TEST_F(Divergence, InTheFirstEpochLeavesNoNetwork) {
  const HostRun ran = baseline(R"({use="adam",learning_rate=1e30})");
  EXPECT_EQ(1, ran.exit_code) << ran.output;
  EXPECT_TRUE(ran.says("in epoch 1, batch ")) << ran.output;
  EXPECT_TRUE(ran.says("No epoch was finished, so no checkpoint is kept.")) << ran.output;
  EXPECT_FALSE(fs::exists(folder_of("train-a-baseline-trial1-") / "last-good.safetensors"));
}

TEST_F(Divergence, OfOneRateOfSeveralLeavesItOutOfTheChoice) {
  const std::string search = R"({use="adam",learning_rate=[1e30,1e-3]})";
  const HostRun ran = baseline(search, {"tensorboard=true"});
  ASSERT_EQ(0, ran.exit_code) << ran.output;
  EXPECT_TRUE(ran.says("the others continue, and this one is not chosen")) << ran.output;
  EXPECT_TRUE(ran.says("lr1e+30 diverged and was left out")) << ran.output;
  EXPECT_NE(std::string::npos, read_file(folder_ / "out/log.txt").find("a-baseline-lr1e+30-trial1: The "));

  const json choice =
      json_of(steps("out").at("choose-rate a-baseline") / "step.json").at("result").at("summary");
  EXPECT_EQ(1, choice.at("chosen"));
  EXPECT_EQ(true, choice.at("settings").at(0).at("diverged"));
  EXPECT_EQ(false, choice.at("settings").at(1).at("diverged"));
  const fs::path training = steps("out").at("train a-baseline-lr1e+30-trial1");
  const json summary = json_of(training / "step.json").at("result").at("summary");
  EXPECT_TRUE(summary.at("best_selection_score").is_null());
  EXPECT_EQ(1, summary.at("diverged").at("epoch"));
  EXPECT_EQ(summary.at("diverged"), json_of(training / "diverged.json"));
  EXPECT_TRUE(leftovers("out").empty());

  const HostRun again = baseline(search, {"tensorboard=true"});
  EXPECT_TRUE(again.says("Nothing to do")) << again.output;
}

TEST_F(Divergence, OfEveryRateEndsTheRun) {
  const HostRun ran = baseline(R"({use="adam",learning_rate=[1e30,1e31]})");
  EXPECT_EQ(1, ran.exit_code) << ran.output;
  EXPECT_TRUE(ran.says("choose-rate a-baseline: every setting diverged")) << ran.output;
  EXPECT_TRUE(ran.says("lr1e+30 (epoch 1, batch ")) << ran.output;
}

}  // namespace
}  // namespace histokt
