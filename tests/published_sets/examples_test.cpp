// SPDX-License-Identifier: MIT
// The experiments in examples/ are read and planned, on stand-ins of the sets that they name.
#include <gtest/gtest.h>

#include <filesystem>
#include <vector>

#include "support/folders.hpp"
#include "support/resnet18_file.hpp"
#include "support/run_host.hpp"
#include "support/stand_in_trees.hpp"
#include "support/temp_folder.hpp"
#include "tensors/safetensors.hpp"

namespace histokt::test {
namespace {

namespace fs = std::filesystem;

// A copy of examples/ with a set's stand-in wherever an example looks for it.
class Examples : public ::testing::Test {
 protected:
  void SetUp() override {
    const fs::path examples = test::source_folder() / "examples";
    for (const char* part : {".", "paper", "paper/short"}) {
      fs::create_directories(folder_ / part);
      for (const auto& entry : fs::directory_iterator(examples / part)) {
        if (entry.path().extension() != ".toml") continue;
        files_.push_back(folder_ / part / entry.path().filename());
        fs::copy_file(entry.path(), files_.back());
      }
    }
    for (const std::string& set : stand_in_layouts())
      write_stand_in(set, folder_ / "data" / set, TreeSize::small());
    fs::create_directory_symlink(folder_ / "data", folder_ / "paper" / "data");
    write_safetensors(folder_ / "data" / "stand-in.safetensors", resnet18_file(1000));
  }

  // ImageNet's weights, whose digest their file's name holds, have a stand-in as well.
  HostRun forecast(const fs::path& file, const std::string& more = "") const {
    const bool imagenet = file.filename() == "tables.toml";
    return run_host("run '" + file.string() + "' --dry-run " + more +
                        (imagenet ? " --set recipes.imagenet.weights=data/stand-in.safetensors" : ""),
                    folder_ / "cache");
  }

  static std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++found;
    return found;
  }

  TempFolder folder_;
  std::vector<fs::path> files_;
};

TEST_F(Examples, AreAllReadAndPlanned) {
  EXPECT_EQ(3u + 11u + 10u, files_.size());
  for (const fs::path& file : files_) {
    const HostRun run = forecast(file);
    EXPECT_EQ(0, run.exit_code) << file << ": " << run.output;
    EXPECT_TRUE(run.says("would run train ")) << file << ": " << run.output;
  }
}

// Table 2: three trials of each baseline, and of each rate and pair. Table 3: ImageNet's network on each set
// by each rate, then each of these on each other set. Table 4: heads alone, since the other half stands in
// Table 2.
TEST_F(Examples, OfThePapersTablesAreOnePlanThatTrainsNothingTwice) {
  const HostRun run = forecast(folder_ / "paper/tables.toml");
  const std::size_t single = 9 * 3 + 9 * 8 * 5 * 3, two = 9 * 5 * 3 + 9 * 8 * 5 * 3, fine = 8 * 5 * 3;
  EXPECT_EQ(single + two + fine, count(run.output, "would run train ")) << run.output;
  EXPECT_EQ(9u * 3 + 9 * 8 * 3 + 9 * 3 + 9 * 8 * 3 + 8 * 3, count(run.output, "would run evaluate "))
      << run.output;
  // Table 4's encoders are those that Table 2 probes.
  EXPECT_EQ(9u * 8 + 9 + 9 * 8, count(run.output, "would run probe ")) << run.output;
  EXPECT_EQ(9u, count(run.output, "would run standardize ")) << run.output;
  for (const char* training :
       {"bach-imagenet-lr0.001-trial1", "crc-to-bach-deep-lr0.001-trial1",
        "crc-imagenet-to-bach-deep-lr0.001-trial1", "adp-to-bach-fine-lr0.001-trial1"}) {
    EXPECT_TRUE(run.says("would run train " + std::string(training) + " ")) << training << "\n" << run.output;
  }
}

TEST_F(Examples, OfThePapersTablesTakeThePublishedRatesInAllOfThem) {
  const HostRun run = forecast(
      folder_ / "paper/tables.toml",
      "--set 'matrix.0.learning_rates={adp=1e-4,mhist=5e-4,bach=5e-5,aj-lymph=2e-4,pcam=1e-3,crc=5e-4,"
      "glas=1e-3,os=1e-4,bcss=1e-3}'");
  EXPECT_EQ(9u * 3 + 9 * 8 * 3 + 9 * 5 * 3 + 9 * 8 * 3 + 8 * 5 * 3, count(run.output, "would run train "))
      << run.output;
}

TEST_F(Examples, InShortTuneOnEachSet) {
  for (const std::string& set : stand_in_layouts()) {
    const HostRun run = forecast(folder_ / "paper/short" / (set + ".toml"));
    EXPECT_TRUE(run.says("would run train " + set + "-baseline-trial1 ")) << run.output;
    EXPECT_TRUE(run.says("would run train drawn-to-" + set + "-deep-trial1 ")) << run.output;
  }
}

// Eight sources, nine merges and their controls; the first sources alone are trained only if they come out
// changed.
TEST_F(Examples, OfThePapersFigure4PlanSinglesPairsAndATripleOnOneTarget) {
  const HostRun run = forecast(folder_ / "paper/figure-4.toml");
  EXPECT_EQ(9u * 3 + (8 + 9 + 9 + 7) * 5 * 3, count(run.output, "would run train ")) << run.output;
  EXPECT_TRUE(run.says("would run distill svd-adp-crc-os ")) << run.output;
  EXPECT_TRUE(run.says("would run train crc-to-bach-deep-lr0.001-trial1 ")) << run.output;
}

}  // namespace
}  // namespace histokt::test
