#include "experiment/merge_strategies.hpp"

#include "base/errors.hpp"
#include "base/text.hpp"
#include "experiment/distiller_object.hpp"
#include "experiment/strategy.hpp"

namespace histokt {

MergeStrategy MergeStrategies::strategy_of(const DistillConfig& distill, const PluginChoice& choice,
                                           ResultRow::Kind kind) {
  const ConfiguredPlugin configured = configure(experiment_, HISTOKT_DISTILLER, choice);
  const std::string place = choice.location + choice.where + ": ";
  MergeStrategy strategy{choice, kind};
  if (configured.plugin->needs_base()) {
    if (distill.base.empty()) {
      throw RequestError(place + configured.plugin->title() +
                         " needs a base, the network that the sources were tuned from, and none was given: "
                         "add base = \"FILE\" to this [[distill]]");
    }
    strategy.base = base_of(distill);
    strategy.made_with.base =
        "base=" + file_safe(distill.base.stem().string()) + "@" + strategy.base.digest.substr(0, 8);
  }
  if (!distill.recalibrate.empty()) {
    strategy.made_with.recalibration = "recalibrate=" + distill.recalibrate;
    if (distill.recalibration_patches != kRecalibrationPatches) {
      strategy.made_with.recalibration +=
          " recalibration_patches=" + std::to_string(distill.recalibration_patches);
    }
  }
  strategy.name = strategy_name(configured, choice.options, strategy.made_with.text());
  try {
    const DistillerObject distiller(configured);
    strategy.order_matters = distiller.order_matters();
    for (const auto& sources : distill.source_sets) distiller.check_sources(sources.size());
  } catch (const RequestError& error) {
    throw RequestError(place + error.what());
  }
  return strategy;
}

// Looked at before anything runs, once for each model.
const MergeBase& MergeStrategies::base_of(const DistillConfig& distill) {
  MergeBase& base = bases_[{distill.base.string(), distill.train}];
  if (base.digest.empty()) {
    const PluginChoice& model = experiment_.recipe(distill.train).model;
    base = checked_base(distill, configure(experiment_, HISTOKT_MODEL, model));
  }
  return base;
}

std::vector<MergeStrategy> MergeStrategies::of(const DistillConfig& distill) {
  std::vector<MergeStrategy> strategies;
  std::vector<PluginChoice> controls;
  for (const PluginChoice& choice : distill.distillers) {
    strategies.push_back(strategy_of(distill, choice, ResultRow::Kind::kDistilled));
    if (has_random_directions(open_plugin(HISTOKT_DISTILLER, choice))) controls.push_back(choice);
  }
  if (!distill.controls) return strategies;
  if (controls.empty()) controls.push_back({"svd", {}, distill.distillers.front().where, distill.where});
  for (PluginChoice& control : controls) {
    control.options.set("directions", *random_directions_.get("directions"));
    strategies.push_back(strategy_of(distill, control, ResultRow::Kind::kRandomDirections));
  }
  return strategies;
}

}  // namespace histokt
