// SPDX-License-Identifier: MIT
// The graph of a plan's steps, each once, in an order in which each comes after its inputs.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "engine/step.hpp"
#include "steps/catalogue.hpp"

namespace histokt {

// Checks every step against the catalogue: an input that the input's kind does not declare as an output is
// refused when the step is added, an undeclared output of its own when the step has run. Both are programming
// errors: std::logic_error. One thread at a time.
class StepGraph {
 public:
  explicit StepGraph(std::span<const StepKind> kinds = step_catalogue()) : kinds_(kinds) {}

  // Returns the step, or an existing one with the same kind, label, options and inputs.
  Step* add(std::unique_ptr<Step> step);

  const std::vector<std::unique_ptr<Step>>& steps() const { return steps_; }
  std::span<const StepKind> kinds() const { return kinds_; }
  // Moves the steps out; the graph is then empty.
  std::vector<std::unique_ptr<Step>> take();

 private:
  using Inputs = std::vector<std::tuple<std::string, const Step*, std::string>>;  // role, step, output
  using Key = std::tuple<std::string, std::string, std::string, Inputs>;          // kind, label, options

  std::span<const StepKind> kinds_;
  std::vector<std::unique_ptr<Step>> steps_;
  std::map<Key, Step*> known_;
};

// Asks every kind that attaches to the subject; returns the added steps.
std::vector<Step*> attach_all(const Subject& subject, StepGraph& graph);

// Throws RequestError if extra_steps names a kind that attaches to nothing.
void check_extra_steps(const Experiment& experiment, std::span<const StepKind> kinds);

}  // namespace histokt
