// SPDX-License-Identifier: MIT
// The progress shown while an experiment runs, on a terminal and without one; the curves for TensorBoard; the
// estimates of a dry run.
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <sstream>
#include <thread>

#include "host/tiny_experiment.hpp"
#include "support/event_reader.hpp"
#include "support/resnet18_file.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;
using test::HostRun;

constexpr const char* kNewLine = "\r\033[K";

// A terminal that remembers what is written to it.
class Terminal {
 public:
  explicit Terminal(unsigned short columns, const char* kind = "xterm")
      : master_(posix_openpt(O_RDWR | O_NOCTTY)) {
    setenv("TERM", kind, 1);
    if (master_ < 0 || grantpt(master_) != 0 || unlockpt(master_) != 0) return;
    name_ = ptsname(master_);
    const winsize size{50, columns, 0, 0};
    ioctl(master_, TIOCSWINSZ, &size);
    held_ = ::open(name_.c_str(), O_RDWR | O_NOCTTY);
  }
  ~Terminal() { ::close(master_); }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  bool works() const { return held_ >= 0; }

  // What the program wrote to it as its standard error.
  std::string run(const std::string& arguments) {
    std::string text;
    std::thread reader([&] {
      char block[4096];
      for (ssize_t n; (n = ::read(master_, block, sizeof block)) > 0;)
        text.append(block, static_cast<std::size_t>(n));
    });
    const HostRun host = test::run_host(arguments + " 2>" + name_ + " >/dev/null");
    ::close(held_);  // the last one: the reader comes to the end
    reader.join();
    EXPECT_EQ(host.exit_code, 0) << text;
    return text;
  }

 private:
  int master_, held_ = -1;
  std::string name_;
};

// What stood in the live line, one after the other.
std::vector<std::string> live_lines(const std::string& shown) {
  std::vector<std::string> lines;
  const std::string mark = kNewLine;
  for (std::size_t at = shown.find(mark); at != std::string::npos;) {
    const std::size_t begin = at + mark.size();
    at = shown.find(mark, begin);
    const std::string line = shown.substr(begin, std::min(at, shown.find_first_of("\r\n", begin)) - begin);
    if (line.find("epoch ") != std::string::npos && line.find("left, ") != std::string::npos)
      lines.push_back(line);
  }
  return lines;
}

std::string line_of(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += " '" + word + "'";
  return line;
}

class WhatAPersonSees : public test::TinyExperiment {
 protected:
  // One training and what it needs.
  std::vector<std::string> one_training(const std::string& name, std::vector<std::string> more = {}) const {
    more.insert(more.end(), {"--step", "train-a-baseline-trial1"});
    return words(name, more);
  }
  std::string log(const std::string& name) const { return read_file(folder_ / name / "log.txt"); }
};

TEST_F(WhatAPersonSees, OnATerminalIsALineOfStepEpochTimeLeftAndCurves) {
  Terminal terminal(200);
  ASSERT_TRUE(terminal.works()) << "this test needs pseudo-terminals (/dev/ptmx, /dev/pts)";
  const std::string shown = terminal.run(line_of(one_training("out")));
  const std::vector<std::string> lines = live_lines(shown);
  ASSERT_FALSE(lines.empty()) << shown;
  EXPECT_TRUE(lines.front().starts_with("[3/3] a-baseline-trial1: epoch 1/2")) << lines.front();
  EXPECT_EQ(lines.front().find(", valid"), std::string::npos) << lines.front();
  for (const char* part : {"epoch 2/2", "left, loss ", "accuracy ", ", valid ", " patches/s, waiting "}) {
    EXPECT_NE(lines.back().find(part), std::string::npos) << part << " in " << lines.back();
  }
}

TEST_F(WhatAPersonSees, TellsHowFarTheFeaturesOfViewsAre) {
  Terminal terminal(200);
  ASSERT_TRUE(terminal.works()) << "this test needs pseudo-terminals (/dev/ptmx, /dev/pts)";
  const std::string shown = terminal.run(line_of(words(
      "out", {"--set", "distill=[]", "--set", "recipes.deep.layers=head", "--set", "recipes.deep.views=3"})));
  EXPECT_NE(shown.find("] a-to-b-deep-trial1: features "), std::string::npos) << shown;
  EXPECT_NE(shown.find(" patches, 0 s left"), std::string::npos) << shown;
}

