// The steps of a plan, each once, in an order in which each stands behind its inputs.
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

// Holds every step to its row of the catalogue: an input that its maker does not declare is refused when it
// is added, an output that its own kind does not declare when it has worked. Both are mistakes of the
// program: std::logic_error. One thread at a time.
class StepGraph {
 public:
  explicit StepGraph(std::span<const StepKind> kinds = step_catalogue()) : kinds_(kinds) {}

  // The step; or the one of the same kind, label, options and inputs that is there already.
  Step* add(std::unique_ptr<Step> step);

  const std::vector<std::unique_ptr<Step>>& steps() const { return steps_; }
  std::span<const StepKind> kinds() const { return kinds_; }
  // Hands them over; the graph is empty then.
  std::vector<std::unique_ptr<Step>> take();

 private:
  using Inputs = std::vector<std::tuple<std::string, const Step*, std::string>>;  // role, step, output
  using Key = std::tuple<std::string, std::string, std::string, Inputs>;          // kind, label, options

  std::span<const StepKind> kinds_;
  std::vector<std::unique_ptr<Step>> steps_;
  std::map<Key, Step*> known_;
};

// Asks every kind that attaches to the subject; returns what they added.
std::vector<Step*> attach_all(const Subject& subject, StepGraph& graph);

// Throws RequestError where extra_steps names a kind that attaches to nothing.
void check_extra_steps(const Experiment& experiment, std::span<const StepKind> kinds);

}  // namespace histokt
