// SPDX-License-Identifier: MIT
// The tiny experiment that the tests of whole runs share, and helpers to inspect its results.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "support/host_process.hpp"
#include "support/run_host.hpp"
#include "support/temp_folder.hpp"

namespace histokt::test {

// Two laboratories, two classes, 32-pixel patches: seconds, not accuracy. It standardises, trains, transfers,
// merges and tests, with the tests' own model.
inline constexpr const char* kTinyExperiment = R"(
name = "tiny"
seed = 3
trials = 1
threads = 1
loader_threads = 1
[standardize]
patch_side = 32
[datasets.a]
use = "synthetic"
options = { laboratory = "a", patients = 6, images_per_patient = 1, image_side = 48, classes = ["stroma", "tumour"] }
[datasets.b]
use = "synthetic"
options = { laboratory = "b", patients = 6, images_per_patient = 1, image_side = 48, classes = ["stroma", "tumour"] }
[recipes.baseline]
model = "tiny"
optimizer = { use = "rmsgd", learning_rate = 0.03 }
epochs = 2
batch_size = 8
[recipes.deep]
model = "tiny"
optimizer = { use = "adamp", learning_rate = [1e-3, 1e-4] }
epochs = 1
batch_size = 8
[matrix]
sources = ["a"]
targets = ["b"]
train = "baseline"
tune = "deep"
probe = false
[[distill]]
sources = ["a", "b"]
distiller = ["svd", "mean"]
target = "b"
tune = "deep"
orders = "as-written"
controls = false
)";

// The same with the model that a recipe has by default, ResNet18.
inline std::string tiny_experiment_of_resnet18() {
  const std::string line = "model = \"tiny\"\n";
  std::string text = kTinyExperiment;
  for (std::size_t at; (at = text.find(line)) != std::string::npos;) text.erase(at, line.size());
  return text;
}

// The same, cut down to what still has a step of each kind and takes little time.
inline const std::vector<std::string> kOneOfEachKind = {
    "--set",
    "recipes.baseline.optimizer={use=\"adamp\",learning_rate=1e-3}",
    "--set",
    "recipes.deep.optimizer.learning_rate=1e-3",
    "--set",
    "distill=[{sources=[\"a\",\"b\"],distiller=\"mean\",target=\"b\",tune=\"deep\",controls=false}]"};

class TinyExperiment : public ::testing::Test {
 protected:
  void SetUp() override { file_ = folder_.write("tiny.toml", kTinyExperiment); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  // Words of the command line that run one step of each kind into the output folder `name`.
  std::vector<std::string> words(const std::string& name, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all = {file_.string(), "--output", path(name)};
    all.insert(all.end(), kOneOfEachKind.begin(), kOneOfEachKind.end());
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  HostRun run(const std::vector<std::string>& words) const {
    std::string line;
    for (const std::string& word : words) line += " '" + word + "'";
    return run_host(line.substr(1));
  }

  static nlohmann::json json_of(const std::filesystem::path& file) {
    return nlohmann::json::parse(read_file(file));
  }

  // Folders of the finished steps by "KIND LABEL".
  std::map<std::string, std::filesystem::path> steps(const std::string& name) const {
    std::map<std::string, std::filesystem::path> all;
    const nlohmann::json result = json_of(folder_ / name / "result.json");
    for (const auto& step : result.at("steps")) {
      const std::string folder = step.value("folder", "");
      all[step.at("kind").get<std::string>() + " " + step.at("label").get<std::string>()] =
          folder.empty() ? "not finished" : folder_ / name / folder;
    }
    return all;
  }

  // The digest of every output by step.
  std::map<std::string, std::string> digests(const std::string& name) const {
    std::map<std::string, std::string> all;
    for (const auto& [step, folder] : steps(name)) {
      const nlohmann::json record = json_of(folder / "step.json");
      for (const auto& [output, value] : record.at("result").at("outputs").items()) {
        all[step + " " + output] = value.at("digest");
      }
    }
    EXPECT_FALSE(all.empty()) << name << " has no finished step";
    return all;
  }

  // Everything below `name` that is not final: unfinished files and folders, claims.
  std::vector<std::string> leftovers(const std::string& name) const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_ / name)) {
      const std::string file = entry.path().filename().string();
      if (file.ends_with(".partial") || file.ends_with(".claim")) found.push_back(entry.path().string());
    }
    return found;
  }

  TempFolder folder_;
  std::filesystem::path file_;
};

}  // namespace histokt::test