TEST_F(WhatAPersonSees, OfATestIsHowManyPatchesAreDone) {
  const HostRun made = test::run_host(
      "standardize --dataset synthetic --output " + path("set.h5") +
      " --set dataset.patients=2 --set dataset.images_per_patient=1 --set standardize.patch_side=32 --set "
      "'split.shares=[1.0,0.0,0.0]' --set split.protocol=paper");
  ASSERT_EQ(made.exit_code, 0) << made.output;
  TensorFile network = test::resnet18_file(5);
  network.metadata = {{"model", "resnet18"}};
  write_safetensors(folder_ / "net.safetensors", network);
  const std::string words = "evaluate --checkpoint " + path("net.safetensors") + " --patches " +
                            path("set.h5") + " --split train --threads 1";
  Terminal terminal(200), quiet(200);
  ASSERT_TRUE(terminal.works() && quiet.works()) << "this test needs pseudo-terminals (/dev/ptmx, /dev/pts)";
  const std::string shown = terminal.run(words);
  EXPECT_NE(shown.find("evaluating synthetic ["), std::string::npos) << shown;
  EXPECT_EQ(shown.find("evaluating synthetic:"), std::string::npos) << "nothing is left: " << shown;
  EXPECT_EQ(quiet.run(words + " --quiet"), "");
  EXPECT_EQ(test::run_host(words).output.find("evaluating"), std::string::npos);
}

TEST_F(WhatAPersonSees, FitsInANarrowTerminalWithoutColour) {
  Terminal terminal(60);
  ASSERT_TRUE(terminal.works()) << "this test needs pseudo-terminals (/dev/ptmx, /dev/pts)";
  const std::string shown = terminal.run(line_of(one_training("out")));
  const std::vector<std::string> lines = live_lines(shown);
  ASSERT_FALSE(lines.empty()) << shown;
  for (const std::string& line : lines) EXPECT_LT(line.size(), 60u) << line;
  for (std::size_t at = 0; (at = shown.find('\033', at)) != std::string::npos; ++at) {
    EXPECT_EQ(shown.substr(at, 3), "\033[K");
  }
}

TEST_F(WhatAPersonSees, HasNoEscapeSequencesOnADumbTerminal) {
  Terminal terminal(200, "dumb");
  ASSERT_TRUE(terminal.works()) << "this test needs pseudo-terminals (/dev/ptmx, /dev/pts)";
  const std::string shown = terminal.run(line_of(one_training("out")));
  EXPECT_EQ(shown.find('\033'), std::string::npos) << shown;
  EXPECT_NE(shown.find("a-baseline-trial1"), std::string::npos) << shown;
}

TEST_F(WhatAPersonSees, IsNothingWithQuiet) {
  Terminal terminal(200);
  ASSERT_TRUE(terminal.works()) << "this test needs pseudo-terminals (/dev/ptmx, /dev/pts)";
  const std::string shown = terminal.run(line_of(one_training("out", {"--quiet"})));
  EXPECT_EQ(shown.find('\033'), std::string::npos) << shown;
  EXPECT_EQ(shown.find("epoch"), std::string::npos) << shown;
  EXPECT_NE(log("out").find("epoch 2/2: loss "), std::string::npos);
}

TEST_F(WhatAPersonSees, WithoutATerminalIsPlainTextAndTheLogHasEveryEpoch) {
  const HostRun host = run(one_training("out"));
  ASSERT_EQ(host.exit_code, 0) << host.output;
  EXPECT_EQ(host.output.find_first_of("\r\033"), std::string::npos) << host.output;
  for (const char* line : {"a-baseline-trial1: epoch 1/2: loss ", "a-baseline-trial1: epoch 2/2: loss "}) {
    EXPECT_NE(log("out").find(line), std::string::npos) << line;
  }
}

using EventFiles = WhatAPersonSees;

std::vector<fs::path> event_files(const fs::path& folder) {
  std::vector<fs::path> files;
  if (!fs::exists(folder)) return files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  return files;
}

TEST_F(EventFiles, OfAFinishedExperimentAreMadeWithoutTraining) {
  ASSERT_EQ(run(one_training("out")).exit_code, 0);
  EXPECT_TRUE(event_files(folder_ / "out/tensorboard").empty());
  const HostRun again = run(one_training("out", {"--set", "tensorboard=true"}));
  ASSERT_EQ(again.exit_code, 0) << again.output;
  EXPECT_TRUE(again.says("Nothing to do")) << again.output;

  const std::vector<fs::path> files = event_files(folder_ / "out/tensorboard");
  ASSERT_EQ(files.size(), 1u);
  EXPECT_EQ(files[0].parent_path().filename(), "a-baseline-trial1");
  EXPECT_TRUE(files[0].filename().string().starts_with("events.out.tfevents."));
  const auto events = test::read_events(read_file(files[0]));
  ASSERT_EQ(events.size(), 3u);  // the version, two epochs

  std::istringstream metrics(read_file(steps("out").at("train a-baseline-trial1") / "metrics.csv"));
  std::string line, cell;
  std::getline(metrics, line);
  ASSERT_EQ(
      line,
      "epoch,train_loss,train_accuracy,valid_loss,valid_accuracy,learning_rate,seconds,selection_score");
  for (std::int64_t epoch : {1, 2}) {
    const test::ReadEvent& event = events.at(static_cast<std::size_t>(epoch));
    std::getline(metrics, line);
    std::istringstream cells(line);
    std::getline(cells, cell, ',');
    EXPECT_EQ(event.step, epoch);
    for (const char* tag : {"loss/train", "accuracy/train", "loss/valid", "accuracy/valid", "learning_rate",
                            "seconds", "selection_score"}) {
      std::getline(cells, cell, ',');
      EXPECT_EQ(event.scalars.at(tag), static_cast<float>(std::stod(cell))) << tag;
    }
    EXPECT_GT(event.scalars.at("patches_per_second"), 0);
  }
  EXPECT_GT(events[2].wall_time, events[1].wall_time);
}

