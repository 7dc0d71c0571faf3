#include "engine/remaining_time.hpp"

#include <algorithm>
#include <set>

namespace histokt {
namespace {

std::string kind_of(const Step& step) {
  return step.options.at("model").dump() + step.options.at("recipe").at("layers").dump();
}

}  // namespace

bool is_of_one_source(const Step& step) {
  return step.kind == "distill" && std::ranges::count_if(step.inputs, [](const StepInput& input) {
                                     return input.role.starts_with("source");
                                   }) == 1;
}

bool may_be_another(const Step& training) {
  return std::ranges::any_of(training.inputs, [](const StepInput& input) {
    return !input.step->record && is_of_one_source(*input.step);
  });
}

std::vector<const Step*> open_trainings(const std::vector<Step*>& steps) {
  std::vector<const Step*> open;
  std::set<std::string> known;
  for (const Step* step : steps) {
    if (step->record) known.insert(step->record->identity);
  }
  for (const Step* step : steps) {
    if (step->kind != "train" || step->record || may_be_another(*step)) continue;
    if (step->ready() && !known.insert(step->identity()).second) continue;
    open.push_back(step);
  }
  return open;
}

double passes_of(const Step& training) {
  const Json& recipe = training.options.at("recipe");
  return recipe.value("views", 0) > 0 ? recipe.at("views").get<double>() : recipe.at("epochs").get<double>();
}

std::optional<double> training_work(const Step& step) {
  for (const StepInput& input : step.inputs) {
    if (input.role != "split" || !input.step->record) continue;
    return passes_of(step) * input.step->record->result.summary.at("patches").at(0).get<double>();
  }
  return std::nullopt;
}

void RemainingTime::add(const Step& step, double seconds) {
  if (step.kind != "train") return;
  if (step.record && step.record->result.summary.contains("diverged")) return;  // it ended early
  const std::optional<double> work = training_work(step);
  if (!work) return;
  for (Measured* measured : {&by_kind_[kind_of(step)], &all_}) {
    measured->seconds += seconds;
    measured->work += *work;
  }
}

std::optional<double> RemainingTime::seconds(const std::vector<Step*>& steps) const {
  if (all_.work <= 0) return std::nullopt;
  double sum = 0;
  for (const Step* step : open_trainings(steps)) {
    const std::optional<double> work = training_work(*step);
    if (!work) return std::nullopt;
    const auto found = by_kind_.find(kind_of(*step));
    const Measured& like = found == by_kind_.end() ? all_ : found->second;
    sum += *work * like.seconds / like.work;
  }
  return sum;
}

}  // namespace histokt
