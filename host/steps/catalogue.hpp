// The kinds of steps, one row each: what a kind is called, what it makes, and what it looks at.
//
// A kind that only looks at what a plan has, a probe say, is its file and its row: planning goes over the
// rows that attach to a network or a dataset and asks each whether it is wanted there and to make its step.
// Results find the step by its kind. A row's constants are the only ones: a step is begun with new_step() and
// takes its kind and revision from there; StepGraph holds it to its outputs.
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
#include "tasks/workshop.hpp"

namespace histokt {

class StepGraph;

// The work that a plan itself is made of: planning names the kind that does it.
enum class PlanPart {
  kNone,  // a step that only looks
  kStandardize,
  kSplit,
  kCheckClasses,
  kTrain,
  kChooseRate,
  kChooseTrial,
  kDistill,
  kEvaluate,
};

// What a step can look at.
enum class Place : std::uint8_t {
  kDataset = 1,  // the split of a dataset, each fold
  kSource = 2,   // a source's network on a target, before it is tuned there
  kMerge = 4,    // a merge, likewise
  kWeights = 8,  // weights of a file on a target, before they are trained there
  kTested = 16,  // each trial of a row of the tables: the network that is tested
};

class Places {
 public:
  constexpr Places() = default;
  constexpr Places(Place place) : bits_(static_cast<std::uint8_t>(place)) {}
  constexpr bool has(Place place) const { return (bits_ & static_cast<std::uint8_t>(place)) != 0; }
  friend constexpr Places operator|(Places a, Places b) {
    a.bits_ |= b.bits_;
    return a;
  }

 private:
  std::uint8_t bits_ = 0;
};
constexpr Places operator|(Place a, Place b) {
  return Places(a) | Places(b);
}

// One thing in a plan that a step may look at. What it refers to outlives the plan.
struct Subject {
  Place place = Place::kDataset;
  const Experiment& experiment;
  const Workshop& workshop;
  // The table that asks; neither for a dataset.
  const MatrixConfig* matrix = nullptr;
  const DistillConfig* distill = nullptr;
  std::string label;  // "crc", "svd-crc-bach"; of what is tested "crc-to-bach-deep"
  int fold = 1;       // of the target
  int trial = 0;      // of what is tested; else 0
  // The network, as what a training on the target would start from; the recipe is that of the tuning. Of a
  // dataset target and split alone count.
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
  kWithThePart,  // where the step's option `part` is "test"
};

struct StepKind {
  std::string_view kind;
  int revision = 1;  // raised whenever the kind's output changes
  std::string_view summary;
  PlanPart part = PlanPart::kNone;
  Places attaches_to = {};
  std::array<std::string_view, 2> outputs;  // "trial-*": trial-1, trial-2 ...; "" for no second one
  OpensTest opens_test = OpensTest::kNever;
  // Whether the table that asks wants it; nullptr: only where the experiment's extra_steps names the kind.
  bool (*wanted)(const Subject& subject) = nullptr;
  // Adds what it needs, and itself, to the graph; nullptr where there is nothing to look at.
  Step* (*attach)(const StepKind& kind, const Subject& subject, StepGraph& graph) = nullptr;

  bool declares(std::string_view output) const;
};

std::span<const StepKind> step_catalogue();

// Throws std::logic_error where there is none.
const StepKind& step_kind(PlanPart part);
const StepKind& step_kind(std::string_view kind, std::span<const StepKind> rows = step_catalogue());

// A step of the kind: without label, options, inputs and work yet.
std::unique_ptr<Step> new_step(const StepKind& kind);
inline std::unique_ptr<Step> new_step(PlanPart part) {
  return new_step(step_kind(part));
}
bool is(const Step& step, PlanPart part);

// Whether this very step opens the test patches.
bool opens_test(const Step& step, std::span<const StepKind> rows = step_catalogue());

}  // namespace histokt