TEST_F(EventFiles, OfAChangedTrainingReplaceThoseOfItsLabel) {
  ASSERT_EQ(run(one_training("out", {"--set", "tensorboard=true"})).exit_code, 0);
  const std::vector<fs::path> before = event_files(folder_ / "out/tensorboard");
  ASSERT_EQ(run(one_training("out", {"--set", "tensorboard=true", "--set", "seed=4"})).exit_code, 0);
  const std::vector<fs::path> after = event_files(folder_ / "out/tensorboard");
  ASSERT_EQ(before.size(), 1u);
  ASSERT_EQ(after.size(), 1u);
  EXPECT_NE(before, after);
}

using Estimate = WhatAPersonSees;

TEST_F(Estimate, OfAFreshExperimentGoesBySomeOfItsImages) {
  const HostRun fresh = run(words("out", {"--dry-run", "--estimate"}));
  ASSERT_EQ(fresh.exit_code, 0) << fresh.output;
  // 12 images of 48 micrometres are a patch of 48, or some of 32: as standardising will have it.
  ASSERT_EQ(run(words("out", {"--step", "split-a"})).exit_code, 0);
  const auto steps = this->steps("out");
  const nlohmann::json made = json_of(steps.at("standardize a") / "step.json").at("result").at("summary");
  EXPECT_TRUE(fresh.says("a: about " + std::to_string(made.at("patches").get<int>()) +
                         " patches of 32 x 32, estimated from 12 of its 12 images; "))
      << fresh.output;
  EXPECT_TRUE(fresh.says("recipe baseline, patches of 32 x 32: 2 trainings of 2 epochs at ")) << fresh.output;
  EXPECT_TRUE(fresh.says("for 4 of 4 trainings, one after the other.")) << fresh.output;
  EXPECT_TRUE(fresh.says("Disk: checkpoints take at most ")) << fresh.output;
  EXPECT_TRUE(fresh.says("2 patch sets are not made yet, of about ")) << fresh.output;
  EXPECT_TRUE(fresh.says("Assumptions: ")) << fresh.output;

  const HostRun counted = run(words("out", {"--dry-run", "--estimate"}));
  EXPECT_FALSE(counted.says("a: about ")) << counted.output;
  EXPECT_TRUE(counted.says("b: about ")) << counted.output;
  EXPECT_TRUE(leftovers("out").empty());
}

TEST_F(Estimate, SaysWhatIsNotKnownBeforePatchesAreCounted) {
  folder_.write("split.csv", "id,split\n");
  const HostRun host =
      run(words("out", {"--dry-run", "--estimate", "--set", "datasets.a.split_file=split.csv"}));
  ASSERT_EQ(host.exit_code, 0) << host.output;
  EXPECT_TRUE(
      host.says("1 training on a: not known before its patches are counted; --step split-a does "
                "only that"))
      << host.output;
  EXPECT_TRUE(host.says("for 3 of 4 trainings")) << host.output;
}

// A rate each: two baselines, a and b tuned on b, svd and its random directions; a alone may be a itself.
TEST_F(Estimate, LeavesOutOfItsSumsWhatMayNotRun) {
  const HostRun host =
      run(words("out", {"--dry-run", "--estimate", "--set",
                        "distill=[{sources=[\"a\",\"b\"],distiller=\"svd\",target=\"b\",tune=\"deep\","
                        "orders=\"as-written\"}]"}));
  ASSERT_EQ(host.exit_code, 0) << host.output;
  EXPECT_TRUE(host.says("recipe deep, patches of 32 x 32: 4 trainings of 1 epoch at ")) << host.output;
  EXPECT_TRUE(host.says("for 6 of 6 trainings, one after the other.")) << host.output;
  EXPECT_TRUE(host.says("more for 1 training from a first source alone")) << host.output;
}

TEST_F(Estimate, IsRefusedWhereItWouldRun) {
  const HostRun host = run(words("out", {"--estimate"}));
  EXPECT_EQ(host.exit_code, 2);
  EXPECT_TRUE(host.says("--estimate requires --dry-run")) << host.output;
}

}  // namespace
}  // namespace histokt
