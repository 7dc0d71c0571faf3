// SPDX-License-Identifier: MIT
// A disk that is full, read-only or gone: one sentence that names the file and the remedy, exit 1, and
// nothing half written that looks whole. File systems of the tests' own are mounted in a mount namespace of
// the command, which needs root; where that is not permitted the limit of `ulimit -f` stands in for a full
// disk, and the rest is said to be skipped.
#include <gtest/gtest.h>

#include <iostream>

#include "host/tiny_experiment.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;
using test::HostRun;
using test::run_shell;

constexpr const char* kNeedsMounts =
    "this test mounts file systems of its own: run it as root, or where user namespaces may mount";

bool may_mount() {
  static const bool may = run_shell(
                              "unshare -m sh -c 'd=$(mktemp -d) && mount -t tmpfs none $d && umount $d; "
                              "e=$?; rmdir $d; exit $e'")
                              .exit_code == 0;
  return may;
}

class Disk : public test::TinyExperiment {
 protected:
  void SetUp() override {
    // Networks that are large enough to fill a disk.
    file_ = folder_.write("tiny.toml", test::tiny_experiment_of_resnet18());
    fs::create_directories(folder_ / "disk");
  }

  std::string host(const std::string& output) const {
    std::string line = "'" + test::host_program().string() + "'";
    for (const std::string& word : words(output)) line += " '" + word + "'";
    return line;
  }
  // Runs a script in the test's folder.
  HostRun scripted(const std::string& script, const std::string& shell = "sh") const {
    const fs::path file = folder_.write("script.sh", "cd '" + folder_.path().string() + "'\n" + script);
    return run_shell(shell + " '" + file.string() + "'");
  }
  // The same; its mounts are seen by nobody else and end with it.
  HostRun mounted(const std::string& script) const { return scripted(script, "unshare -m sh"); }
};

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++found;
  return found;
}

void expect_one_sentence(const std::string& output, const std::string& reason, const std::string& remedy) {
  EXPECT_EQ(1u, count(output, "histokt-host: ")) << output;
  EXPECT_TRUE(output.find(reason) != std::string::npos) << reason << "\n" << output;
  EXPECT_TRUE(output.find(remedy) != std::string::npos) << remedy << "\n" << output;
  for (const char* word : {"terminate", "Abort", "Segmentation", "HDF5-DIAG", "infinite loop"}) {
    EXPECT_EQ(0u, count(output, word)) << output;
  }
}

// The disk grows a little each time, so that it is full in another step: each run ends with a sentence, and
// the last one finds nothing that only looks whole.
TEST_F(Disk, FullInEveryStepEndsWithASentenceAndLeavesNothingHalf) {
  ASSERT_EQ(0, run(words("calm")).exit_code);
  const bool mount = may_mount();
  if (!mount) std::cout << "mounting is not permitted here: ulimit -f stands in for a full disk\n";
  std::string script = mount ? "mount -t tmpfs -o size=16k none disk\n" : "";
  // KiB: of the disk, or (in units of 512 bytes) of a file.
  const std::vector<int> sizes = mount ? std::vector<int>{16, 90, 200, 6000, 60000, 100000, 150000, 200000}
                                       : std::vector<int>{8, 40, 6000};
  for (int size : sizes) {
    const std::string run = "timeout 60 " + host("disk/out") + " > run.txt 2>&1";
    script += mount ? "mount -o remount,size=" + std::to_string(size) + "k disk\n" + run
                    : "(ulimit -f " + std::to_string(2 * size) + "; " + run + ")";
    script += "\necho \"size " + std::to_string(size) + " exit $?\" && cat run.txt && echo END\n";
  }
  script += std::string(mount ? "mount -o remount,size=2g disk\n" : "") + host("disk/out") +
            " > last.txt 2>&1; echo \"last exit $?\"; cat last.txt; cp -r disk/out copy\n";
  const HostRun all = mount ? mounted(script) : scripted(script);
  std::size_t failures = 0;
  for (int size : sizes) {
    const std::string begin = "size " + std::to_string(size) + " exit ";
    const std::size_t at = all.output.find(begin);
    ASSERT_NE(std::string::npos, at) << all.output;
    const std::string part = all.output.substr(at, all.output.find("END", at) - at);
    if (part.starts_with(begin + "0")) continue;
    ++failures;
    SCOPED_TRACE(part);
    EXPECT_TRUE(part.starts_with(begin + "1"));
    expect_one_sentence(part, mount ? "No space left on device" : "File too large",
                        mount ? "Free some space there" : "ulimit -f");
  }
  EXPECT_GE(failures, mount ? 5u : 3u) << "the sizes do not fit the experiment any more\n" << all.output;
  ASSERT_TRUE(all.says("last exit 0")) << all.output;
  // Folders in result.json lead into the disk, which is gone.
  std::map<std::string, std::string> digests_there;
  for (const auto& entry : fs::directory_iterator(folder_ / "copy/steps")) {
    EXPECT_TRUE(fs::exists(entry.path() / "step.json")) << entry.path();
    const nlohmann::json record = json_of(entry.path() / "step.json");
    for (const auto& [name, output] : record.at("result").at("outputs").items()) {
      const std::string folder = entry.path().filename().string();
      digests_there[folder + " " + name] = output.at("digest");
    }
  }
  std::map<std::string, std::string> expected;
  for (const auto& [step, folder] : steps("calm")) {
    const nlohmann::json record = json_of(folder / "step.json");
    for (const auto& [name, output] : record.at("result").at("outputs").items()) {
      expected[folder.filename().string() + " " + name] = output.at("digest");
    }
  }
  EXPECT_FALSE(expected.empty());
  EXPECT_EQ(expected, digests_there);
}

