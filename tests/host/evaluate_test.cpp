// SPDX-License-Identifier: MIT
// The results of `evaluate`: patches, images and patients, intervals, and undefined metrics.
#include <sstream>

#include "host/tiny_experiment.hpp"
#include "support/csv_rows.hpp"
#include "support/json_schema.hpp"
#include "support/resnet18_file.hpp"

namespace histokt {
namespace {

using nlohmann::json;
using test::HostRun;

class Evaluate : public test::TinyExperiment {
 protected:
  // A baseline of `a` with 12 patients in the test, one epoch.
  HostRun baseline(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all = {file_.string(), "--output", path("out")};
    for (const char* setting :
         {"distill=[]", "matrix={sources=[\"a\"],targets=[\"a\"],train=\"baseline\",tune=\"deep\"}",
          "datasets.a.options.patients=24", "datasets.a.shares=[0.3,0.2,0.5]", "recipes.baseline.epochs=1",
          "recipes.baseline.optimizer={use=\"adamp\",learning_rate=[1e-3,1e-4]}"}) {
      all.insert(all.end(), {"--set", setting});
    }
    all.insert(all.end(), more.begin(), more.end());
    return run(all);
  }
  std::filesystem::path file_of(const std::string& step, const std::string& name) const {
    return steps("out").at(step) / name;
  }
  HostRun evaluate(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all = {
        "evaluate",     "--quiet",
        "--checkpoint", file_of("choose-rate a-baseline", "trial-1.safetensors").string(),
        "--patches",    file_of("split a", "split.h5").string()};
    all.insert(all.end(), more.begin(), more.end());
    return run(all);
  }
};

TEST_F(Evaluate, GivesPatchesImagesAndPatientsWithIntervals) {
  const HostRun ran = baseline();
  ASSERT_EQ(0, ran.exit_code) << ran.output;
  EXPECT_TRUE(ran.says("(one trial) (95 %: ")) << ran.output;
  EXPECT_TRUE(ran.says("Learning rates chosen by validation:")) << ran.output;

  const json result = json_of(file_of("evaluate a-baseline-trial1", "result.json"));
  for (const char* level : {"by_image", "by_group"}) {
    EXPECT_EQ(24, result.at(level).at("samples")) << "12 patients, two classes, an image of each";
    EXPECT_EQ(2, result.at(level).at("intervals").at("balanced_accuracy").size()) << level;
  }
  EXPECT_EQ(0, result.at("by_image").at("several_labels"));
  EXPECT_EQ(12, result.at("by_group").at("several_labels"));
  EXPECT_LE(result.at("intervals").at("accuracy").at(0), result.at("accuracy"));
  EXPECT_GE(result.at("intervals").at("accuracy").at(1), result.at("accuracy"));
  EXPECT_EQ(2, result.at("recall").size());
  test::expect_schema("evaluation", result);

  // A row a label, a column a prediction: their sums are the patches.
  std::vector<std::uint64_t> per_class;
  for (const json& row : result.at("confusion")) {
    ASSERT_EQ(2, row.size());
    per_class.push_back(row.at(0).get<std::uint64_t>() + row.at(1).get<std::uint64_t>());
  }
  EXPECT_EQ(result.at("patches_per_class"), json(per_class));
  const json step = json_of(file_of("evaluate a-baseline-trial1", "step.json"));
  test::expect_schema("evaluation", step.at("result").at("summary"));

  // The table's interval is the test's own where there is one trial.
  const test::CsvRow row = test::csv_rows(read_file(folder_ / "out/transfer_matrix.csv")).at(0);
  EXPECT_NEAR(result.at("intervals").at("accuracy").at(0), std::stod(row.at("interval_low")), 1e-9);
  EXPECT_NEAR(result.at("intervals").at("accuracy").at(1), std::stod(row.at("interval_high")), 1e-9);
  EXPECT_EQ(result.at("by_image").at("accuracy"), std::stod(row.at("image_accuracy")));
  EXPECT_EQ(result.at("by_group").at("accuracy"), std::stod(row.at("group_accuracy")));
  EXPECT_EQ(result.at("auc"), std::stod(row.at("auc")));
  EXPECT_EQ(result.at("loss"), std::stod(row.at("test_loss")));

  const HostRun text = evaluate();
  ASSERT_EQ(0, text.exit_code) << text.output;
  for (const char* part : {"a, test: ", "12 patients", "balanced accuracy",
                           "95 %: the middle of 2000 resamples of the "
                           "12 patients",
                           "12 patients with patches of several labels: a sample of each", "predicted as"}) {
    EXPECT_TRUE(text.says(part)) << part << "\n" << text.output;
  }
  const HostRun as_json = evaluate({"--json"});
  ASSERT_EQ(0, as_json.exit_code) << as_json.output;
  EXPECT_EQ(result.at("by_group"), json::parse(as_json.output).at("by_group"));
  test::expect_schema("evaluation", json::parse(as_json.output));

  const HostRun dry = baseline({"--dry-run", "--set", "recipes.baseline.selection=macro-f1"});
  EXPECT_TRUE(dry.says("(options.recipe.selection \"auto\" -> \"macro-f1\")")) << dry.output;
}

TEST_F(Evaluate, AnIntervalIsNeverLostWithoutAWord) {
  ASSERT_EQ(0, baseline().exit_code);
  const std::filesystem::path step = steps("out").at("evaluate a-baseline-trial1");
  const std::string groups = read_file(step / "groups.csv");
  const auto row = [&] { return test::csv_rows(read_file(folder_ / "out/transfer_matrix.csv")).at(0); };
  const std::string interval = row().at("interval_low");
  EXPECT_NE("", interval);
  EXPECT_EQ("", row().at("missing_files"));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "out" / row().at("checkpoint"))) << row().at("checkpoint");

