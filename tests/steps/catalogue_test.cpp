// SPDX-License-Identifier: MIT
// The rows of the step catalogue, and how the step graph enforces them.
#include "steps/catalogue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <stdexcept>

#include "base/errors.hpp"
#include "base/files.hpp"
#include "patches/scratch.hpp"
#include "patches/split_set.hpp"
#include "steps/open_split.hpp"
#include "steps/step_graph.hpp"
#include "support/folders.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;

std::unique_ptr<Step> labelled(PlanPart part, const std::string& label) {
  auto step = new_step(part);
  step->label = label;
  return step;
}

TEST(StepCatalogue, HasOneRowForEachKindAndPart) {
  std::set<std::string_view> kinds;
  for (const StepKind& row : step_catalogue()) {
    EXPECT_TRUE(kinds.insert(row.kind).second) << row.kind;
    EXPECT_FALSE(row.summary.empty()) << row.kind;
    EXPECT_FALSE(row.outputs.front().empty()) << row.kind;
    EXPECT_EQ(row.attach == nullptr, !row.wanted && row.part != PlanPart::kNone) << row.kind;
  }
  for (int part = 1; part <= static_cast<int>(PlanPart::kEvaluate); ++part)
    EXPECT_NO_THROW(step_kind(static_cast<PlanPart>(part)));
}

TEST(StepCatalogue, IsDocumentedWhereUsersAskByName) {
  const std::string text = read_file(test::source_folder() / "docs/experiment.md");
  const std::string section = text.substr(text.find("## Looking at networks"));
  for (const StepKind& row : step_catalogue()) {
    if (!row.attach) continue;
    EXPECT_NE(std::string::npos, section.find("| `" + std::string(row.kind) + "` |")) << row.kind;
  }
}

TEST(StepCatalogue, StepsHaveTheirKindAndRevisionFromIt) {
  const auto step = new_step(PlanPart::kDistill);
  EXPECT_EQ("distill", step->kind);
  EXPECT_EQ(step_kind("distill").revision, step->revision);
  EXPECT_TRUE(is(*step, PlanPart::kDistill));
  EXPECT_FALSE(is(*step, PlanPart::kTrain));
}

TEST(StepCatalogue, AnOutputWithAStarIsOneForEachNumber) {
  const StepKind& choice = step_kind(PlanPart::kChooseRate);
  EXPECT_TRUE(choice.declares("trial-1"));
  EXPECT_TRUE(choice.declares("trial-12"));
  EXPECT_FALSE(choice.declares("trial-"));
  EXPECT_FALSE(choice.declares("winner"));
  EXPECT_FALSE(choice.declares(""));
}

TEST(StepCatalogue, TestsAreOpenedByThoseWhoSaySo) {
  std::set<std::string_view> never;
  for (const StepKind& row : step_catalogue()) {
    if (row.opens_test == OpensTest::kNever) never.insert(row.kind);
  }
  for (const char* kind : {"train", "choose-rate", "choose-trial", "distill", "diagnose"})
    EXPECT_TRUE(never.contains(kind)) << kind;
  EXPECT_FALSE(never.contains("evaluate"));
}

TEST(StepGraph, HasEachStepOnce) {
  StepGraph graph;
  Step* patches = graph.add(labelled(PlanPart::kStandardize, "crc"));
  EXPECT_EQ(patches, graph.add(labelled(PlanPart::kStandardize, "crc")));
  EXPECT_NE(patches, graph.add(labelled(PlanPart::kStandardize, "os")));
  auto other = labelled(PlanPart::kStandardize, "crc");
  other->options["overlap"] = 0.5;
  EXPECT_NE(patches, graph.add(std::move(other)));
  EXPECT_EQ(3u, graph.take().size());
}

TEST(StepGraph, TellsStepsByWhatTheyTake) {
  StepGraph graph;
  Step* crc = graph.add(labelled(PlanPart::kStandardize, "crc"));
  Step* os = graph.add(labelled(PlanPart::kStandardize, "os"));
  const auto split_of = [&](Step* patches) {
    auto step = labelled(PlanPart::kSplit, "x");
    step->inputs = {{"patches", patches, "patches"}};
    return graph.add(std::move(step));
  };
  EXPECT_EQ(split_of(crc), split_of(crc));
  EXPECT_NE(split_of(crc), split_of(os));
}

TEST(StepGraph, RefusesAnInputThatItsMakerDoesNotDeclare) {
  StepGraph graph;
  Step* patches = graph.add(labelled(PlanPart::kStandardize, "crc"));
  auto split = labelled(PlanPart::kSplit, "crc");
  split->inputs = {{"patches", patches, "images"}};
  EXPECT_THROW(graph.add(std::move(split)), std::logic_error);
}

TEST(StepGraph, RefusesAnOutputThatItsKindDoesNotDeclare) {
  const auto makes = [](const std::string& output) {
    StepGraph graph;
    auto step = labelled(PlanPart::kSplit, "crc");
    step->work = [output](StepContext&) { return StepResult{{{output, {}}}, Json::object()}; };
    Step* added = graph.add(std::move(step));
    StepContext context(*added, {}, {});
    return added->work(context);
  };
  EXPECT_NO_THROW(makes("split"));
  EXPECT_THROW(makes("splits"), std::logic_error);
}

TEST(StepGraph, RefusesAKindWithoutARow) {
  StepGraph graph;
  auto step = std::make_unique<Step>();
  step->kind = "no-such-kind";
  EXPECT_THROW(graph.add(std::move(step)), std::logic_error);
}

// A finished split of 80 patches, and the step of some kind that takes it.
class TestPartOfAStep : public ::testing::Test {
 protected:
  void SetUp() override {
    testing::write(scratch_ / "p.h5", testing::small_patches(80));
    const PatchSet patches(scratch_ / "p.h5");
    write_split_file(scratch_ / "s.h5", patches, {}, assign_split(patches, {}), 1);
    split_.record = StepRecord{scratch_ / ".", "", {{{"split", {"digest", "s.h5"}}}, {}}, {}};
  }

  std::size_t patches_of_the_test(PlanPart part) {
    const auto step = new_step(part);
    step->inputs = {{"split", &split_, "split"}};
    const StepContext context(*step, {}, {});
    return open_split(context).open_test().size();
  }

  const testing::Scratch scratch_;
  Step split_;
};

TEST_F(TestPartOfAStep, IsOpenToTheKindsThatDeclareIt) {
  EXPECT_GT(patches_of_the_test(PlanPart::kEvaluate), 0u);
}

TEST_F(TestPartOfAStep, IsClosedToAllOthers) {
  EXPECT_THROW(patches_of_the_test(PlanPart::kTrain), std::logic_error);
  EXPECT_THROW(patches_of_the_test(PlanPart::kDistill), std::logic_error);
}

// The other way to a split, past the catalogue.
TEST(StepSources, OpenSplitsByTheCatalogueAlone) {
  std::size_t read = 0;
  for (const auto& entry : fs::directory_iterator(test::source_folder() / "host/steps")) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() != ".cpp" || name == "open_split.cpp") continue;
    ++read;
    const std::string text = read_file(entry.path());
    EXPECT_EQ(std::string::npos, text.find("TestPart::kOpen")) << name;
    EXPECT_EQ(std::string::npos, text.find("SplitSet(context.file")) << name;
    EXPECT_EQ(std::string::npos, text.find("(context.file(\"split\"))")) << name;
  }
  EXPECT_GT(read, 8u);
}

}  // namespace
}  // namespace histokt
