// SPDX-License-Identifier: MIT
#include "steps/catalogue.hpp"

#include <algorithm>
#include <stdexcept>

#include "steps/steps.hpp"

namespace histokt {

// What attaches, each in its own file.
Step* attach_calibration(const StepKind& kind, const Subject& subject, StepGraph& graph);
Step* attach_evaluation(const StepKind& kind, const Subject& subject, StepGraph& graph);
Step* attach_features(const StepKind& kind, const Subject& subject, StepGraph& graph);
Step* attach_probe(const StepKind& kind, const Subject& subject, StepGraph& graph);
Step* attach_diagnosis(const StepKind& kind, const Subject& subject, StepGraph& graph);

namespace {

bool probes(const Subject& subject) {
  return subject.matrix ? subject.matrix->probe : subject.distill && subject.distill->probe;
}

bool tests_heads(const Subject& subject) {
  return subject.distill && subject.distill->probe;
}

bool diagnoses(const Subject& subject) {
  return subject.distill && subject.distill->diagnose;
}

constexpr StepKind kCatalogue[] = {
    {.kind = "standardize",
     .revision = 4,
     .summary = "a dataset's images as a patch set",
     .part = PlanPart::kStandardize,
     .outputs = {"patches"}},
    {.kind = "split",
     .revision = 3,
     .summary = "which patches train, validate and test",
     .part = PlanPart::kSplit,
     .outputs = {"split"}},
    {.kind = "check-classes",
     .revision = 2,
     .summary = "that two datasets have the same classes",
     .part = PlanPart::kCheckClasses,
     .outputs = {"checked"}},
    {.kind = "train",
     .revision = 1,
     .summary = "a model, trained or tuned with one setting in one trial",
     .part = PlanPart::kTrain,
     .outputs = {"checkpoint"}},
    {.kind = "choose-rate",
     .revision = 2,
     .summary = "the setting that validates best over the trials",
     .part = PlanPart::kChooseRate,
     .outputs = {"trial-*"}},
    {.kind = "choose-trial",
     .revision = 2,
     .summary = "the trial that represents a source",
     .part = PlanPart::kChooseTrial,
     .outputs = {"winner"}},
    {.kind = "distill",
     .revision = 3,
     .summary = "models merged into one",
     .part = PlanPart::kDistill,
     .outputs = {"checkpoint"}},
    {.kind = "evaluate",
     .revision = 6,
     .summary = "the test of a model with its own head",
     .part = PlanPart::kEvaluate,
     .attaches_to = AttachPoint::kSource | AttachPoint::kMerge,
     .outputs = {"result"},
     .opens_test = OpensTest::kAlways,
     .wanted = tests_heads,
     .attach = attach_evaluation},
    {.kind = "diagnose",
     .revision = 2,
     .summary = "what a merge kept of its sources, and the loss between them",
     .attaches_to = AttachPoint::kMerge,
     .outputs = {"layers", "barrier"},
     .wanted = diagnoses,
     .attach = attach_diagnosis},
    {.kind = "features",
     .revision = 2,
     .summary = "a model's features before its head, for one part of a split",
     .attaches_to = AttachPoint::kSource | AttachPoint::kMerge | AttachPoint::kWeights | AttachPoint::kTested,
     .outputs = {"features"},
     .opens_test = OpensTest::kWithThePart,
     .attach = attach_features},
    {.kind = "probe",
     .revision = 3,
     .summary = "the accuracy of an encoder's features before it is tuned",
     .attaches_to = AttachPoint::kSource | AttachPoint::kMerge | AttachPoint::kWeights,
     .outputs = {"result"},
     .opens_test = OpensTest::kAlways,
     .wanted = probes,
     .attach = attach_probe},
    {.kind = "calibration",
     .revision = 2,
     .summary = "how well a tested model's probabilities are calibrated",
     .attaches_to = AttachPoint::kTested,
     .outputs = {"calibration"},
     .opens_test = OpensTest::kAlways,
     .attach = attach_calibration},
};

}  // namespace

std::span<const StepKind> step_catalogue() {
  return kCatalogue;
}

bool StepKind::declares(std::string_view output) const {
  return std::ranges::any_of(outputs, [&](std::string_view declared) {
    if (declared.empty() || !declared.ends_with('*')) return !declared.empty() && output == declared;
    declared.remove_suffix(1);
    return output.starts_with(declared) && output.size() > declared.size();
  });
}

std::string Subject::step_label(const std::string& text) const {
  const std::string of_fold = fold_label(text, experiment.dataset(start.target), fold);
  return trial > 0 ? of_fold + "-trial" + std::to_string(trial) : of_fold;
}

const StepKind& step_kind(PlanPart part) {
  for (const StepKind& row : kCatalogue) {
    if (row.part == part) return row;
  }
  throw std::logic_error("no kind of step is this part of a plan");
}

const StepKind& step_kind(std::string_view kind, std::span<const StepKind> rows) {
  for (const StepKind& row : rows) {
    if (row.kind == kind) return row;
  }
  throw std::logic_error("the step catalogue has no row \"" + std::string(kind) + "\"");
}

std::unique_ptr<Step> new_step(const StepKind& kind) {
  auto step = std::make_unique<Step>();
  step->kind = kind.kind;
  step->revision = kind.revision;
  return step;
}

bool is(const Step& step, PlanPart part) {
  return step.kind == step_kind(part).kind;
}

bool opens_test(const Step& step, std::span<const StepKind> rows) {
  switch (step_kind(step.kind, rows).opens_test) {
    case OpensTest::kAlways:
      return true;
    case OpensTest::kWithThePart:
      return step.options.value("part", "") == "test";
    default:
      return false;
  }
}

}  // namespace histokt
