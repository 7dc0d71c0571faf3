#include "experiment/remaining_time.hpp"

namespace histokt {
namespace {

// How often the network sees each training patch. Where views of the patches are kept, it sees those alone.
double passes(const Json& recipe) {
  return recipe.value("views", 0) > 0 ? recipe.at("views").get<double>() : recipe.at("epochs").get<double>();
}

std::string kind_of(const Step& step) {
  return step.options.at("model").dump() + step.options.at("recipe").at("layers").dump();
}

}  // namespace

std::optional<double> training_work(const Step& step) {
  for (const StepInput& input : step.inputs) {
    if (input.role != "split" || !input.step->record) continue;
    const double patches = input.step->record->result.summary.at("patches").at(0).get<double>();
    return passes(step.options.at("recipe")) * patches;
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
  for (const Step* step : steps) {
    if (step->record || step->kind != "train") continue;
    const std::optional<double> work = training_work(*step);
    if (!work) return std::nullopt;
    const auto found = by_kind_.find(kind_of(*step));
    const Measured& like = found == by_kind_.end() ? all_ : found->second;
    sum += *work * like.seconds / like.work;
  }
  return sum;
}

}  // namespace histokt
