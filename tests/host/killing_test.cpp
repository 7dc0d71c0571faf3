// SPDX-License-Identifier: MIT
// kill -9 at any moment: the same command continues, and its results have the same bits.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <random>
#include <set>

#include "host/tiny_experiment.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;
using test::eventually;
using test::HostProcess;

using Killing = test::TinyExperiment;
using Leftovers = std::vector<std::string>;

// HISTOKT_TEST_SEED repeats the moments of a failure.
unsigned seed() {
  if (const char* text = std::getenv("HISTOKT_TEST_SEED")) return static_cast<unsigned>(std::atol(text));
  return std::random_device()();
}

// How often a run has begun in that output folder.
std::size_t begun(const fs::path& output) {
  const std::string text = fs::exists(output / "log.txt") ? read_file(output / "log.txt") : "";
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find("======== run of", at)) != std::string::npos; ++at) ++count;
  return count;
}

// The kinds of the steps that have been begun and not finished.
std::set<std::string> unfinished_kinds(const fs::path& output) {
  std::set<std::string> kinds;
  std::error_code none_yet;
  for (const auto& entry : fs::directory_iterator(output / "steps", none_yet)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".partial")) kinds.insert(name.substr(0, name.find('-')));
  }
  return kinds;
}

TEST_F(Killing, AtTwentyRandomMomentsChangesNoBit) {
  const unsigned moments = seed();
  SCOPED_TRACE("HISTOKT_TEST_SEED=" + std::to_string(moments));
  std::mt19937 random(moments);
  const auto now = std::chrono::steady_clock::now;
  std::chrono::duration<double> work{};  // how long a run works, its start aside
  {
    HostProcess host(words("calm"), path("output.txt"));
    ASSERT_TRUE(eventually([&] { return begun(folder_ / "calm") == 1; }));
    const auto start = now();
    ASSERT_EQ(0, host.wait()) << host.output();
    work = now() - start;
  }
  const auto expected = digests("calm");

  // Every other kill comes at any moment, which is most often in training; the rest wait for a step of one
  // kind. A run that ends before its time comes makes room for another one.
  const std::vector<std::string> aims = {"standardize", "distill", "evaluate", "train", "split"};
  std::uniform_real_distribution<double> share(0, 0.5);
  std::uniform_int_distribution<int> shortly(0, 30);
  std::set<std::string> kinds;
  int kills = 0, rounds = 0;
  const auto folder = [&] { return "round" + std::to_string(rounds); };
  while (kills < 20) {
    const std::size_t before = begun(folder_ / folder());
    HostProcess host(words(folder()), path("output.txt"));
    eventually([&] { return begun(folder_ / folder()) > before || !host.runs(); });
    std::chrono::milliseconds delay(shortly(random));
    if (kills % 2 == 0) {
      delay = std::chrono::duration_cast<std::chrono::milliseconds>(work * share(random));
    } else {
      const std::string& aim = aims[static_cast<std::size_t>(kills / 2) % aims.size()];
      eventually([&] { return unfinished_kinds(folder_ / folder()).contains(aim) || !host.runs(); });
    }
    eventually([&] { return !host.runs(); }, delay);
    host.kill(SIGKILL);
    const int exit_code = host.wait();
    if (exit_code == 128 + SIGKILL) {
      ++kills;
      kinds.merge(unfinished_kinds(folder_ / folder()));
      continue;
    }
    ASSERT_EQ(0, exit_code) << host.output();
    EXPECT_EQ(expected, digests(folder())) << "round " << rounds;
    EXPECT_EQ(Leftovers(), leftovers(folder())) << "round " << rounds;
    ++rounds;
  }
  const test::HostRun last = run(words(folder()));
  ASSERT_EQ(0, last.exit_code) << last.output;
  EXPECT_EQ(expected, digests(folder())) << "round " << rounds;
  EXPECT_EQ(Leftovers(), leftovers(folder())) << "round " << rounds;
  EXPECT_GE(kinds.size(), 3u) << "the kills hit steps of few kinds";
}

