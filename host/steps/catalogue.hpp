// SPDX-License-Identifier: MIT
// The catalogue of step kinds, one row each: name, outputs, and what the kind attaches to.
//
// A kind that only examines what a plan has anyway, such as a probe, needs a file and a row: planning goes
// over the rows that attach to a network or a dataset, asks each whether it is requested there, and has it
// make its step. Results find the step by its kind. Kind and revision are defined in the row alone:
// new_step() takes them from there, and StepGraph enforces the outputs.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "config/experiment.hpp"
#include "engine/step.hpp"
#include "steps/training_run.hpp"
#include "tasks/compute_context.hpp"

namespace histokt {

class StepGraph;

// The parts of a plan that planning makes itself, each by the kind that does it.
enum class PlanPart {
  kNone,  // an attached step, which only examines
  kStandardize,
  kSplit,
  kCheckClasses,
  kTrain,
  kChooseRate,
  kChooseTrial,
  kDistill,
  kEvaluate,
};

// What a step can attach to.
enum class AttachPoint : std::uint8_t {
  kDataset = 1,  // the split of a dataset, each fold
  kSource = 2,   // a source's network on a target, before it is tuned there
  kMerge = 4,    // a merge, likewise
  kWeights = 8,  // weights of a file on a target, before they are trained there
  kTested = 16,  // each trial of a row of the tables: the network that is tested
};

class AttachPoints {
 public:
  constexpr AttachPoints() = default;
  constexpr AttachPoints(AttachPoint place) : bits_(static_cast<std::uint8_t>(place)) {}
  constexpr bool has(AttachPoint place) const { return (bits_ & static_cast<std::uint8_t>(place)) != 0; }
  friend constexpr AttachPoints operator|(AttachPoints a, AttachPoints b) {
    a.bits_ |= b.bits_;
    return a;
  }

 private:
  std::uint8_t bits_ = 0;
};
constexpr AttachPoints operator|(AttachPoint a, AttachPoint b) {
  return AttachPoints(a) | AttachPoints(b);
}

// An object in a plan that a step may attach to. What it refers to outlives the plan.
struct Subject {
  AttachPoint place = AttachPoint::kDataset;
  const Experiment& experiment;
  const ComputeContext& compute;
  // The table that requests the step; both nullptr for a dataset.
  const MatrixConfig* matrix = nullptr;
  const DistillConfig* distill = nullptr;
  std::string label;  // "crc", "svd-crc-bach"; of what is tested "crc-to-bach-deep"
  int fold = 1;       // of the target
  int trial = 0;      // of what is tested; else 0
  // The network, as the start of a training on the target; the recipe is that of the tuning. For a dataset
  // only target and split are set.
  TrainRun start;
  // Of a merge, in its order.
  std::vector<std::string> sources = {};
  std::vector<Step*> source_networks = {};
  ConfiguredPlugin source_model = {};

  // The label of a step of this fold of the target, and of this trial.
  std::string step_label(const std::string& text) const;
};

enum class OpensTest {
  kNever,
  kAlways,
  kWithThePart,  // if the step's option `part` is "test"
};

struct StepKind {
  std::string_view kind;
  int revision = 1;  // raised whenever the kind's output changes
  std::string_view summary;
  PlanPart part = PlanPart::kNone;
  AttachPoints attaches_to = {};
  std::array<std::string_view, 2> outputs;  // "trial-*": trial-1, trial-2 ...; "" for no second one
  OpensTest opens_test = OpensTest::kNever;
  // Whether the requesting table enables it; nullptr: only if the experiment's extra_steps names the kind.
  bool (*wanted)(const Subject& subject) = nullptr;
  // Adds its inputs and itself to the graph; nullptr if there is nothing to examine.
  Step* (*attach)(const StepKind& kind, const Subject& subject, StepGraph& graph) = nullptr;

  bool declares(std::string_view output) const;
};

std::span<const StepKind> step_catalogue();

// Throws std::logic_error if there is none.
const StepKind& step_kind(PlanPart part);
const StepKind& step_kind(std::string_view kind, std::span<const StepKind> rows = step_catalogue());

// A step of the kind: without label, options, inputs and work yet.
std::unique_ptr<Step> new_step(const StepKind& kind);
inline std::unique_ptr<Step> new_step(PlanPart part) {
  return new_step(step_kind(part));
}
bool is(const Step& step, PlanPart part);

// Whether this step opens the test patches.
bool opens_test(const Step& step, std::span<const StepKind> rows = step_catalogue());

}  // namespace histokt