TEST_F(Disk, ThatIsFullForAVerbEndsWithASentence) {
  ASSERT_TRUE(may_mount()) << kNeedsMounts;
  for (const int size : {8, 60, 120, 300}) {
    const HostRun run = mounted(
        "mount -t tmpfs -o size=" + std::to_string(size) + "k none disk\n'" + test::host_program().string() +
        "' standardize --dataset synthetic --output disk/out.h5 --set "
        "'dataset.classes=[\"stroma\",\"tumour\"]' "
        "--set dataset.image_side=96 --set dataset.patients=6 --set dataset.images_per_patient=2 "
        "--set standardize.patch_side=64\necho \"exit $?\"; ls -A disk\n");
    SCOPED_TRACE(std::to_string(size) + run.output);
    expect_one_sentence(run.output, "out.h5", "Free some space there");
    EXPECT_TRUE(run.says("exit 1"));
    EXPECT_TRUE(run.output.ends_with("exit 1\n")) << "something is left behind";
  }
}

TEST_F(Disk, ThatIsReadOnlyIsToldAtOnce) {
  ASSERT_TRUE(may_mount()) << kNeedsMounts;
  const HostRun run = mounted("mount --bind disk disk && mount -o remount,ro,bind disk\n" + host("disk/out") +
                              "; echo \"exit $?\"\n");
  EXPECT_TRUE(run.says("exit 1")) << run.output;
  expect_one_sentence(run.output, "Read-only file system", "--output");
}

TEST_F(Disk, ThatIsReadOnlyBelowTheStepsIsTold) {
  ASSERT_TRUE(may_mount()) << kNeedsMounts;
  const HostRun run = mounted(
      "mkdir -p disk/out/steps; mount --bind disk/out/steps disk/out/steps\n"
      "mount -o remount,ro,bind disk/out/steps\n" +
      host("disk/out") + "; echo \"exit $?\"\n");
  EXPECT_TRUE(run.says("exit 1")) << run.output;
  expect_one_sentence(run.output, "Read-only file system", "--output");
}

// What waits for `training` begins to be made, in a shell script.
constexpr const char* kUntilTraining =
    "while kill -0 $! && ! ls disk/out/steps | grep -q '^train'; do sleep 0.05; done\n";

TEST_F(Disk, ThatIsUnmountedMeanwhileEndsWithASentenceAndIsNotReplaced) {
  ASSERT_TRUE(may_mount()) << kNeedsMounts;
  const HostRun run = mounted("mount -t tmpfs none disk\n" + host("disk/out") + " &\n" + kUntilTraining +
                              "umount -l disk; wait $!; echo \"exit $?\"; ls -A disk\n");
  EXPECT_TRUE(run.output.ends_with("exit 1\n")) << "a new folder was begun where the disk had been\n"
                                                << run.output;
  expect_one_sentence(run.output, "disk/out", "restore it, and run the same command again");
}

TEST_F(Disk, FolderThatIsRemovedMeanwhileEndsWithASentenceAndIsNotMadeAgain) {
  const HostRun run = run_shell("cd '" + folder_.path().string() + "'; " + host("disk/out") + " &\n" +
                                kUntilTraining + "mv disk/out gone; wait $!; echo \"exit $?\"; ls -A disk");
  EXPECT_TRUE(run.output.ends_with("exit 1\n")) << run.output;
  expect_one_sentence(run.output, "disk/out", "restore it, and run the same command again");
}

TEST_F(Disk, PatchSetThatIsCutShortMeanwhileIsNamed) {
  const HostRun run = run_shell(
      "cd '" + folder_.path().string() + "'; " + host("disk/out") + " --set recipes.baseline.epochs=500 &\n" +
      kUntilTraining +
      "for f in disk/out/steps/standardize*/patches.h5; do : > $f; done; wait $!; echo \"exit $?\"");
  EXPECT_TRUE(run.output.ends_with("exit 1\n")) << run.output;
  expect_one_sentence(run.output, "patches.h5", "run the same command again");
}

TEST_F(Disk, StandardOutputThatIsFullIsNoSuccess) {
  const HostRun run = run_shell("'" + test::host_program().string() + "' plugins list > /dev/full");
  EXPECT_EQ(1, run.exit_code);
  EXPECT_TRUE(run.says("standard output cannot be written")) << run.output;
}

}  // namespace
}  // namespace histokt
