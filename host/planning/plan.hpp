// From an experiment to its graph of steps. Plugins are opened and their options checked here, so that a
// wrong request is found before any step starts; data is read by the steps alone.
#pragma once

#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "config/experiment.hpp"
#include "engine/step.hpp"
#include "planning/result_kind.hpp"
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
    std::vector<std::vector<Step*>> trainings;  // [setting][trial], behind the choice
    Step* probe = nullptr;                      // of the encoder before tuning; nullptr: not asked for
    Step* untuned = nullptr;                    // the test before tuning, where its head fits; likewise
    Step* merge = nullptr;                      // distill
  };
  std::vector<Fold> folds;
};

struct Plan {
  std::vector<std::unique_ptr<Step>> steps;  // each behind its inputs
  std::vector<Cell> cells;
  std::map<const Step*, const Recipe*> trainings;  // what each training is done by
};

// `experiment` and `workshop` must outlive the plan. Throws RequestError.
Plan make_plan(const Experiment& experiment, const Workshop& workshop);

}  // namespace histokt
