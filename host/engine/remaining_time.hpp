// SPDX-License-Identifier: MIT
// An estimate of a run's remaining time from the steps it has finished.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/step.hpp"

namespace histokt {

// Estimated from the workloads that steps declare: by the speed of similar steps if one has run, otherwise of
// all steps. Not thread-safe.
class RemainingTime {
 public:
  // Records how long a finished step took.
  void add(const Step& step, double seconds);

  // For the open steps among `steps` (open_work). nullopt before one has been measured, or while the workload
  // of one is unknown.
  std::optional<double> seconds(const std::vector<Step*>& steps) const;

 private:
  struct Measured {
    double seconds = 0, work = 0;
  };
  std::map<std::string, Measured> by_likeness_;
  Measured all_;
};

// The steps with a workload that will run, as far as is known: those that are not finished, each identity
// once, without those that may not run after all (may_already_be_finished).
std::vector<const Step*> open_work(const std::vector<Step*>& steps);

// Whether an input that has not run yet may pass on its own input (Step::may_pass_on_its_input). The step may
// then turn out to be finished already, and not run.
bool may_already_be_finished(const Step& step);

}  // namespace histokt
