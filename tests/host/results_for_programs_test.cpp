// SPDX-License-Identifier: MIT
// result.json and step.json for other programs: valid by their schemas, also after the run is moved.
#include <gtest/gtest.h>

#include "host/tiny_experiment.hpp"
#include "support/json_schema.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::HostRun;

class ResultsForPrograms : public test::TinyExperiment {
 protected:
  json result_of(const std::string& name) const { return json_of(folder_ / name / "result.json"); }
};

TEST_F(ResultsForPrograms, AreAsTheirSchemasSayAndHoldSeedsExactly) {
  const HostRun done = run(words("out", {"--set", "seed=9007199254740993"}));
  ASSERT_EQ(0, done.exit_code) << done.output;
  const json result = result_of("out");
  test::expect_schema("experiment-result", result);
  EXPECT_EQ("9007199254740993", result.at("seed"));
  std::set<std::string> kinds;
  for (const auto& [title, folder] : steps("out")) {
    if (!kinds.insert(title.substr(0, title.find(' '))).second) continue;
    SCOPED_TRACE(title);
    test::expect_schema("step", json_of(folder / "step.json"));
  }
  EXPECT_GE(kinds.size(), 7u) << "a step of each kind";
}

TEST_F(ResultsForPrograms, OfAMovedRunPointAtItsOwnSteps) {
  const HostRun done = run(words("out"));
  ASSERT_EQ(0, done.exit_code) << done.output;
  EXPECT_EQ(".", result_of("out").at("store"));
  fs::create_directories(folder_ / "far/away");
  fs::copy(folder_ / "out", folder_ / "copy", fs::copy_options::recursive);
  fs::rename(folder_ / "out", folder_ / "far/away/moved");
  const std::string reader = test::source_folder() / "tests/host/moved_run.py";
  for (const char* name : {"copy", "far/away/moved"}) {
    const HostRun read = test::run_shell("/usr/bin/python3 '" + reader + "' '" + path(name) + "'");
    EXPECT_EQ(0, read.exit_code) << read.output;
    EXPECT_TRUE(read.says(" folders, ")) << read.output;
  }
  fs::remove_all(folder_ / "copy/steps");
  EXPECT_NE(0, test::run_shell("/usr/bin/python3 '" + reader + "' '" + path("copy") + "'").exit_code)
      << "the moved run's steps are no steps of this one";
}

TEST_F(ResultsForPrograms, OfASharedStoreLeadToIt) {
  const HostRun done = run(words("deep/out", {"--set", "store=\"store\"", "--step", "standardize a"}));
  ASSERT_EQ(0, done.exit_code) << done.output;
  const json result = result_of("deep/out");
  test::expect_schema("experiment-result", result);
  EXPECT_EQ("../../store", result.at("store"));
  int finished = 0;
  for (const json& step : result.at("steps")) {
    if (step.at("state") != "finished") continue;
    ++finished;
    const fs::path folder = folder_ / "deep/out" / step.at("folder").get<std::string>();
    EXPECT_TRUE(fs::exists(folder / "step.json")) << folder;
    EXPECT_TRUE(fs::equivalent(folder.parent_path(), folder_ / "store/steps")) << folder;
  }
  EXPECT_EQ(1, finished);
}

}  // namespace
}  // namespace histokt
