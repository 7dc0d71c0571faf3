// SPDX-License-Identifier: MIT
// The plan of an experiment: its graph of steps. Planning opens the plugins and checks their options, so that
// a wrong request is found before any step starts. It reads no pixels; images are listed if
// leave-one-group-out folds must be counted, and files of weights are read and digested.
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
#include "tasks/compute_context.hpp"

namespace histokt {

// One row of a table: how a network was made, and its tests.
struct Cell {
  using Kind = ResultKind;
  Kind kind = Kind::kBaseline;
  std::vector<std::string> sources;  // datasets in the order of a merge; the target itself for a baseline
  std::string target;
  std::string recipe;                 // of the last training
  std::string train;                  // of the baselines behind it
  std::string distiller;              // "" unless distilled
  std::string method;                 // as in ResultRow
  MergeSettings merge_settings;       // likewise
  std::string weights;                // name of the file that a baseline starts from; "" for random numbers
  std::vector<std::string> matrices;  // those that contain it, by name
  bool in_distillation = false;       // whether it is among the merges
  // One per fold of the target, a single one if it has no folds.
  struct Fold {
    Step* choice = nullptr;          // choose-rate; nullptr if nothing was trained (layers = "none")
    std::vector<Step*> evaluations;  // one per trial
    std::vector<std::vector<Step*>> trainings = {};  // [setting][trial], behind the choice
    // Attached steps: those of this network before tuning, and those of the tested networks.
    std::vector<Step*> looks = {};
    Step* merge = nullptr;  // distill

    // Those of one kind, and the first of them or nullptr: "probe" is the encoder's before tuning, "evaluate"
    // the test before tuning.
    std::vector<const Step*> looks_of(std::string_view kind) const;
    const Step* look(std::string_view kind) const;
  };
  std::vector<Fold> folds;
};

struct Plan {
  std::vector<std::unique_ptr<Step>> steps;  // each after its inputs
  std::vector<Cell> cells;
  std::map<const Step*, const Recipe*> trainings;  // the recipe of each training
};

// The arguments must outlive the plan. kinds: the step catalogue. Throws RequestError.
Plan make_plan(const Experiment& experiment, const ComputeContext& compute,
               std::span<const StepKind> kinds = step_catalogue());

}  // namespace histokt
