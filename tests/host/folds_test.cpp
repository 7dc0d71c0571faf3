// SPDX-License-Identifier: MIT
// Experiments whose target is cross-validated, and whose split comes from a table.
#include <algorithm>

#include "host/tiny_experiment.hpp"
#include "support/csv_rows.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::HostRun;

class FoldedExperiment : public test::TinyExperiment {
 protected:
  // One step of each kind, with b in folds.
  std::vector<std::string> folded(const std::string& name, const std::string& folds,
                                  const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all = words(name, {"--set", "datasets.b.folds=" + folds});
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  std::string input_of(const fs::path& folder, const std::string& role) const {
    return json_of(folder / "step.json").at("definition").at("inputs").at(role);
  }
};

TEST_F(FoldedExperiment, TrainsAndTestsEveryCellInEveryFold) {
  const HostRun run = this->run(
      folded("out", "2", {"--set", "recipes.baseline.epochs=1", "--set", "recipes.deep.layers=none"}));
  ASSERT_EQ(0, run.exit_code) << run.output;
  EXPECT_TRUE(run.says("of 6 patients, split by-group, 2 folds")) << run.output;
  const auto steps = this->steps("out");
  for (const char* step :
       {"split b-fold1", "split b-fold2", "split a", "evaluate b-baseline-fold2-trial1",
        "evaluate a-to-b-deep-fold1", "distill mean-a-b-fold1", "distill mean-a-b-fold2"}) {
    EXPECT_EQ(1u, steps.count(step)) << step;
  }
  EXPECT_EQ(0u, steps.count("split b")) << "no hold-out beside the folds";
  EXPECT_EQ(0u, steps.count("train a-baseline-trial1-fold1")) << "a has no folds";

  // Where b is merged into what is tuned on b, its network is the fold's own.
  for (const std::string fold : {"1", "2"}) {
    const json own = json_of(steps.at("choose-trial b-baseline-fold" + fold) / "step.json");
    EXPECT_EQ(own.at("result").at("outputs").at("winner").at("digest"),
              input_of(steps.at("distill mean-a-b-fold" + fold), "source-2"));
  }

  const json first = json_of(steps.at("evaluate b-baseline-fold1-trial1") / "result.json");
  const json second = json_of(steps.at("evaluate b-baseline-fold2-trial1") / "result.json");
  EXPECT_EQ("2", first.at("folds"));
  EXPECT_EQ(2, second.at("fold"));
  EXPECT_EQ(3, first.at("groups"));
  const test::CsvRow row = test::csv_rows(read_file(folder_ / "out/transfer_matrix.csv")).at(0);
  EXPECT_EQ("b/baseline/baseline", row.at("key"));
  EXPECT_EQ("2", row.at("folds"));
  EXPECT_EQ(first.at("split_digest").get<std::string>() + ";" + second.at("split_digest").get<std::string>(),
            row.at("split_digest"));
  EXPECT_EQ(1, std::ranges::count(row.at("learning_rate"), ';')) << "one a fold";
  EXPECT_EQ(1, std::ranges::count(row.at("checkpoint"), ';')) << "likewise, of one trial";
  const int patches = first.at("patches").get<int>() + second.at("patches").get<int>();
  EXPECT_EQ(std::to_string(patches), row.at("test_patches"));
  EXPECT_EQ("6", row.at("test_groups"));
  EXPECT_EQ("patient", row.at("group_level"));

  const auto mean = (first.at("accuracy").get<double>() + second.at("accuracy").get<double>()) / 2;
  EXPECT_NEAR(mean, std::stod(row.at("test_accuracy")), 1e-12);
  const auto of_class = [&](int c) {
    return first.at("patches_per_class").at(c).get<double>() +
           second.at("patches_per_class").at(c).get<double>();
  };
  EXPECT_NEAR(std::max(of_class(0), of_class(1)) / patches, std::stod(row.at("majority")), 1e-12);
}

TEST_F(FoldedExperiment, LeavesOutAsManyGroupsAsAreListed) {
  const HostRun run = this->run(folded("out", "leave-one-group-out", {"--dry-run"}));
  ASSERT_EQ(0, run.exit_code) << run.output;
  EXPECT_TRUE(run.says("split b-fold6")) << run.output;
  EXPECT_TRUE(run.says("train a-to-b-deep-fold6-trial1")) << run.output;
  EXPECT_TRUE(run.says("choose-rate mean-a-b-to-b-deep-fold6")) << run.output;
  EXPECT_FALSE(run.says("split b-fold7")) << run.output;
}

TEST_F(FoldedExperiment, OfOneGroupEachAreRefusedWhereTheyAreTooFewOrTooMany) {
  for (const char* patients : {"1", "101"}) {
    const HostRun run =
        this->run(folded("out", "leave-one-group-out",
                         {"--dry-run", "--set", std::string("datasets.b.options.patients=") + patients}));
    EXPECT_EQ(2, run.exit_code) << run.output;
    EXPECT_TRUE(run.says("datasets.b.folds = \"leave-one-group-out\": the images belong to " +
                         std::string(patients) + " group"))
        << run.output;
  }
}

TEST_F(FoldedExperiment, ASourceGivesTheNetworkOfItsFirstFold) {
  const HostRun run = this->run(words("out", {"--set", "datasets.a.folds=3", "--dry-run"}));
  ASSERT_EQ(0, run.exit_code) << run.output;
  EXPECT_TRUE(run.says("train a-baseline-fold1-trial1")) << run.output;
  EXPECT_FALSE(run.says("a-baseline-fold2")) << run.output;
  EXPECT_TRUE(run.says("evaluate a-to-b-deep-trial1")) << run.output;
}

TEST_F(FoldedExperiment, AHoldOutOfFewGroupsEndsAtItsSplit) {
  const HostRun run = this->run(words("out", {"--set", "datasets.b.options.patients=4"}));
  EXPECT_EQ(1, run.exit_code);
  EXPECT_TRUE(run.says("split b: there are 4 patients, too few to hold some out")) << run.output;
  EXPECT_TRUE(run.says("folds = \"leave-one-group-out\"")) << run.output;
  EXPECT_FALSE(run.says("] train ")) << "known before any training\n" << run.output;
}

TEST_F(FoldedExperiment, ASplitComesFromATableAndChangesWithIt) {
  const auto split = [&](const std::vector<std::string>& more) {
    std::vector<std::string> all = words("out", {"--step", "split b"});
    all.insert(all.end(), more.begin(), more.end());
    return this->run(all);
  };
  const auto digest = [&] {
    return json_of(steps("out").at("split b") / "step.json")
        .at("result")
        .at("outputs")
        .at("split")
        .at("digest")
        .get<std::string>();
  };
  ASSERT_EQ(0, split({}).exit_code);
  const std::string made = digest();
  ASSERT_EQ(
      0, this->run({"split", (steps("out").at("split b") / "split.h5").string(), "--export", path("b.csv")})
             .exit_code);
  const std::vector<std::string> from_table = {"--set", "datasets.b.split_file=b.csv"};
  ASSERT_EQ(0, split(from_table).exit_code);
  EXPECT_EQ(made, digest());

  std::string text = read_file(folder_ / "b.csv");
  folder_.write("b.csv", text.replace(text.find(",train,"), 7, ",left-out,"));
  ASSERT_EQ(0, split(from_table).exit_code);
  EXPECT_NE(made, digest());
}

}  // namespace
}  // namespace histokt
