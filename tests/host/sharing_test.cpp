// SPDX-License-Identifier: MIT
// Two processes on one experiment share its steps; claims of dead processes are taken over, those of others
// respected.
#include <gtest/gtest.h>

#include <chrono>

#include "host/tiny_experiment.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;
using test::eventually;
using test::HostProcess;
using test::HostRun;

class Sharing : public test::TinyExperiment {
 protected:
  std::string log(const std::string& name) const {
    const fs::path file = folder_ / name / "log.txt";
    return fs::exists(file) ? read_file(file) : "";
  }

  // How often each step ran, by the log that all processes write.
  std::map<std::string, int> runs_of_steps(const std::string& name) const {
    std::map<std::string, int> counts;
    const std::string text = log(name);
    for (const auto& [step, folder] : steps(name)) {
      for (std::size_t at = 0; (at = text.find("] " + step + " done in ", at)) != std::string::npos; ++at)
        ++counts[step];
    }
    return counts;
  }

  // A claim on the first step, by a process that is not there.
  void forge_claim(const std::string& owner, std::chrono::seconds age) const {
    const std::string step = steps("calm").at("standardize a").filename().string();
    const fs::path file = folder_.write("shared/steps/" + step + ".claim", owner);
    fs::last_write_time(file, fs::file_time_type::clock::now() - age);
  }
};

constexpr const char* kElsewhere =
    R"({"host": "elsewhere", "boot_id": "b", "process": 1, "process_start": 1})";

TEST_F(Sharing, TwoProcessesRunEachStepOnceAndBothEndWithTheWholeResult) {
  // Long enough that neither has done all before the other began.
  file_ = folder_.write("tiny.toml", test::tiny_experiment_of_resnet18());
  ASSERT_EQ(0, run(words("calm")).exit_code);
  HostProcess first(words("shared"), path("first.txt")), second(words("shared"), path("second.txt"));
  EXPECT_EQ(0, first.wait()) << first.output();
  EXPECT_EQ(0, second.wait()) << second.output();
  EXPECT_EQ(digests("calm"), digests("shared"));
  EXPECT_TRUE(leftovers("shared").empty()) << leftovers("shared").front();
  for (const auto& [step, times] : runs_of_steps("shared")) EXPECT_EQ(1, times) << step;
  EXPECT_EQ(steps("shared").size(), runs_of_steps("shared").size());
  for (HostProcess* host : {&first, &second}) {
    EXPECT_TRUE(host->says("Target b:")) << "both print the table\n" << host->output();
    EXPECT_TRUE(host->says("] train ") || host->says("] standardize ")) << "both have work\n"
                                                                        << host->output();
    EXPECT_NE(std::string::npos, log("shared").find("process " + std::to_string(host->id()) + " on "));
  }
}

TEST_F(Sharing, AClaimOfAKilledProcessIsTakenOverAtOnce) {
  {
    HostProcess host(words("shared"), path("killed.txt"));
    ASSERT_TRUE(eventually([&] { return host.says("standardize a ..."); })) << host.output();
    host.kill(SIGKILL);
    const auto start = std::chrono::steady_clock::now();
    const HostRun rest = run(words("shared"));  // the killed one has not even been waited for
    EXPECT_EQ(0, rest.exit_code) << rest.output;
    EXPECT_FALSE(rest.says("waiting for")) << rest.output;
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(60));
  }
  EXPECT_TRUE(leftovers("shared").empty()) << leftovers("shared").front();
}

TEST_F(Sharing, AClaimOfAnotherHostIsRespectedAndSaidForWhom) {
  ASSERT_EQ(0, run(words("calm")).exit_code);
  forge_claim(kElsewhere, std::chrono::seconds(60));
  HostProcess host(words("shared"), path("waiting.txt"));
  ASSERT_TRUE(eventually([&] { return host.says("waiting for"); })) << host.output();
  EXPECT_TRUE(host.says("standardize a, which process 1 on elsewhere works on")) << host.output();
  EXPECT_TRUE(host.says("split b done")) << "what can be done is done first\n" << host.output();
  host.kill(SIGINT);
  EXPECT_EQ(130, host.wait());
  EXPECT_TRUE(host.says("run the same command again")) << host.output();
}

TEST_F(Sharing, AClaimOfAnotherHostWithoutHeartbeatIsTakenOver) {
  ASSERT_EQ(0, run(words("calm")).exit_code);
  forge_claim(kElsewhere, std::chrono::seconds(130));
  const HostRun taken = run(words("shared"));
  EXPECT_EQ(0, taken.exit_code) << taken.output;
  EXPECT_EQ(digests("calm"), digests("shared"));
}

TEST_F(Sharing, AProcessThatLostItsClaimPublishesNothing) {
  HostProcess host(words("shared", {"--set", "recipes.baseline.epochs=8"}), path("lost.txt"));
  fs::path claim;
  ASSERT_TRUE(eventually([&] {
    std::error_code error;
    for (fs::directory_iterator at(folder_ / "shared/steps", error), end; !error && at != end;
         at.increment(error)) {
      const std::string name = at->path().filename().string();
      if (name.starts_with("train") && name.ends_with(".claim")) claim = at->path();
    }
    return !claim.empty();
  })) << host.output();
  write_file_atomically(claim, kElsewhere);
  EXPECT_EQ(1, host.wait());
  EXPECT_TRUE(host.says("process 1 on elsewhere took it over")) << host.output();
  EXPECT_FALSE(fs::exists(fs::path(claim).replace_extension())) << "the step was published";
  EXPECT_TRUE(fs::exists(claim)) << "the other's claim is not ours to give back";
}

}  // namespace
}  // namespace histokt
