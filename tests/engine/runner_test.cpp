// SPDX-License-Identifier: MIT
// The step graph: nothing runs twice, a change reruns what depends on it, a killed run leaves nothing half
// done.
#include <gtest/gtest.h>

#include "base/digest.hpp"
#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/interrupt.hpp"
#include "engine/claim.hpp"
#include "engine/runner.hpp"
#include "support/temp_folder.hpp"

namespace histokt {
namespace {

using Steps = std::vector<std::unique_ptr<Step>>;

// Two steps: `double` writes twice its option, `next` adds one to what it reads.
struct Graph {
  Steps steps;
  std::vector<std::string> ran;

  explicit Graph(int option, int next_option = 1) {
    add("double", {{"value", option}}, {},
        [](StepContext& context) { return std::to_string(2 * context.step().options["value"].get<int>()); });
    add("next", {{"value", next_option}}, {{"number", steps[0].get(), "text"}}, [](StepContext& context) {
      return std::to_string(std::stoi(read_file(context.file("number"))) + 1);
    });
  }

  void add(const std::string& kind, Json options, std::vector<StepInput> inputs,
           std::function<std::string(StepContext&)> text) {
    auto step = std::make_unique<Step>();
    step->kind = kind;
    step->label = "a";
    step->options = std::move(options);
    step->inputs = std::move(inputs);
    step->work = [this, kind, text](StepContext& context) {
      ran.push_back(kind);
      const std::string made = text(context);
      write_file_atomically(context.folder() / "text", made);
      return StepResult{{{"text", {sha256_of_text(made), "text"}}}, Json::object()};
    };
    steps.push_back(std::move(step));
  }

  RunCounts run(const std::filesystem::path& root) { return Runner(steps, store(root)).run(); }
  const Store& store(const std::filesystem::path& root) {
    store_.emplace(root);
    return *store_;
  }
  std::string result() const { return read_file(steps[1]->record->folder / "text"); }

