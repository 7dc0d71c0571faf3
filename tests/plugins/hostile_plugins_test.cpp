// SPDX-License-Identifier: MIT
// The program with plugins that break the rules (hostile/): each is reported in one sentence and does no
// other harm.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "support/host_process.hpp"
#include "support/run_host.hpp"
#include "support/temp_folder.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using test::HostRun;
using test::run_host;

const fs::path kHostile = test::build_folder() / "tests" / "hostile";
const fs::path kPlugins = test::build_folder() / "lib" / "histokt" / "plugins";
const std::string kImage = test::own_golden("standardize_glas_like.png");

std::string file_of(const std::string& name) {
  return (kHostile / ("histokt-dataset-" + name + ".so")).string();
}

class Hostile : public ::testing::Test {
 protected:
  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  HostRun host(const std::string& arguments) const {
    return run_host("--plugins '" + kHostile.string() + "' " + arguments, folder_.path());
  }
  HostRun standardize(const std::string& dataset) const {
    return host("standardize --dataset " + dataset + " --root " + folder_.path().string() + " --output " +
                path("out.h5") + " --threads 2 --quiet --set split.allow_few_groups=true");
  }
  HostRun check(const std::string& file, const std::string& more = "") const {
    return host("plugins check " + file + " " + more);
  }
  std::string root() const { return " --root " + folder_.path().string(); }

  // One sentence: a line, which names all of `parts`.
  void expect_told(const HostRun& run, int exit_code, const std::vector<std::string>& parts) const {
    EXPECT_EQ(exit_code, run.exit_code) << run.output;
#if !defined(__SANITIZE_ADDRESS__)  // which adds a report of its own
    std::istringstream lines(run.output);
    int count = 0;
    for (std::string line; std::getline(lines, line);) count += !line.empty();
    EXPECT_EQ(1, count) << run.output;
#endif
    EXPECT_TRUE(run.says("histokt-host: ")) << run.output;
    for (const std::string& part : parts) EXPECT_TRUE(run.says(part)) << part << "\nin: " << run.output;
    EXPECT_FALSE(fs::exists(folder_ / "out.h5")) << "nothing is left";
  }

  test::TempFolder folder_;
};

// Refused before any of its code runs, or when it is opened. refusals_test.cpp has the others.
TEST_F(Hostile, FilesAreRefusedAsWrongRequests) {
  expect_told(standardize("no-note"), 2,
              {file_of("no-note"), "has no HistoKT note", "build it with the SDK's macro"});
  expect_told(standardize("missing-symbol"), 2,
              {file_of("missing-symbol"), "cannot be opened", "undefined symbol: a_function_of_no_library",
               "link it"});
  expect_told(standardize("option-count"), 2,
              {file_of("option-count"), "says it has 900 entries", "true count"});
}

TEST_F(Hostile, FilesThatAreNoLibrariesAreRefused) {
  const fs::path text = folder_.write("plugins/histokt-dataset-text.so", "not a library");
  const std::string whole = test::file_text(file_of("sound"));
  for (const double share : {0.01, 0.1, 0.5}) {
    SCOPED_TRACE(share);
    const fs::path cut =
        folder_.write("plugins/histokt-dataset-sound.so",
                      whole.substr(0, static_cast<std::size_t>(share * static_cast<double>(whole.size()))));
    const HostRun run =
        run_host("--plugins " + path("plugins") + " plugins describe dataset/sound", folder_.path());
    expect_told(run, 2, {cut.string(), "truncated", "copy or build it again"});
  }
  expect_told(run_host("--plugins " + path("plugins") + " plugins describe dataset/text", folder_.path()), 2,
              {text.string(), "not a shared library", "copy or build it again"});
}

TEST_F(Hostile, AModelOfAnotherLibtorchIsRefusedFieldByField) {
  expect_told(host("plugins describe other-libtorch"), 2,
              {"histokt-model-other-libtorch.so", "libtorch 0.4.1 where the host has", "rebuild it"});
}

