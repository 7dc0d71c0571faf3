// SPDX-License-Identifier: MIT
// Whole experiments on tiny drawn tissue: from images to tested networks, rerun and changed.
#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/files.hpp"
#include "host/tiny_experiment.hpp"
#include "support/csv_rows.hpp"
#include "support/image_files.hpp"
#include "support/run_host.hpp"
#include "support/temp_folder.hpp"
#include "tasks/feature_file.hpp"
#include "tensors/safetensors.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::HostRun;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kSlow = true;
#else
constexpr bool kSlow = false;
#endif

class EndToEnd : public ::testing::Test {
 protected:
  void SetUp() override { folder_.write("tiny.toml", test::kTinyExperiment); }

  HostRun run(const std::string& more = "") const {
    return test::run_host((folder_ / "tiny.toml").string() + " " + more);
  }
  fs::path output() const { return folder_ / "runs/tiny"; }
  json result() const { return json::parse(read_file(output() / "result.json")); }

  test::TempFolder folder_;
};

TEST_F(EndToEnd, TrainsTransfersMergesAndTestsThenHasNothingToDo) {
  const HostRun first = run();
  ASSERT_EQ(0, first.exit_code) << first.output;
  for (const char* text :
       {"chance 50.0 %", "majority class", "test patches of", "svd of a+b", "mean of a+b", "Files:"}) {
    EXPECT_TRUE(first.says(text)) << text << "\n" << first.output;
  }
  const json written = result();
  for (const json& step : written.at("steps")) EXPECT_EQ("finished", step.at("state")) << step.at("label");
  EXPECT_TRUE(fs::exists(output() / "transfer_matrix.csv"));
  EXPECT_TRUE(fs::exists(output() / "distillation.csv"));

  run();  // reads the libraries into memory
  const auto start = std::chrono::steady_clock::now();
  const HostRun again = run();
  EXPECT_EQ(0, again.exit_code);
  EXPECT_TRUE(again.says("Nothing to do")) << again.output;
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(kSlow ? 30 : 2))
      << "looking up is not training";

  // Another schedule of tuning: baselines, merges and data stay.
  const HostRun dry = run("--set recipes.deep.epochs=2 --dry-run");
  EXPECT_TRUE(dry.says("would run train a-to-b-deep-lr0.001-trial1  (options.recipe.epochs 1 -> 2)"))
      << dry.output;
  EXPECT_TRUE(dry.says("finished  train a-baseline-trial1")) << dry.output;
  EXPECT_TRUE(dry.says("finished  distill svd-a-b")) << dry.output;

  // Looking at a merge that is there runs nothing else.
  const HostRun diagnosed =
      run("--set 'distill=[{sources=[\"a\",\"b\"],distiller=\"svd\",target=\"b\",tune=\"deep\","
          "diagnose={barrier=true,points=3}}]'");
  ASSERT_EQ(0, diagnosed.exit_code) << diagnosed.output;
  EXPECT_TRUE(diagnosed.says("] diagnose svd-a-b-on-b")) << diagnosed.output;
  EXPECT_FALSE(diagnosed.says("] distill svd-a-b")) << diagnosed.output;
  std::string layers, barrier;
  for (const auto& entry : fs::directory_iterator(output() / "steps")) {
    if (entry.path().filename().string().starts_with("diagnose-svd-a-b"))
      layers = read_file(entry.path() / "layers.csv"), barrier = read_file(entry.path() / "barrier.csv");
  }
  EXPECT_NE(layers.find("\nconv2,8,72,8,"), std::string::npos) << layers;
  EXPECT_NE(barrier.find("\nb,valid,a,b,line,0.5,"), std::string::npos) << barrier;
  EXPECT_EQ(1 + 3 + 1, std::ranges::count(barrier, '\n')) << "titles, three points and the merge\n"
                                                          << barrier;

  const HostRun changed = run("--set recipes.deep.epochs=2");
  ASSERT_EQ(0, changed.exit_code) << changed.output;
  EXPECT_FALSE(changed.says("] train a-baseline")) << changed.output;
  EXPECT_TRUE(changed.says("] train a-to-b-deep")) << changed.output;
}

