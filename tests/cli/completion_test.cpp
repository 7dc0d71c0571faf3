// SPDX-License-Identifier: MIT
// Completion in bash: the script of the build tree, driven as by Readline.
#include <gtest/gtest.h>

#include <sstream>

#include "support/folders.hpp"
#include "support/run_host.hpp"
#include "support/temp_folder.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;

class BashCompletion : public ::testing::Test {
 protected:
  // What bash would offer in the test's folder. words: those on the line as Readline takes them apart, the
  // last being typed.
  std::string offered(const std::string& words) const {
    const fs::path script =
        test::build_folder() / "share" / "bash-completion" / "completions" / "histokt-host";
    const std::string bash = "source '" + script.string() + "'; COMP_WORDS=('" +
                             test::host_program().string() + "' " + words +
                             "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _histokt_host; "
                             "for reply in \"${COMPREPLY[@]}\"; do echo \"<$reply>\"; done";
    folder_.write("drive.bash", bash);
    const auto run = test::run_shell("cd '" + folder_.path().string() + "' && bash --norc drive.bash");
    EXPECT_EQ(0, run.exit_code) << run.output;
    return run.output;
  }
  static bool has(const std::string& offers, const std::string& one) {
    return offers.find("<" + one + ">") != std::string::npos;
  }

  test::TempFolder folder_;
};

TEST_F(BashCompletion, IsRegisteredForTheProgram) {
  const auto run = test::run_shell("bash --norc -c \"source '" + test::build_folder().string() +
                                   "/share/bash-completion/completions/histokt-host'; complete -p\"");
  EXPECT_TRUE(run.says("complete -F _histokt_host histokt-host")) << run.output;
}

TEST_F(BashCompletion, OffersSubcommandsExperimentsAndFolders) {
  folder_.write("two.toml");
  folder_.write("two.csv");
  folder_.write("twice/x");
  EXPECT_TRUE(has(offered("stan"), "standardize"));
  const std::string offers = offered("tw");
  EXPECT_EQ("<twice>\n<two.toml>\n", offers);
}

TEST_F(BashCompletion, OffersOptionsAndTheirValues) {
  EXPECT_EQ("<--dry-run>\n", offered("run x.toml --dr"));
  EXPECT_EQ("<train>\n<valid>\n<test>\n", offered("evaluate --split ''"));
  EXPECT_EQ("<test>\n", offered("evaluate --split = te"));
  EXPECT_EQ("<train>\n<valid>\n<test>\n", offered("evaluate --split ="));
  EXPECT_EQ("<split.>\n", offered("standardize --set sp"));
}

TEST_F(BashCompletion, OffersPluginsByTheirKind) {
  const std::string distillers = offered("distill --distiller ''");
  EXPECT_TRUE(has(distillers, "svd") && has(distillers, "mean")) << distillers;
  EXPECT_FALSE(has(distillers, "resnet18")) << distillers;
  const std::string datasets = offered("standardize --dataset b");
  EXPECT_TRUE(has(datasets, "bach")) << datasets;
  EXPECT_FALSE(has(datasets, "crc")) << datasets;
  EXPECT_TRUE(has(offered("plugins describe resn"), "resnet18"));
}

TEST_F(BashCompletion, OffersFilesOfTheRightKindAlsoWithBlanksInTheirNames) {
  folder_.write("my sets/a b.h5");
  folder_.write("my sets/a b.txt");
  EXPECT_EQ("<my sets>\n", offered("audit my"));
  EXPECT_EQ("<my sets/a b.h5>\n", offered("audit 'my\\ sets/a'"));
}

TEST_F(BashCompletion, OffersNothingWhereNothingIsKnown) {
  EXPECT_EQ("", offered("evaluate --threads ''"));
  EXPECT_EQ("", offered("no-such-subcommand --thr"));
}

// The installed script must find the program by the word that was typed, and be quiet where it is not there.
TEST_F(BashCompletion, IsQuietWhereTheProgramIsMissing) {
  const auto run = test::run_shell("cd '" + folder_.path().string() + "' && bash --norc -c \"source '" +
                                   test::build_folder().string() +
                                   "/share/bash-completion/completions/histokt-host'; "
                                   "COMP_WORDS=(./histokt-host ev); COMP_CWORD=1; _histokt_host\"");
  EXPECT_EQ("", run.output);
}

}  // namespace
}  // namespace histokt