TEST_F(Hostile, AFileNamedForAnotherKindIsRefused) {
  expect_told(standardize("misnamed"), 2,
              {"histokt-model-misnamed.so", "must be called histokt-dataset-misnamed.so"});
}

// Found while the plugin works: exit 1.
TEST_F(Hostile, WorkThatGoesWrongIsTold) {
  struct Case {
    const char* name;
    std::vector<std::string> parts;
  };
  const std::string opening = "opening " + folder_.path().string();
  for (const Case& c : {
           Case{"throws-in-listing", {"listing", "thrown in listing", "bug in the plugin"}},
           Case{"throws-an-int", {"listing", "not a std::exception", "bug in the plugin"}},
           Case{"silent-failure", {opening, "without giving a reason", "report it to its authors"}},
           Case{"nothing-made", {opening, "made no dataset", "report it to its authors"}},
           Case{"segv-in-create", {opening, "(SIGSEGV)", "plugins check"}},
           Case{"abort-in-create", {opening, "(SIGABRT)", "plugins check"}},
           Case{"overflow-in-create", {opening, "(SIGSEGV)", "plugins check"}},
           Case{"exit-in-create", {opening, "ended the program", "plugins check"}},
           Case{"crash-in-thread", {opening, "another thread crashed", "plugins check"}},
           Case{"crash-at-load", {"opening the file", "(SIGSEGV)", "plugins check"}},
       }) {
    SCOPED_TRACE(c.name);
    std::vector<std::string> parts = c.parts;
    parts.push_back(file_of(c.name));
    expect_told(standardize(c.name), 1, parts);
  }
  expect_told(standardize("unnamed-classes"), 1,
              {"dataset \"unnamed-classes\"", "does not name class 0", "bug in the plugin"});
  expect_told(standardize("label-outside"), 1, {"dataset \"label-outside\"", "label 2 is outside 0 .. 1"});
}

TEST_F(Hostile, ACrashInAReaderLeavesNothingUnderTheFinalName) {
  const HostRun run = standardize("crash-in-read");
  EXPECT_EQ(1, run.exit_code);
  EXPECT_TRUE(run.says(file_of("crash-in-read") + "), image ") && run.says("(SIGSEGV)")) << run.output;
  EXPECT_FALSE(fs::exists(folder_ / "out.h5"));
}

TEST_F(Hostile, AHangEndsWithCtrlC) {
  test::HostProcess process({"--plugins", kHostile.string(), "standardize", "--dataset", "hang-in-create",
                             "--root", folder_.path().string(), "--output", path("out.h5")},
                            folder_ / "output.txt", {{"XDG_CACHE_HOME", folder_.path().string()}});
  std::this_thread::sleep_for(std::chrono::seconds(2));
  ASSERT_TRUE(process.runs()) << process.output();
  const auto start = std::chrono::steady_clock::now();
  process.kill(SIGINT);
  EXPECT_EQ(130, process.wait()) << process.output();
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(3));
}

TEST_F(Hostile, AnInterruptionThatNobodyAskedForIsAFaultOfThePlugin) {
  const HostRun run = host("standardize --dataset says-interrupted --root " + folder_.path().string() +
                           " --output " + path("out.h5") + " --set split.allow_few_groups=true");
  EXPECT_EQ(1, run.exit_code) << run.output;
  EXPECT_TRUE(run.says("not requested")) << run.output;
}

TEST_F(Hostile, AFaultOfThePluginIsNotSkippedAsABadImage) {
  const HostRun run =
      host("standardize --dataset unknown-status --root " + folder_.path().string() + " --output " +
           path("out.h5") + " --set standardize.on_bad_image=skip --set split.allow_few_groups=true");
  EXPECT_EQ(1, run.exit_code) << run.output;
  EXPECT_TRUE(run.says("bug in the plugin")) << run.output;
  EXPECT_FALSE(std::filesystem::exists(folder_ / "out.h5"));
}