 private:
  std::optional<Store> store_;
};

using Names = std::vector<std::string>;

TEST(Runner, RunsEachStepOnce) {
  const test::TempFolder folder;
  Graph first(3), again(3);
  EXPECT_EQ(2, first.run(folder.path()).ran);
  EXPECT_EQ("7", first.result());
  EXPECT_EQ(0, again.run(folder.path()).ran);
  EXPECT_EQ("7", again.result());
}

TEST(Runner, RunsAStepOnceForTwoLabels) {
  const test::TempFolder folder;
  Graph graph(3);
  graph.add("double", {{"value", 3}}, {}, [](StepContext&) { return std::string("6"); });
  graph.steps.back()->label = "b";
  EXPECT_EQ(2, graph.run(folder.path()).ran);
  EXPECT_EQ(graph.steps.front()->record->folder, graph.steps.back()->record->folder);
}

TEST(Runner, FindsWhatAnotherProcessHasFinishedUnderAnotherLabel) {
  const test::TempFolder folder;
  Graph first(3), other(3);
  for (const auto& step : other.steps) step->label = "b";
  const Store& opened_before = other.store(folder.path());
  first.run(folder.path());
  EXPECT_EQ(2, Runner(other.steps, opened_before).run().reused);
  EXPECT_TRUE(other.ran.empty());
}

TEST(Runner, RunsOnlyWhatDependsOnAChange) {
  const test::TempFolder folder;
  Graph first(3), changed(3, 2);
  first.run(folder.path());
  changed.run(folder.path());
  EXPECT_EQ(Names{"next"}, changed.ran);
}

TEST(Runner, StopsWhereANewOutputEqualsTheOldOne) {
  const test::TempFolder folder;
  Graph first(3), same_output(3);
  first.run(folder.path());
  same_output.steps[0]->revision = 2;  // another identity, the same text
  same_output.run(folder.path());
  EXPECT_EQ(Names{"double"}, same_output.ran);
}

TEST(Runner, SaysWhyAStepWouldRun) {
  const test::TempFolder folder;
  Graph first(3), changed(4);
  first.run(folder.path());
  const auto forecasts = Runner(changed.steps, changed.store(folder.path())).forecast();
  EXPECT_FALSE(forecasts[0].finished);
  EXPECT_EQ("options.value 3 -> 4", forecasts[0].reason);
  EXPECT_EQ("after double a", forecasts[1].reason);
  EXPECT_TRUE(changed.ran.empty());
}

TEST(Runner, AFailedStepLeavesNothingUnderAFinalName) {
  const test::TempFolder folder;
  Graph graph(3);
  graph.steps[1]->work = [](StepContext& context) -> StepResult {
    write_file_atomically(context.folder() / "text", "half");
    throw RunError("the disk is full");
  };
  EXPECT_THROW(graph.run(folder.path()), RunError);
  Graph again(3);
  EXPECT_EQ(1, again.run(folder.path()).ran) << "the first step is kept, the second runs";
  EXPECT_EQ("7", again.result());
}

TEST(Runner, MakesAgainWhatWasThrownAway) {
  const test::TempFolder folder;
  Graph first(3);
  first.run(folder.path());
  std::filesystem::remove(first.steps[0]->record->folder / "text");
  Graph changed(3, 2);
  changed.run(folder.path());
  EXPECT_EQ((Names{"next", "double"}), changed.ran);
  EXPECT_EQ("7", changed.result());
}

TEST(Runner, LooksAgainAtWhatFollowsFromAStepThatCameOutDifferentlyWhenMadeAgain) {
  const test::TempFolder folder;
  Graph first(3);
  first.run(folder.path());
  std::filesystem::remove(first.steps[0]->record->folder / "text");
  Graph changed(3, 2);  // another build, say: the same identity, another output
  changed.add("other", {}, {}, [](StepContext&) { return std::string(); });
  changed.steps[0]->work = [&](StepContext& context) {
    changed.ran.push_back("double");
    write_file_atomically(context.folder() / "text", "60");
    return StepResult{{{"text", {sha256_of_text("60"), "text"}}}, Json::object()};
  };
  changed.run(folder.path());
  EXPECT_EQ((Names{"next", "double", "next", "other"}), changed.ran);
  EXPECT_EQ("61", changed.result());
  for (const auto& entry : std::filesystem::directory_iterator(folder / "steps")) {
    EXPECT_NE(".partial", entry.path().extension()) << entry.path();
  }
}

TEST(Store, ADamagedRecordIsToldWithItsPath) {
  const test::TempFolder folder;
  Graph first(3);
  first.run(folder.path());
  for (const char* record :
       {R"({"definition":{},"result":{}})", R"({"identity":5,"definition":{},"result":{}})", "{"}) {
    write_file_atomically(first.steps[0]->record->folder / "step.json", record);
    Graph again(3);
    try {
      again.run(folder.path());
      FAIL() << record;
    } catch (const RunError& error) {
      EXPECT_NE(std::string(error.what()).find("step.json: this is not the record"), std::string::npos)
          << error.what();
    }
  }
}

TEST(Runner, AnInterruptionEndsBetweenSteps) {
  const test::TempFolder folder;
  Graph graph(3);
  set_interrupt_requested(true);
  EXPECT_THROW(graph.run(folder.path()), Interrupted);
  set_interrupt_requested(false);
  EXPECT_TRUE(graph.ran.empty());
}

TEST(Runner, OnlyTheWantedStepAndWhatItNeeds) {
  const test::TempFolder folder;
  Graph graph(3);
  Runner(graph.steps, graph.store(folder.path())).run_only("double a");
  EXPECT_EQ(Names{"double"}, graph.ran);
  EXPECT_THROW(Runner(graph.steps, graph.store(folder.path())).run_only("duoble a"), RequestError);
}

TEST(Runner, PublishesTheWorkOfAStepThatWasKilledJustBeforeItsEnd) {
  const test::TempFolder folder;
  Graph killed(3), again(3);
  killed.run(folder.path());
  const std::filesystem::path done = killed.steps[1]->record->folder;
  std::filesystem::rename(done, done.string() + ".partial");
  again.run(folder.path());
  EXPECT_TRUE(again.ran.empty()) << again.ran.front();
  EXPECT_EQ("7", again.result());
}

TEST(Runner, ClearsWhatAKilledProcessWasWriting) {
  const test::TempFolder folder;
  Graph graph(3);
  const std::string step = graph.steps[0]->folder_name();
  folder.write("steps/" + step + ".partial/text.elsewhere-1-0.partial", "half");
  graph.run(folder.path());
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path())) {
    EXPECT_NE(".partial", entry.path().extension()) << entry.path();
  }
}

TEST(Runner, ClearsTheClaimThatAKilledProcessHeldOnAStepItHadFinished) {
  const test::TempFolder folder;
  Graph first(3), again(3);
  first.run(folder.path());
  const ClaimOwner self = this_process();
  const std::filesystem::path claim = first.store(folder.path()).claim_file(*first.steps[0]);
  // Of this process's number, but of another start.
  write_file_atomically(claim, Json{{"host", self.host},
                                    {"boot_id", self.boot_id},
                                    {"pid_namespace", self.pid_namespace},
                                    {"process", self.process},
                                    {"process_start", self.process_start + 1}}
                                   .dump());
  const RunCounts counts = again.run(folder.path());
  EXPECT_EQ(0, counts.ran);
  EXPECT_EQ(2, counts.reused);
  EXPECT_FALSE(std::filesystem::exists(claim));
}

TEST(Runner, DoesNotGoOnInAnotherFolderOfTheSameName) {
  const test::TempFolder folder;
  Graph graph(3);
  graph.steps[1]->work = [&](StepContext&) -> StepResult {
    std::filesystem::rename(folder / "steps", folder / "gone");
    return {};
  };
  EXPECT_THROW(graph.run(folder.path()), RunError);
  EXPECT_FALSE(std::filesystem::exists(folder / "steps"));
}

TEST(Runner, PublishesNothingOnceItsClaimIsTaken) {
  const test::TempFolder folder;
  Graph graph(3);
  graph.steps[0]->work = [&](StepContext& context) -> StepResult {
    folder.write("steps/" + context.step().folder_name() + ".claim",
                 R"({"host": "elsewhere", "process": 1})");
    return {};
  };
  EXPECT_THROW(graph.run(folder.path()), RunError);
  EXPECT_FALSE(std::filesystem::exists(folder / ("steps/" + graph.steps[0]->folder_name())));
}

}  // namespace
}  // namespace histokt
