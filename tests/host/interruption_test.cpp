// SPDX-License-Identifier: MIT
// Ctrl-C ends within two seconds wherever the work is, reports what is kept, and exits with 130.
#include <gtest/gtest.h>

#include <chrono>

#include "host/tiny_experiment.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;
using test::eventually;
using test::HostProcess;

// Plugins that hang where HISTOKT_TEST_HANG says; everything else is as small as can be.
constexpr const char* kSlowExperiment = R"(
name = "slow"
trials = 1
[standardize]
patch_side = 48
[datasets.s]
use = "slow"
root = "images"
[recipes.baseline]
optimizer = { use = "slow", learning_rate = 0.01 }
epochs = 2
batch_size = 8
[matrix]
sources = ["s"]
targets = ["s"]
train = "baseline"
tune = "baseline"
)";

class Interruption : public test::TinyExperiment {
 protected:
  void SetUp() override {
    TinyExperiment::SetUp();
    folder_.write("slow.toml", kSlowExperiment);
    fs::create_directories(folder_ / "images");  // they are made up, but a dataset needs a root
  }
  std::vector<std::string> slow(const std::string& name) const {
    return {"--plugins", test::build_folder() / "tests/slow-plugins", path("slow.toml"), "--output",
            path(name)};
  }

  // Runs until `ready`, presses Ctrl-C, and checks how it ends; returns what it said.
  std::string interrupt(HostProcess& host, const std::function<bool()>& ready, int signal = SIGINT) const {
    EXPECT_TRUE(eventually([&] { return ready() || !host.runs(); })) << host.output();
    EXPECT_TRUE(host.runs()) << host.output();
    const auto pressed = steady_clock::now();
    host.kill(signal);
    EXPECT_EQ(130, host.wait()) << host.output();
    const std::chrono::duration<double> took = steady_clock::now() - pressed;
    EXPECT_LT(took.count(), 2.0) << host.output();
    EXPECT_TRUE(host.says("un the same command again")) << host.output();
    return host.output();
  }
};

// The program does not get control back in any of these.
TEST_F(Interruption, EndsInTwoSecondsWhereverAPluginHangs) {
  for (const std::string place : {"open", "read", "step", "epoch-end"}) {
    SCOPED_TRACE(place);
    const std::string mark = path("mark-" + place);
    HostProcess host(slow(place), path(place + ".txt"),
                     {{"HISTOKT_TEST_HANG", place}, {"HISTOKT_TEST_MARK", mark}});
    interrupt(host, [&] { return fs::exists(mark); });
    for (const std::string& file : leftovers(place)) EXPECT_FALSE(file.ends_with(".claim")) << file;
    const test::HostRun again = run(slow(place));
    EXPECT_EQ(0, again.exit_code) << again.output;
    EXPECT_EQ(place == "step" || place == "epoch-end", again.says("resumed after epoch 1")) << again.output;
    EXPECT_TRUE(leftovers(place).empty()) << leftovers(place).front();
    EXPECT_EQ(digests("open"), digests(place));
  }
}

TEST_F(Interruption, InTrainingKeepsTheLastFinishedEpoch) {
  ASSERT_EQ(0, run(words("calm", {"--set", "recipes.baseline.epochs=6"})).exit_code);
  const auto long_training = words("stopped", {"--set", "recipes.baseline.epochs=6"});
  const auto log_says = [&](const std::string& text) {
    std::error_code error;
    return fs::exists(folder_ / "stopped/log.txt", error) &&
           read_file(folder_ / "stopped/log.txt").find(text) != std::string::npos;
  };
  // On a machine with too much to do the last epoch may not be written within the second that is given.
  test::HostRun rest;
  for (int attempt = 0; attempt < 3 && !rest.says("resumed after epoch"); ++attempt) {
    fs::remove_all(folder_ / "stopped");
    HostProcess host(long_training, path("first" + std::to_string(attempt) + ".txt"));
    interrupt(
        host, [&] { return log_says("epoch 2/6"); }, SIGTERM);
    rest = run(long_training);
    ASSERT_EQ(0, rest.exit_code) << rest.output;
  }
  EXPECT_TRUE(rest.says("resumed after epoch")) << rest.output;
  EXPECT_EQ(digests("calm"), digests("stopped"));
}

TEST_F(Interruption, OfAVerbSaysThatNothingIsKeptAndLeavesNoFile) {
  const std::string mark = path("mark");
  HostProcess host(
      {"--plugins", test::build_folder() / "tests/slow-plugins", "standardize", "--dataset", "slow", "--root",
       path("images"), "--output", path("slow.h5"), "--set", "standardize.patch_side=48"},
      path("verb.txt"), {{"HISTOKT_TEST_HANG", "read"}, {"HISTOKT_TEST_MARK", mark}});
  EXPECT_NE(std::string::npos,
            interrupt(host, [&] { return fs::exists(mark); }).find("nothing of it is kept"));
  EXPECT_FALSE(fs::exists(folder_ / "slow.h5"));
}

// `timeout -s INT` signals the process and its group, so that it comes twice at once.
TEST_F(Interruption, TwoSignalsAtOnceAreOneWish) {
  const std::string mark = path("mark");
  HostProcess host(slow("twice"), path("twice.txt"),
                   {{"HISTOKT_TEST_HANG", "step"}, {"HISTOKT_TEST_MARK", mark}});
  ASSERT_TRUE(eventually([&] { return fs::exists(mark); })) << host.output();
  host.kill(SIGINT);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  host.kill(SIGINT);
  EXPECT_EQ(130, host.wait());
  EXPECT_TRUE(host.says("run the same command again")) << host.output();
}

TEST_F(Interruption, TheSecondCtrlCEndsAtOnce) {
  const std::string mark = path("mark");
  HostProcess host(slow("again"), path("again.txt"),
                   {{"HISTOKT_TEST_HANG", "step"}, {"HISTOKT_TEST_MARK", mark}});
  ASSERT_TRUE(eventually([&] { return fs::exists(mark); })) << host.output();
  host.kill(SIGINT);
  std::this_thread::sleep_for(std::chrono::milliseconds(450));
  const auto pressed = steady_clock::now();
  host.kill(SIGINT);
  EXPECT_EQ(130, host.wait());
  EXPECT_LT(steady_clock::now() - pressed,
            std::chrono::milliseconds(700));  // the first would take a second more
}

}  // namespace
}  // namespace histokt