TEST_F(EndToEnd, LayersNoneNeedsTheSameClassesAndSaysTheWaysOut) {
  const HostRun run_none =
      run("--set recipes.deep.layers=none --set distill=[] "
          "--set 'datasets.a.options.classes=[\"stroma\",\"glands\"]'");
  EXPECT_EQ(1, run_none.exit_code);
  EXPECT_TRUE(run_none.says("Tune with layers = \"head\"")) << run_none.output;
  EXPECT_FALSE(run_none.says("] train")) << "found before hours of training";
}

TEST_F(EndToEnd, HeadOnlyTuningLeavesTheEncoderAsItWas) {
  const HostRun head =
      run("--set recipes.deep.layers=head --set distill=[] --set recipes.deep.optimizer.learning_rate=1e-3");
  ASSERT_EQ(0, head.exit_code) << head.output;
  const auto weights = [&](const std::string& kind, const std::string& label, const std::string& name) {
    const json all = result();
    for (const json& step : all.at("steps")) {
      if (step.at("kind") != kind || step.at("label") != label) continue;
      const fs::path folder = output() / step.at("folder").get<std::string>();
      const json record = json::parse(read_file(folder / "step.json"));
      return read_safetensors(folder /
                              record.at("result").at("outputs").at(name).at("file").get<std::string>());
    }
    return TensorFile();
  };
  const TensorFile before = weights("choose-trial", "a-baseline", "winner");
  const TensorFile after = weights("choose-rate", "a-to-b-deep", "trial-1");
  ASSERT_GT(after.tensors.size(), 10u);
  ASSERT_EQ(before.tensors.size(), after.tensors.size());
  for (std::size_t i = 0; i < after.tensors.size(); ++i) {
    const StoredTensor &old = before.tensors[i], &tuned = after.tensors[i];
    EXPECT_EQ(old.name.starts_with("fc."), old.bytes != tuned.bytes) << old.name;
  }
}

TEST_F(EndToEnd, LogsWhatTheOptimizerMeasuresOfEachLayerWhereAsked) {
  const std::string baseline_alone = "--set distill=[] --set 'matrix.sources=[\"b\"]'";
  const auto layers_file = [&] {
    const json all = result();
    for (const json& step : all.at("steps")) {
      if (step.at("kind") == "train") return output() / step.at("folder").get<std::string>() / "layers.csv";
    }
    return fs::path();
  };
  const HostRun unasked = run(baseline_alone);
  ASSERT_EQ(0, unasked.exit_code) << unasked.output;
  EXPECT_FALSE(fs::exists(layers_file())) << "nobody asked";
  const HostRun asked = run(baseline_alone + " --set recipes.baseline.log_layers=true");
  ASSERT_EQ(0, asked.exit_code) << asked.output;
  EXPECT_FALSE(asked.says("] evaluate")) << "the weights came out the same\n" << asked.output;

  std::istringstream lines(read_file(layers_file()));
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(
      line,
      "epoch,layer,condition,in_S,in_condition,in_rank,knowledge_gain,learning_rate,out_S,out_condition,"
      "out_rank,rank");
  std::vector<std::string> rows;
  while (std::getline(lines, line)) rows.push_back(line);
  ASSERT_EQ(2u * 2, rows.size()) << "two epochs of two convolutions";
  EXPECT_TRUE(rows.front().starts_with("1,conv1.weight,")) << rows.front();
  EXPECT_TRUE(rows.back().starts_with("2,conv2.weight,")) << rows.back();
}

