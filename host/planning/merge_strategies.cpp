#include "planning/merge_strategies.hpp"

#include <algorithm>
#include <numeric>

#include "base/errors.hpp"
#include "base/text.hpp"
#include "tasks/distiller_object.hpp"

namespace histokt {
namespace {

const toml::table kRandomDirections{{"directions", "random"}};

std::string option_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number()) return number_text(value.get<double>());
  if (!value.is_array()) return value.dump();
  std::string text;
  for (const Json& item : value) text += (text.empty() ? "" : " ") + option_text(item);
  return "[" + text + "]";
}

bool is_default(const histokt_option& option, const Json& value) {
  if (!option.default_text) return false;
  const toml::table parsed = toml::parse("value = " + std::string(option.default_text));
  return toml_to_json(*parsed.get("value")) == value;
}

// "svd", or "svd(rank=16 rescale=norm)": the plugin, those of the given options that differ from their
// defaults, and what else the merge is made with ("recalibrate=crc"), so that two of one plugin are told
// apart in labels and tables. Without commas.
std::string strategy_name(const ConfiguredPlugin& distiller, const GivenOptions& given,
                          const std::string& made_with) {
  std::string options;
  const auto say = [&](const std::string& text) { options += (options.empty() ? "" : " ") + text; };
  for (const histokt_option& option : distiller.plugin->options()) {
    const Json& value = distiller.options.json().at(option.key);
    if (!given.find(option.key) || is_default(option, value)) continue;
    say(std::string(option.key) + "=" + option_text(value));
  }
  if (!made_with.empty()) say(made_with);
  std::ranges::replace(options, ',', ';');
  return std::string(distiller.plugin->name()) + (options.empty() ? "" : "(" + options + ")");
}

// Whether the plugin can project on random directions instead: an option `directions` with the choice
// "random".
bool has_random_directions(const Plugin& distiller) {
  for (const histokt_option& option : distiller.options()) {
    if (std::string(option.key) != "directions") continue;
    for (const char* const* choice = option.choices; choice && *choice; ++choice) {
      if (std::string(*choice) == "random") return true;
    }
  }
  return false;
}

}  // namespace

std::vector<std::vector<std::string>> orders_of(const std::vector<std::string>& sources, bool all) {
  if (!all) return {sources};
  std::vector<std::size_t> places(sources.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  std::vector<std::vector<std::string>> orders;
  do {
    auto& order = orders.emplace_back();
    for (std::size_t place : places) order.push_back(sources[place]);
  } while (std::next_permutation(places.begin(), places.end()));
  return orders;
}

MergeStrategy MergeStrategies::strategy_of(const DistillConfig& distill, const PluginChoice& choice,
                                           ResultKind kind) {
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
    strategies.push_back(strategy_of(distill, choice, ResultKind::kDistilled));
    if (has_random_directions(open_plugin(HISTOKT_DISTILLER, choice))) controls.push_back(choice);
  }
  if (!distill.controls) return strategies;
  if (controls.empty()) controls.push_back({"svd", {}, distill.distillers.front().where, distill.where});
  for (PluginChoice& control : controls) {
    control.options.set("directions", *kRandomDirections.get("directions"));
    strategies.push_back(strategy_of(distill, control, ResultKind::kRandomDirections));
  }
  return strategies;
}

}  // namespace histokt
