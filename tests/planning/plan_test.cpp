// SPDX-License-Identifier: MIT
// The plan of an experiment: its steps and their inputs.
#include "planning/plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/errors.hpp"
#include "planning/planned.hpp"
#include "steps/step_graph.hpp"

namespace histokt {
namespace {

using test::Labels;
using test::Planned;

const std::vector<std::string> kTwoDistills = {
    "learning_rate_choice=per-target",
    "distill=[{sources=[\"a\",\"b\"],distiller=\"svd\",target=\"b\",tune=\"deep\",orders=\"as-written\"},"
    "{sources=[\"a\",\"b\"],distiller=\"mean\",target=\"b\",tune=\"deep\",controls=false}]"};

TEST(Plan, ARateOfATargetIsChosenByAllTablesTogether) {
  const Planned planned(kTwoDistills);
  const Labels all = {"a-to-b-deep-lr0.001-trial1", "b-to-b-deep-lr0.001-trial1",
                      "svd-a-b-to-b-deep-lr0.001-trial1", "mean-a-b-to-b-deep-lr0.001-trial1"};
  for (const char* cell : {"a", "b", "svd-a-b", "mean-a-b"}) {
    const std::string title = "choose-rate " + std::string(cell) + "-to-b-deep";
    Labels trainings = planned.inputs(title, "training-0-");
    const Labels also = planned.inputs(title, "also-0-");
    EXPECT_EQ(Labels{std::string(cell) + "-to-b-deep-lr0.001-trial1"}, trainings);
    EXPECT_EQ(all.size() - 1, also.size()) << title;
    trainings.insert(also.begin(), also.end());
    EXPECT_EQ(all, trainings) << title;
  }
}

TEST(Plan, ControlsOfAMergeHaveNoSayInTheRateOfATarget) {
  const Planned planned(kTwoDistills);
  ASSERT_TRUE(planned.of_kind("choose-rate").contains("svd-a-alone-to-b-deep"));
  for (const char* cell : {"a", "svd-a-b", "svd-a-alone", "svd(directions=random)-a-b"}) {
    for (const std::string& label :
         planned.inputs("choose-rate " + std::string(cell) + "-to-b-deep", "also-")) {
      EXPECT_EQ(std::string::npos, label.find("alone")) << label;
      EXPECT_EQ(std::string::npos, label.find("random")) << label;
    }
  }
  EXPECT_EQ(4u, planned.inputs("choose-rate svd-a-alone-to-b-deep", "also-0-").size());
}

TEST(Plan, ARateOfACellIsChosenByItsOwnTrainings) {
  const Planned planned({"learning_rate_choice=per-cell"});
  EXPECT_TRUE(planned.inputs("choose-rate a-to-b-deep", "also-").empty());
  EXPECT_EQ((Labels{"a-to-b-deep-lr1e-04-trial1"}), planned.inputs("choose-rate a-to-b-deep", "training-1-"));
}

TEST(Plan, StepsStandBehindWhatTheyTake) {
  const Planned planned(kTwoDistills);
  std::set<const Step*> before;
  for (const auto& step : planned.plan().steps) {
    for (const StepInput& input : step->inputs) EXPECT_TRUE(before.contains(input.step)) << step->title();
    before.insert(step.get());
  }
}

TEST(Plan, MergesBeginWithTheSourcesThatMayStandFirst) {
  const auto merges = [](const std::string& more) {
    return Planned({"distill=[{sources=[\"a\",\"b\"],distiller=[\"svd\",\"mean\"],target=\"b\",tune=\"deep\","
                    "controls=false,orders=\"all\"" +
                    more + "}]"})
        .of_kind("distill");
  };
  EXPECT_EQ((Labels{"svd-a-b", "svd-b-a", "mean-a-b"}), merges(""));
  EXPECT_EQ((Labels{"svd-b-a", "mean-a-b"}), merges(",first=\"b\"")) << "the mean of both has no first one";
}

TEST(Plan, CandidatesAreTestedOnlyWhereTestsChooseThem) {
  const Planned by_test({"candidate_by=test", "trials=2", "distill=[]"});
  EXPECT_EQ((Labels{"a-baseline-trial1", "a-baseline-trial2"}),
            by_test.inputs("choose-trial a-baseline", "test-"));
  EXPECT_EQ("test", by_test.step("choose-trial a-baseline").options.at("by"));
  const Planned by_validation({"trials=2", "distill=[]"});
  EXPECT_TRUE(by_validation.inputs("choose-trial a-baseline", "test-").empty());
  EXPECT_FALSE(by_validation.of_kind("evaluate").contains("a-baseline-trial1")) << "its test stays closed";
}

TEST(Plan, RatesOfATargetReplaceThoseOfItsTuningAlone) {
  const Planned planned({"matrix.learning_rates.b=2e-5", "matrix.targets=[\"a\",\"b\"]",
                         "matrix.sources=[\"a\",\"b\"]", "distill=[]"});
  const auto rate = [&](const std::string& training) {
    return planned.step("train " + training).options.at("setting").at("learning_rate").get<double>();
  };
  EXPECT_EQ(2e-5, rate("a-to-b-deep-trial1"));
  EXPECT_EQ(1e-3, rate("b-to-a-deep-lr0.001-trial1"));
  EXPECT_EQ(0.03, rate("b-baseline-trial1"));
}

constexpr const char* kPhotographs =
    "[recipes.photographs]\nweights = \"photographs.safetensors\"\nepochs = 1\nbatch_size = 8\n"
    "optimizer = { use = \"adamp\", learning_rate = 1e-4 }\n";

constexpr const char* kFine =
    "[recipes.fine]\nlayers = \"head\"\nepochs = 1\nbatch_size = 8\n"
    "optimizer = { use = \"adamp\", learning_rate = 1e-3 }\n";

const Cell& cell_from(const Plan& plan, const std::string& source, const std::string& train,
                      const std::string& recipe) {
  const auto found = std::ranges::find_if(plan.cells, [&](const Cell& cell) {
    return cell.kind == Cell::Kind::kTransfer && cell.sources.front() == source && cell.train == train &&
           cell.recipe == recipe;
  });
  if (found == plan.cells.end()) throw std::runtime_error("there is no cell from " + source);
  return *found;
}

TEST(Plan, AMatrixTunesByEachOfItsRecipes) {
  const Planned planned({"matrix.tune=[\"deep\",\"fine\"]", "distill=[]"}, kFine);
  EXPECT_TRUE(planned.of_kind("train").contains("a-to-b-fine-trial1"));
  EXPECT_TRUE(planned.of_kind("train").contains("a-to-b-deep-lr0.001-trial1"));
  EXPECT_EQ((Labels{"a-baseline-trial1", "b-baseline-trial1"}), [&] {
    Labels baselines;
    for (const std::string& label : planned.of_kind("train")) {
      if (label.find("baseline") != std::string::npos) baselines.insert(label);
    }
    return baselines;
  }()) << "trained once for both";
}

// One stage and two, deep and fine: what two of them need is planned once, and stands in both.
TEST(Plan, MatricesShareWhatTheyHaveInCommon) {
  const std::string matrix = "sources=[\"a\"],targets=[\"b\"],";
  const Planned planned(
      {"matrix=[{name=\"one\"," + matrix + "train=\"baseline\",tune=\"deep\"},{name=\"two\"," + matrix +
           "train=\"photographs\",tune=\"deep\"},{name=\"heads\"," + matrix +
           "train=\"baseline\",tune=[\"deep\",\"fine\"],probe=false}]",
       "distill=[]"},
      std::string(kPhotographs) + kFine);
  using Names = std::vector<std::string>;
  EXPECT_EQ((Names{"one", "heads"}), cell_from(planned.plan(), "a", "baseline", "deep").matrices);
  EXPECT_EQ((Names{"heads"}), cell_from(planned.plan(), "a", "baseline", "fine").matrices);
  EXPECT_EQ((Names{"two"}), cell_from(planned.plan(), "a", "photographs", "deep").matrices);
  EXPECT_TRUE(cell_from(planned.plan(), "a", "baseline", "deep").folds.front().look("probe"))
      << "the first asks for it";
  EXPECT_FALSE(cell_from(planned.plan(), "a", "baseline", "fine").folds.front().look("probe"));
  EXPECT_EQ((Labels{"a-baseline-trial1", "b-baseline-trial1", "a-photographs-trial1", "b-photographs-trial1",
                    "a-to-b-deep-lr0.001-trial1", "a-to-b-deep-lr1e-04-trial1",
                    "a-photographs-to-b-deep-lr0.001-trial1", "a-photographs-to-b-deep-lr1e-04-trial1",
                    "a-to-b-fine-trial1"}),
            planned.of_kind("train"));
  std::set<std::string> titles;
  for (const auto& step : planned.plan().steps)
    EXPECT_TRUE(titles.insert(step->title()).second) << step->title();
}

TEST(Plan, WhatADatasetSaysOfItsValidationWinsOverTheRecipe) {
  const Planned planned({"protocol=paper", "datasets.b.validation=clean", "distill=[]"});
  const auto validation = [&](const std::string& training) {
    return planned.step("train " + training).options.at("recipe").at("validation").get<std::string>();
  };
  EXPECT_EQ("augmented", validation("a-baseline-trial1"));
  EXPECT_EQ("clean", validation("b-baseline-trial1"));
  EXPECT_EQ("clean", validation("a-to-b-deep-lr0.001-trial1"));
}

// Sharing a store, the two find each other's baselines.
TEST(Plan, AValidationThatIsTheRecipesOwnChangesNoStep) {
  const Planned said({"datasets.b.validation=clean", "distill=[]"}), unsaid({"distill=[]"});
  EXPECT_EQ(unsaid.step("train b-baseline-trial1").options, said.step("train b-baseline-trial1").options);
}

TEST(Plan, EncodersAreProbedBeforeTheyAreTunedAndWeightsOfAFileToo) {
  const std::vector<std::string> row = {"matrix.from_weights=[\"photographs\"]", "matrix.probe=true",
                                        "distill=[]"};
  const Planned planned(row, kPhotographs);
  EXPECT_EQ((Labels{"a-on-b", "photographs-on-b"}), planned.of_kind("probe"));
  const Step& features = planned.step("features photographs-on-b-train");
  const Step& training = planned.step("train b-photographs-trial1");
  EXPECT_EQ(training.options.at("weights"), features.options.at("weights"));
  EXPECT_EQ(training.options.at("normalization"), features.options.at("normalization"));
  for (const Cell& cell : planned.plan().cells) {
    EXPECT_EQ(cell.kind == Cell::Kind::kBaseline, cell.folds.front().look("probe") == nullptr) << cell.recipe;
  }
}

TEST(Plan, AProbeTakesTheFeaturesOfEachPartAndThatOfTheTestOpensIt) {
  const Planned planned({"matrix.probe=true", "matrix.tune=[\"deep\",\"fine\"]", "distill=[]"}, kFine);
  EXPECT_EQ((Labels{"a-on-b-train", "a-on-b-valid", "a-on-b-test"}), planned.of_kind("features"))
      << "once for both recipes";
  EXPECT_EQ(Labels{"a-on-b-valid"}, planned.inputs("probe a-on-b", "valid"));
  EXPECT_FALSE(opens_test(planned.step("features a-on-b-train")));
  EXPECT_FALSE(opens_test(planned.step("features a-on-b-valid")));
  EXPECT_TRUE(opens_test(planned.step("features a-on-b-test")));
  for (const StepInput& input : planned.step("probe a-on-b").inputs) EXPECT_EQ("features", input.output);
}

TEST(Plan, ABaselineFromWeightsIsProbedAsTheyAre) {
  const Planned planned({"matrix.train=photographs", "matrix.probe=true", "distill=[]"}, kPhotographs);
  EXPECT_EQ((Labels{"a-on-b", "photographs-on-b"}), planned.of_kind("probe"));
}

// What merges by `distiller` are told from: method and name of the control.
std::set<std::pair<std::string, std::string>> controls_of(const std::string& distiller) {
  const Planned planned({"distill=[{sources=[\"a\",\"b\"],distiller=" + distiller +
                         ",target=\"b\",tune=\"deep\",orders=\"as-written\"}]"});
  std::set<std::pair<std::string, std::string>> found;
  for (const Cell& cell : planned.plan().cells) {
    if (!cell.merge_settings.control.empty()) found.insert({cell.method, cell.merge_settings.control});
  }
  return found;
}

using Controls = std::set<std::pair<std::string, std::string>>;

TEST(Plan, AMergeIsToldFromTheControlThatItsDistillerDeclares) {
  EXPECT_EQ((Controls{{"shuffled-mean(shuffled=true)", "shuffled channels"}}),
            controls_of("\"shuffled-mean\""));
  EXPECT_EQ((Controls{{"svd(rank=4 directions=random)", "random directions"}}),
            controls_of("{use=\"svd\",options={rank=4}}"));
  EXPECT_EQ((Controls{{"shuffled-mean(shuffled=true)", "shuffled channels"},
                      {"svd(directions=random)", "random directions"}}),
            controls_of("[\"svd\",\"mean\",\"shuffled-mean\"]"));
}

TEST(Plan, AMergeByADistillerWithoutAControlIsToldFromTheFirstInstalledOne) {
  EXPECT_EQ((Controls{{"svd(directions=random)", "random directions"}}), controls_of("\"mean\""));
}

// A kind of step that somebody adds: it notes what it looks at.
Step* attach_look(const StepKind& kind, const Subject& subject, StepGraph& graph) {
  auto step = new_step(kind);
  step->label = subject.step_label(subject.label + "-look");
  step->inputs = {{"split", subject.start.split, "split"}};
  if (subject.start.initial) {
    step->inputs.push_back({"network", subject.start.initial, subject.start.initial_output});
  }
  return graph.add(std::move(step));
}

std::vector<StepKind> catalogue_with(const StepKind& kind) {
  std::vector<StepKind> kinds(step_catalogue().begin(), step_catalogue().end());
  kinds.push_back(kind);
  return kinds;
}

StepKind a_look_at(AttachPoints places) {
  StepKind kind;
  kind.kind = "look";
  kind.attaches_to = places;
  kind.outputs = {"seen"};
  kind.attach = attach_look;
  return kind;
}

TEST(Plan, AKindThatOnlyLooksStandsWhereItsRowSays) {
  const auto labels_at = [](AttachPoints places) {
    const auto kinds = catalogue_with(a_look_at(places));
    const Planned planned({"extra_steps=[\"look\"]", "matrix.from_weights=[\"photographs\"]",
                           "distill.0.distiller=svd", "recipes.deep.optimizer.learning_rate=1e-3"},
                          kPhotographs, kinds);
    return planned.of_kind("look");
  };
  EXPECT_EQ((Labels{"a-look", "b-look"}), labels_at(AttachPoint::kDataset));
  EXPECT_EQ((Labels{"a-look"}), labels_at(AttachPoint::kSource));
  EXPECT_EQ((Labels{"svd-a-b-look"}), labels_at(AttachPoint::kMerge));
  EXPECT_EQ((Labels{"photographs-look"}), labels_at(AttachPoint::kWeights));
  EXPECT_EQ((Labels{"b-baseline-look-trial1", "b-photographs-look-trial1", "a-to-b-deep-look-trial1",
                    "svd-a-b-to-b-deep-look-trial1"}),
            labels_at(AttachPoint::kTested));
}

TEST(Plan, ResultsFindALookByItsKind) {
  const auto kinds = catalogue_with(a_look_at(AttachPoint::kTested));
  const Planned planned({"extra_steps=[\"look\"]", "distill=[]", "trials=2"}, "", kinds);
  for (const Cell& cell : planned.plan().cells) {
    const Cell::Fold& fold = cell.folds.front();
    ASSERT_EQ(2u, fold.looks_of("look").size()) << cell.recipe;
    EXPECT_EQ(fold.choice, fold.looks_of("look").back()->inputs.back().step);
    EXPECT_EQ("trial-2", fold.looks_of("look").back()->inputs.back().output);
    EXPECT_EQ(nullptr, fold.look("probe"));
  }
}

TEST(Plan, AKindIsWantedByTheTableOrByName) {
  StepKind kind = a_look_at(AttachPoint::kSource);
  kind.wanted = [](const Subject& subject) { return subject.distill != nullptr; };
  const auto kinds = catalogue_with(kind);
  EXPECT_TRUE(Planned({"distill=[]"}, "", kinds).of_kind("look").empty());
  EXPECT_EQ(Labels{"a-look"}, Planned({"distill=[]", "extra_steps=look"}, "", kinds).of_kind("look"));
  EXPECT_EQ((Labels{"a-look", "b-look"}), Planned({"distill.0.controls=true"}, "", kinds).of_kind("look"));
}

TEST(Plan, AKindThatNothingCanLookWithIsRefusedByName) {
  for (const char* name : {"probes", "train"}) {
    try {
      const Planned planned({"extra_steps=[\"" + std::string(name) + "\"]"});
      FAIL() << name;
    } catch (const RequestError& error) {
      EXPECT_NE(std::string::npos, std::string(error.what()).find("extra_steps names")) << error.what();
      EXPECT_NE(std::string::npos, std::string(error.what()).find("probe")) << error.what();
    }
  }
}

}  // namespace
}  // namespace histokt