TEST_F(EndToEnd, ProbesEncodersBeforeTheyAreTunedAndKeepsViewsOfPatches) {
  const std::string settings =
      "--set matrix.probe=true --set recipes.deep.layers=head --set recipes.deep.views=2 --set "
      "recipes.deep.epochs=3 "
      "--set recipes.deep.optimizer.learning_rate=1e-3";
  const HostRun first = run(settings);
  ASSERT_EQ(0, first.exit_code) << first.output;
  EXPECT_TRUE(first.says("before tuning: probe ")) << first.output;
  std::size_t probes = 0, features = 0;
  const json written = result();
  for (const json& step : written.at("steps")) {
    if (step.at("kind") == "train" && step.at("label").get<std::string>().find("deep") != std::string::npos) {
      EXPECT_EQ(2, step.at("definition").at("options").at("recipe").at("views")) << step.at("label");
    }
    const fs::path folder = output() / step.at("folder").get<std::string>();
    if (step.at("kind") == "features") {
      ++features;
      const FeatureTable table = read_features(folder / "features.safetensors");
      EXPECT_EQ("b", table.info.dataset);
      EXPECT_TRUE(step.at("label").get<std::string>().ends_with("-" + table.info.part)) << step.at("label");
      EXPECT_EQ(step.at("summary").at("patches"), table.size());
      EXPECT_EQ((std::vector<std::string>{"stroma", "tumour"}), table.info.source_classes);
    }
    if (step.at("kind") != "probe") continue;
    ++probes;
    EXPECT_GE(step.at("summary").at("probe").at("accuracy").get<double>(), 0);
  }
  EXPECT_EQ(3u, probes) << "a, and what svd and mean made of a and b";
  EXPECT_EQ(3u * 3, features) << "training, validation and test patches, of each of them";
  for (const char* table : {"transfer_matrix.csv", "distillation.csv"}) {
    for (const test::CsvRow& row : test::csv_rows(read_file(output() / table)))
      EXPECT_EQ(row.at("key").starts_with("b/baseline/"), row.at("probe").empty()) << row.at("key");
  }
  EXPECT_TRUE(run(settings).says("Nothing to do"));
}

// The design's own example, on two datasets laid out as their plugins expect.
TEST_F(EndToEnd, TheExampleOfTwoRealLayoutsRuns) {
  int number = 0;
  const auto write = [&](const std::string& name) {
    const auto bytes = testing::encode(testing::noise_image(96 + number % 3, 96), ".png");
    ++number;
    folder_.write(name, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  };
  for (const char* tissue : {"ADI", "LYM", "MUC", "MUS", "NORM", "STR", "TUM"}) {
    for (int i = 0; i < 4; ++i)
      write("crc/NCT-CRC-HE-100K-NONORM/" + std::string(tissue) + "/" + tissue + "-" + std::to_string(i) +
            ".tif");
    write("crc/CRC-VAL-HE-7K/" + std::string(tissue) + "/" + tissue + "-TCGA.tif");
  }
  for (const char* tissue : {"Benign", "InSitu", "Invasive", "Normal"}) {
    for (int i = 0; i < 5; ++i)
      write("bach/ICIAR2018_BACH_Challenge/Photos/" + std::string(tissue) + "/" + std::to_string(i) + ".tif");
  }
  const std::string example = test::source_folder() / "examples/crc-to-bach.toml";
  const HostRun example_run = test::run_host(example + " --output " + (folder_ / "example").string() +
                                             " --set datasets.crc.root=" + (folder_ / "crc").string() +
                                             " --set datasets.bach.root=" + (folder_ / "bach").string() +
                                             " --set trials=1 --set recipes.baseline.epochs=1 --set "
                                             "recipes.deep.epochs=1 --set standardize.patch_side=32 --set "
                                             "recipes.baseline.model=tiny --set recipes.deep.model=tiny");
  EXPECT_EQ(0, example_run.exit_code) << example_run.output;
  EXPECT_TRUE(example_run.says("svd of crc+bach")) << example_run.output;
}

}  // namespace
}  // namespace histokt