TEST_F(Hostile, WhatAPluginPrintsStaysOutOfTheAnswer) {
  const std::string command = "standardize --dataset prints --root " + folder_.path().string() +
                              " --output " + path("out.h5") + " --quiet --set split.allow_few_groups=true";
  const HostRun answer = host(command + " 2>/dev/null");
  EXPECT_EQ(0, answer.exit_code) << answer.output;
  EXPECT_FALSE(answer.says("printed by")) << answer.output;
  EXPECT_TRUE(answer.says("patches of 2 images")) << answer.output;
  const HostRun rest = host(command + " 2>&1 >/dev/null");
  EXPECT_TRUE(rest.says("printed by printf") && rest.says("printed by std::cout")) << rest.output;
}

TEST_F(Hostile, AnAnswerThatCannotBeWrittenIsAnError) {
  const HostRun run = host("plugins list > /dev/full");
  EXPECT_EQ(1, run.exit_code);
  EXPECT_TRUE(run.says("standard output cannot be written")) << run.output;
}

TEST_F(Hostile, PluginsAreListedWithTheirProblemsAndTheOthersAreUsable) {
  const HostRun run = host("plugins list --json 2>/dev/null");
  ASSERT_EQ(0, run.exit_code) << run.output;
  std::vector<std::string> usable, refused;
  const Json listed = Json::parse(run.output);
  for (const Json& plugin : listed.at("plugins")) {
    (plugin.at("usable").get<bool>() ? usable : refused)
        .push_back(fs::path(plugin.at("file").get<std::string>()).filename().string());
  }
  const auto has = [](const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), "histokt-" + name + ".so") != names.end();
  };
  EXPECT_TRUE(has(usable, "dataset-folder") && has(usable, "dataset-sound") && has(usable, "model-resnet18"));
  for (const char* name : {"dataset-no-note", "dataset-next-major", "dataset-next-minor",
                           "model-other-libtorch", "model-misnamed"}) {
    EXPECT_TRUE(has(refused, name)) << name;
  }
}

TEST_F(Hostile, PluginsDoNotDisturbAGoodDataset) {
  for (const char* name : {"a/1.png", "a/2.png", "b/1.png", "b/2.png"}) {
    fs::create_directories((folder_ / name).parent_path());
    fs::copy_file(kImage, folder_ / name);
  }
  const HostRun run =
      host("standardize --dataset folder --root " + folder_.path().string() + " --output " + path("out.h5") +
           " --set dataset.microns_per_pixel=0.62005 --set split.allow_few_groups=true");
  EXPECT_EQ(0, run.exit_code) << run.output;
  EXPECT_TRUE(run.says("patches of 4 images")) << run.output;
}

TEST_F(Hostile, OfTwoPluginsOfOneNameTheFirstIsTaken) {
  const std::string second = (kHostile / "second").string();
  const HostRun run = host("--plugins " + second + " plugins list");
  EXPECT_TRUE(run.says(second + "/histokt-dataset-sound.so: it is hidden by " + file_of("sound")))
      << run.output;
  const HostRun described = host("--plugins " + second + " plugins describe sound --json");
  ASSERT_EQ(0, described.exit_code) << described.output;
  EXPECT_EQ(file_of("sound"), Json::parse(described.output).at("file").get<std::string>());
}

TEST_F(Hostile, DescribingAPluginThatCrashesOrHangsIsTold) {
  expect_told(host("plugins describe crash-at-load"), 1,
              {file_of("crash-at-load"), "opening the file", "(SIGSEGV)"});
  expect_told(host("plugins describe hang-at-load --timeout 4"), 1,
              {file_of("hang-at-load"), "opening the file", "did not respond for 4 s"});
  expect_told(host("plugins describe duplicate-options"), 2, {file_of("duplicate-options"), "twice"});
}

// plugins check

