// SPDX-License-Identifier: MIT
#include "steps/step_graph.hpp"

#include <algorithm>
#include <stdexcept>

#include "base/errors.hpp"
#include "base/text.hpp"

namespace histokt {
namespace {

bool is_extra(const Experiment& experiment, const StepKind& kind) {
  return std::ranges::find(experiment.extra_steps, kind.kind) != experiment.extra_steps.end();
}

// The same work, which then checks what it made.
std::function<StepResult(StepContext&)> declared_work(std::function<StepResult(StepContext&)> work,
                                                      const StepKind& kind) {
  return [work = std::move(work), &kind](StepContext& context) {
    StepResult result = work(context);
    for (const auto& [name, output] : result.outputs) {
      if (kind.declares(name)) continue;
      throw std::logic_error(context.step().title() + " made \"" + name +
                             "\", which its row of the step catalogue does not declare");
    }
    return result;
  };
}

}  // namespace

Step* StepGraph::add(std::unique_ptr<Step> step) {
  const StepKind& kind = step_kind(step->kind, kinds_);
  Inputs inputs;
  for (const StepInput& input : step->inputs) {
    if (!step_kind(input.step->kind, kinds_).declares(input.output)) {
      throw std::logic_error(step->title() + " takes \"" + input.output + "\" of " + input.step->title() +
                             ", whose row of the step catalogue does not declare it");
    }
    inputs.emplace_back(input.role, input.step, input.output);
  }
  Step*& known = known_[{step->kind, step->label, step->options.dump(), std::move(inputs)}];
  if (known) return known;
  step->work = declared_work(std::move(step->work), kind);
  steps_.push_back(std::move(step));
  return known = steps_.back().get();
}

std::vector<std::unique_ptr<Step>> StepGraph::take() {
  known_.clear();
  return std::move(steps_);
}

std::vector<Step*> attach_all(const Subject& subject, StepGraph& graph) {
  std::vector<Step*> added;
  for (const StepKind& kind : graph.kinds()) {
    if (!kind.attaches_to.has(subject.place)) continue;
    if (!is_extra(subject.experiment, kind) && !(kind.wanted && kind.wanted(subject))) continue;
    if (Step* step = kind.attach(kind, subject, graph)) added.push_back(step);
  }
  return added;
}

void check_extra_steps(const Experiment& experiment, std::span<const StepKind> kinds) {
  std::vector<std::string> known, described;
  for (const StepKind& kind : kinds) {
    if (!kind.attach) continue;
    known.emplace_back(kind.kind);
    described.push_back(known.back() + " (" + std::string(kind.summary) + ")");
  }
  for (const std::string& name : experiment.extra_steps) {
    if (std::ranges::find(known, name) != known.end()) continue;
    throw RequestError(experiment.source.file + ": extra_steps names \"" + name +
                       "\", which is not a kind of step that evaluates models." + did_you_mean(name, known) +
                       " Known are " + joined(described) + ".");
  }
}

}  // namespace histokt
