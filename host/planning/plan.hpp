// From an experiment to its graph of steps. Plugins are opened and their options checked here, so that a
// wrong request is found before any step starts; data is read by the steps alone.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/experiment.hpp"
#include "engine/step.hpp"
#include "planning/result_kind.hpp"
#include "steps/catalogue.hpp"
#include "tasks/workshop.hpp"

namespace histokt {

// One row of a table: how a network came to be, and its tests.
struct Cell {
  using Kind = ResultKind;
  Kind kind = Kind::kBaseline;
  std::vector<std::string> sources;  // datasets in the order of a merge; the target itself for a baseline
  std::string target;
  std::string recipe;                 // of the last training
  std::string train;                  // of the baselines behind it
  std::string distiller;              // "" unless distilled
  std::string strategy;               // as in ResultRow
  MadeWith made_with;                 // likewise
  std::string weights;                // name of the file that a baseline starts from; "" for random numbers
  std::vector<std::string> matrices;  // those that it stands in, by name
  bool in_distillation = false;       // and whether it stands among the merges
  // One a fold of the target, one alone where it has no folds.
  struct Fold {
    Step* choice = nullptr;          // choose-rate; nullptr where nothing was trained (layers = "none")
    std::vector<Step*> evaluations;  // one a trial
    std::vector<std::vector<Step*>> trainings = {};  // [setting][trial], behind the choice
    // What looks at this network before it is tuned, and at those that are tested: kinds that attach.
    std::vector<Step*> looks = {};
    Step* merge = nullptr;  // distill

    // Those of one kind, and the first of them, nullptr where there is none: "probe" is the encoder's before
    // tuning, "evaluate" the test before tuning.
    std::vector<const Step*> looks_of(std::string_view kind) const;
    const Step* look(std::string_view kind) const;
  };
  std::vector<Fold> folds;
};

struct Plan {
  std::vector<std::unique_ptr<Step>> steps;  // each behind its inputs
  std::vector<Cell> cells;
  std::map<const Step*, const Recipe*> trainings;  // what each training is done by
};

// All that is given must outlive the plan. kinds: which there are. Throws RequestError.
Plan make_plan(const Experiment& experiment, const Workshop& workshop,
               std::span<const StepKind> kinds = step_catalogue());

}  // namespace histokt