  const auto expect_gap = [&](const std::string& problem) {
    const HostRun again = baseline();
    EXPECT_EQ(0, again.exit_code);
    EXPECT_TRUE(again.says("Nothing to do")) << again.output;
    const std::string sentence = (step / "groups.csv").string() + problem +
                                 ", so there is no interval. Delete the folder " + step.string() +
                                 " and run again to redo the step.";
    EXPECT_TRUE(again.says("baseline (random start): " + sentence)) << again.output;
    EXPECT_NE(read_file(folder_ / "out/log.txt").find("] " + sentence), std::string::npos);
    EXPECT_NE(read_file(folder_ / "out/transfer_matrix.md").find("so there is no interval"),
              std::string::npos);
    EXPECT_EQ("", row().at("interval_low"));
    EXPECT_EQ("steps/" + step.filename().string() + "/groups.csv", row().at("missing_files"));
  };
  std::filesystem::remove(step / "groups.csv");
  expect_gap(" is missing");
  const std::size_t last_line = groups.rfind('\n', groups.size() - 2) + 1;
  folder_.write((step / "groups.csv").string(), groups.substr(0, last_line));
  expect_gap(": 11 groups, expected 12 by the step's record");

  std::filesystem::remove_all(step);
  ASSERT_EQ(0, baseline().exit_code);
  EXPECT_EQ(interval, row().at("interval_low"));
  EXPECT_EQ("", row().at("missing_files"));
}

TEST_F(Evaluate, ThatCannotRankSaysSoAndTrainingNamesTheClassItNeverSaw) {
  ASSERT_EQ(0, baseline({"--step", "split a"}).exit_code);
  ASSERT_EQ(0, run({"split", file_of("split a", "split.h5").string(), "--export", path("a.csv")}).exit_code);
  std::istringstream lines(read_file(folder_ / "a.csv"));
  std::string table;
  for (std::string line; std::getline(lines, line);) {
    // No stroma but in valid.
    for (const std::string part : {",train,", ",test,"}) {
      if (line.find("stroma") != std::string::npos && line.find(part) != std::string::npos) {
        line.replace(line.find(part), part.size(), ",valid,");
      }
    }
    table += line + "\n";
  }
  folder_.write("a.csv", table);
  const std::vector<std::string> from_table = {
      "--set",
      "datasets.a={use=\"synthetic\",split_file=\"a.csv\",options={"
      "laboratory=\"a\",patients=24,images_per_patient=1,image_side=48,"
      "classes=[\"stroma\",\"tumour\"]}}",
      "--set", "recipes.baseline.optimizer.learning_rate=1e-3"};
  const HostRun ran = baseline(from_table);
  ASSERT_EQ(0, ran.exit_code) << ran.output;
  EXPECT_TRUE(ran.says("No training patch shows the class stroma")) << ran.output;
  const json result = json_of(file_of("evaluate a-baseline-trial1", "result.json"));
  EXPECT_TRUE(result.at("auc").is_null()) << result.at("auc");
  EXPECT_TRUE(result.at("recall").at(0).is_null());
  const HostRun text = evaluate();
  std::istringstream printed(text.output);
  std::string line;
  while (std::getline(printed, line) && line.find("area under") == std::string::npos) {
  }
  EXPECT_NE(std::string::npos, line.find(" - ")) << text.output;
  EXPECT_EQ(std::string::npos, line.find_first_of("0123456789")) << line;
}

class EvaluateAFile : public ::testing::Test {
 protected:
  // Patches of so many classes, and a network of no use for them.
  void make(const std::string& classes, std::int64_t count, bool multi_label) {
    const HostRun made = test::run_host("standardize --dataset synthetic --output " + path("set.h5") +
                                        " --set 'dataset.classes=" + classes +
                                        "' --set dataset.patients=2 --set dataset.images_per_patient=1 --set "
                                        "dataset.image_side=48 --set standardize.patch_side=32 --set "
                                        "'split.shares=[1.0,0.0,0.0]' --set split.protocol=paper");
    ASSERT_EQ(0, made.exit_code) << made.output;
    TensorFile network = test::resnet18_file(count);
    network.metadata = {
        {"model", "resnet18"}, {"classes", classes}, {"multi_label", multi_label ? "true" : "false"}};
    write_safetensors(folder_ / "net.safetensors", network);
  }
  HostRun evaluate() const {
    return test::run_host("evaluate --checkpoint " + path("net.safetensors") + " --patches " +
                          path("set.h5") + " --split train --threads 1");
  }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  test::TempFolder folder_;
};

TEST_F(EvaluateAFile, PrintsWeightedKappaOfMoreThanTwoClasses) {
  make(R"(["glands","stroma","tumour"])", 3, false);
  const HostRun three = evaluate();
  ASSERT_EQ(0, three.exit_code) << three.output;
  for (const char* line : {"\nCohen's kappa ", "\n  weighted linearly ", "\n  weighted quadratically "})
    EXPECT_TRUE(three.says(line)) << line << three.output;
  std::filesystem::remove(folder_ / "set.h5");
  make(R"(["stroma","tumour"])", 2, false);
  const HostRun two = evaluate();
  EXPECT_TRUE(two.says("\nCohen's kappa ")) << two.output;
  EXPECT_FALSE(two.says("weighted")) << two.output;
}

TEST_F(EvaluateAFile, RefusesANetworkOfSeveralLabelsForPatchesOfOne) {
  make(R"(["stroma","tumour"])", 2, true);
  const HostRun run = evaluate();
  EXPECT_EQ(1, run.exit_code);
  EXPECT_TRUE(
      run.says("net.safetensors was trained for several labels per patch, but those of synthetic have "
               "one label"))
      << run.output;
}

}  // namespace
}  // namespace histokt
