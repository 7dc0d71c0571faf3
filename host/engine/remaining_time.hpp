// How long the rest of a run may take, by how long its steps have taken so far.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/step.hpp"

namespace histokt {

// Reckoned by the amounts of work that steps declare (Workload): of steps that are alike where one has run,
// of any where none has. Not thread-safe.
class RemainingTime {
 public:
  // A step that is finished now took that long.
  void add(const Step& step, double seconds);

  // Of the open ones among `steps` (open_work). Nothing before one has been measured, or while the amount of
  // one is not known.
  std::optional<double> seconds(const std::vector<Step*>& steps) const;

 private:
  struct Measured {
    double seconds = 0, work = 0;
  };
  std::map<std::string, Measured> by_likeness_;
  Measured all_;
};

// The steps with a workload that will run, as far as is known: those that are not finished, each identity
// once, without those of which it is open whether they run at all (may_be_another).
std::vector<const Step*> open_work(const std::vector<Step*>& steps);

// Whether an input has not run yet that may come out as what it was given (Step::may_pass_on_its_input). The
// step may then be one that is there already, and not run.
bool may_be_another(const Step& step);

}  // namespace histokt