TEST_F(Hostile, ACheckPassesASoundPlugin) {
  const HostRun run = check(file_of("sound"), root());
  EXPECT_EQ(0, run.exit_code) << run.output;
  EXPECT_TRUE(run.says(": sound")) << run.output;
  for (const char* name : {"note", "ABI", "opening with RTLD_NOW", "descriptor against note", "options",
                           "a missing root", "listing and labels", "an index past the end",
                           "the same bytes twice", "two readers at once", "output"}) {
    EXPECT_TRUE(run.says(std::string("pass      ") + name)) << name << "\n" << run.output;
  }
}

TEST_F(Hostile, ACheckPassesOurOwnPlugins) {
  for (const char* name :
       {"dataset-folder", "dataset-synthetic", "model-resnet18", "optimizer-adamp", "distiller-mean"}) {
    const HostRun run = check((kPlugins / (std::string("histokt-") + name + ".so")).string());
    EXPECT_EQ(0, run.exit_code) << run.output;
    EXPECT_FALSE(run.says("warning")) << run.output;
  }
}

TEST_F(Hostile, ACheckFindsEachFault) {
  struct Case {
    const char *name, *line;
  };
  for (const Case& c : {
           Case{"no-note", "fail      note"},
           Case{"next-minor", "fail      ABI"},
           Case{"missing-symbol", "fail      opening with RTLD_NOW"},
           Case{"crash-at-load", "crashed   opening with RTLD_NOW"},
           Case{"wrong-kind", "fail      descriptor against note"},
           Case{"default-outside", "fail      options"},
           Case{"segv-in-create", "crashed   a missing root"},
           Case{"exit-in-create", "crashed   a missing root"},
           Case{"silent-failure", "fail      a missing root"},
           Case{"hang-in-create", "timed out a missing root"},
           Case{"throws-in-listing", "fail      listing and labels"},
           Case{"label-outside", "fail      listing and labels"},
           Case{"forgiving", "fail      an index past the end"},
           Case{"other-bytes", "fail      the same bytes twice"},
           Case{"crash-in-read", "crashed   "},
       }) {
    const HostRun run =
        check(file_of(c.name),
              root() + (c.name == std::string("hang-in-create") ? " --timeout 4" : " --timeout 60"));
    EXPECT_EQ(1, run.exit_code) << c.name << "\n" << run.output;
    EXPECT_TRUE(run.says(c.line)) << c.name << ": " << c.line << "\nin: " << run.output;
    EXPECT_TRUE(run.says("faults found: ")) << run.output;
  }
}

TEST_F(Hostile, ACheckTellsOfWhatIsPrinted) {
  const HostRun run = check(file_of("prints"), root());
  EXPECT_EQ(0, run.exit_code) << "a warning is no fault" << run.output;
  EXPECT_TRUE(run.says("warning   output")) << run.output;
  EXPECT_TRUE(run.says("printed by printf")) << run.output;
}

TEST_F(Hostile, ACheckAnswersInJson) {
  const HostRun run = check(file_of("segv-in-create"), root() + " --json 2>/dev/null");
  EXPECT_EQ(1, run.exit_code);
  const Json json = Json::parse(run.output);
  EXPECT_EQ(file_of("segv-in-create"), json.at("file").get<std::string>());
  EXPECT_EQ(false, json.at("sound"));
  EXPECT_EQ("pass", json.at("checks").at(0).at("verdict"));
}

TEST_F(Hostile, ACheckRefusesAWrongRequest) {
  EXPECT_EQ(2, check("not-there.so").exit_code);
  EXPECT_EQ(2, check(file_of("sound"), "--root " + path("not-there")).exit_code);
  const HostRun run = check(file_of("sound"), root() + " --set dataset.sise=4");
  EXPECT_EQ(2, run.exit_code) << run.output;
  EXPECT_TRUE(run.says("Did you mean \"size\"?")) << run.output;
}

}  // namespace
}  // namespace histokt