// The file of that name as it is being written, if it is there now.
bool is_being_written(const fs::path& below, const std::string& name) {
  std::error_code error;
  for (fs::recursive_directory_iterator at(below, error), end; !error && at != end; at.increment(error)) {
    const std::string file = at->path().filename().string();
    if (file.starts_with(name + ".") && file.ends_with(".partial")) return true;
  }
  return false;
}

TEST_F(Killing, WhileAFileIsWrittenLeavesNoneThatLooksWhole) {
  ASSERT_EQ(0, run(words("calm")).exit_code);
  for (const std::string name : {"patches.h5", "checkpoint.safetensors"}) {
    // A file may be written too fast to be met; then the experiment begins anew.
    int exit_code = 0;
    for (int attempt = 0; attempt < 5 && exit_code == 0; ++attempt) {
      fs::remove_all(folder_ / "killed");
      HostProcess host(words("killed"), path("output.txt"));
      eventually([&] { return is_being_written(folder_ / "killed", name) || !host.runs(); });
      host.kill(SIGKILL);
      exit_code = host.wait();
    }
    ASSERT_EQ(128 + SIGKILL, exit_code) << name << " was never seen while it was written";
    for (const auto& entry : fs::recursive_directory_iterator(folder_ / "killed/steps")) {
      if (entry.path().filename() != name) continue;
      EXPECT_TRUE(fs::exists(entry.path().parent_path() / "step.json"))
          << entry.path() << " has its final name, though its step was not finished";
    }
  }
  const test::HostRun last = run(words("killed"));
  ASSERT_EQ(0, last.exit_code) << last.output;
  EXPECT_EQ(digests("calm"), digests("killed"));
  EXPECT_EQ(Leftovers(), leftovers("killed"));
}

TEST_F(Killing, WhileAResumePointIsWrittenKeepsTheOneBefore) {
  const std::vector<std::string> longer = {"--set", "recipes.baseline.epochs=6"};
  ASSERT_EQ(0, run(words("calm", longer)).exit_code);
  // The first interruption leaves a point; then one is killed while it writes the next. A point may be
  // written too fast to be met; then another one is waited for.
  const auto interrupt = [&](bool kill_too, const std::string& output) {
    HostProcess host(words("killed", longer), path(output));
    const auto epochs = [&] {
      const fs::path log = folder_ / "killed/log.txt";
      const std::string text = fs::exists(log) ? read_file(log) : "";
      std::size_t count = 0;
      for (std::size_t at = 0; (at = text.find("a-baseline-trial1: epoch", at)) != std::string::npos; ++at)
        ++count;
      return count;
    };
    const std::size_t before = epochs();
    EXPECT_TRUE(eventually([&] { return epochs() > before || !host.runs(); })) << host.output();
    host.kill(SIGINT);
    if (kill_too) {
      eventually([&] { return is_being_written(folder_ / "killed", "resume.safetensors") || !host.runs(); });
      host.kill(SIGKILL);
    }
    return host.wait();
  };
  int exit_code = 0;
  for (int attempt = 0; attempt < 4 && exit_code != 128 + SIGKILL; ++attempt) {
    fs::remove_all(folder_ / "killed");
    const std::string number = std::to_string(attempt);
    ASSERT_EQ(130, interrupt(false, "first" + number + ".txt"));
    exit_code = interrupt(true, "second" + number + ".txt");
  }
  ASSERT_EQ(128 + SIGKILL, exit_code) << "no resume point was met while it was written";
  const test::HostRun last = run(words("killed", longer));
  ASSERT_EQ(0, last.exit_code) << last.output;
  EXPECT_TRUE(last.says("resumed after epoch")) << last.output;
  EXPECT_EQ(digests("calm"), digests("killed"));
  EXPECT_EQ(Leftovers(), leftovers("killed"));
}

}  // namespace
}  // namespace histokt
