// SPDX-License-Identifier: MIT
// The same bits twice: checkpoints, predictions and metrics, whatever the number of loader threads. And what
// a log must contain to reproduce a run.
#include <gtest/gtest.h>

#include <sstream>

#include "base/digest.hpp"
#include "host/tiny_experiment.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;
using test::HostRun;

// metrics.csv without its last column but one, the seconds.
std::string without_seconds(const std::string& csv) {
  std::istringstream lines(csv);
  std::string text;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t last = line.rfind(','), before = line.rfind(',', last - 1);
    text += line.substr(0, before) + line.substr(last) + "\n";
  }
  EXPECT_EQ(std::string::npos, text.find("seconds")) << text;
  return text;
}

using SameBits = test::TinyExperiment;

TEST_F(SameBits, InEveryFileWhateverTheNumberOfLoaderThreads) {
  const auto with_loaders = [&](const std::string& name, const std::string& threads) {
    return run(words(name, {"--set", "recipes.baseline.optimizer={use=\"rmsgd\",learning_rate=0.03}", "--set",
                            "loader_threads=" + threads}));
  };
  ASSERT_EQ(0, with_loaders("one", "1").exit_code);
  ASSERT_EQ(0, with_loaders("four", "4").exit_code);
  EXPECT_EQ(digests("one"), digests("four"));
  const auto other = steps("four");
  std::map<std::string, int> compared;
  for (const auto& [step, folder] : steps("one")) {
    for (const auto& entry : fs::directory_iterator(folder)) {
      const std::string name = entry.path().filename().string();
      if (name == "step.json") continue;
      const std::string here = read_file(entry.path()), there = read_file(other.at(step) / name);
      if (name == "metrics.csv") {
        EXPECT_EQ(without_seconds(here), without_seconds(there)) << step;
      } else {
        EXPECT_TRUE(here == there) << step << "/" << name;
      }
      ++compared[name];
    }
  }
  for (const char* name : {"patches.h5", "split.h5", "checkpoint.safetensors", "metrics.csv",
                           "predictions.csv", "result.json", "winner.safetensors"}) {
    EXPECT_GT(compared[name], 0) << name;
  }
}

class Log : public test::TinyExperiment {
 protected:
  std::string log() const { return read_file(folder_ / "out/log.txt"); }
};

std::string between(const std::string& text, const std::string& begin, const std::string& end) {
  const std::size_t at = text.find(begin);
  if (at == std::string::npos) return "";
  const std::size_t from = text.find('\n', at) + 1;
  return text.substr(from, text.find(end, from) - from);
}

TEST_F(Log, HoldsWhatIsNeededToMakeTheRunAgain) {
  ASSERT_EQ(0, run(words("out", {"--set", "recipes.baseline.epochs=1"})).exit_code);
  for (const char* text : {"======== run of tiny begins: process ",
                           "arguments: ", "recipes.baseline.epochs=1", "program: histokt ", "libtorch ",
                           "OpenCV ", "HDF5 ", "plugin: dataset synthetic ", "plugin: optimizer adamp ",
                           "plugin: distiller mean ", " sha256 ", "device: ", " threads", "seed: 3"}) {
    EXPECT_NE(std::string::npos, log().find(text)) << text << "\n" << log();
  }
}

TEST_F(Log, HoldsTheExperimentAsResolvedWhichAsksForTheSameSteps) {
  const HostRun first = run(words("out", {"--set", "recipes.baseline.epochs=1"}));
  ASSERT_EQ(0, first.exit_code) << first.output;
  const std::string resolved = between(log(), " as resolved:", "\n20");
  EXPECT_NE(std::string::npos, resolved.find("rotation_degrees = 45")) << "defaults are written out\n"
                                                                       << resolved;
  EXPECT_EQ(resolved, json_of(folder_ / "out/result.json").at("resolved").get<std::string>());
  folder_.write("elsewhere/again.toml", resolved);
  const HostRun again = run({path("elsewhere/again.toml"), "--dry-run"});
  EXPECT_EQ(0, again.exit_code) << again.output;
  EXPECT_TRUE(again.says(" 0 would run")) << again.output;
}

TEST_F(Log, DigestsEveryRootThatIsRead) {
  const std::string image = test::file_text(test::own_golden("standardize_glas_like.png"));
  for (int i = 0; i < 20; ++i) {
    folder_.write("images/" + std::string(i % 2 ? "x" : "y") + "/" + std::to_string(i) + ".png", image);
  }
  folder_.write("folder.toml", R"(trials = 1
[datasets.f]
use = "folder"
root = "images"
options = { microns_per_pixel = 1.0 }
[recipes.r]
optimizer = { use = "adamp", learning_rate = 1e-3 }
epochs = 1
[matrix]
sources = ["f"]
targets = ["f"]
train = "r"
tune = "r"
)");
  run({path("folder.toml"), "--output", path("out"), "--step", "standardize f"});
  EXPECT_NE(std::string::npos, log().find("input: f " + path("images") + " digest ")) << log();
}

TEST_F(Log, OfASecondRunStandsBehindThatOfTheFirst) {
  ASSERT_EQ(0, run(words("out")).exit_code);
  const std::string first = log();
  ASSERT_EQ(0, run(words("out")).exit_code);
  EXPECT_TRUE(log().starts_with(first));
  EXPECT_NE(std::string::npos, log().find("======== run of tiny begins", first.size()));
}

}  // namespace
}  // namespace histokt
