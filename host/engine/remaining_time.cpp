// SPDX-License-Identifier: MIT
#include "engine/remaining_time.hpp"

#include <algorithm>
#include <set>

namespace histokt {

bool may_already_be_finished(const Step& step) {
  return std::ranges::any_of(step.inputs, [](const StepInput& input) {
    return !input.step->record && input.step->may_pass_on_its_input;
  });
}

std::vector<const Step*> open_work(const std::vector<Step*>& steps) {
  std::vector<const Step*> open;
  std::set<std::string> known;
  for (const Step* step : steps) {
    if (step->record) known.insert(step->record->identity);
  }
  for (const Step* step : steps) {
    if (!step->workload || step->record || may_already_be_finished(*step)) continue;
    if (step->ready() && !known.insert(step->identity()).second) continue;
    open.push_back(step);
  }
  return open;
}

void RemainingTime::add(const Step& step, double seconds) {
  if (!step.workload) return;
  const std::optional<double> work = step.workload->amount(step);
  if (!work) return;
  for (Measured* measured : {&by_likeness_[step.workload->like], &all_}) {
    measured->seconds += seconds;
    measured->work += *work;
  }
}

std::optional<double> RemainingTime::seconds(const std::vector<Step*>& steps) const {
  if (all_.work <= 0) return std::nullopt;
  double sum = 0;
  for (const Step* step : open_work(steps)) {
    const std::optional<double> work = step->workload->amount(*step);
    if (!work) return std::nullopt;
    const auto found = by_likeness_.find(step->workload->like);
    const Measured& like = found == by_likeness_.end() ? all_ : found->second;
    sum += *work * like.seconds / like.work;
  }
  return sum;
}

}  // namespace histokt
