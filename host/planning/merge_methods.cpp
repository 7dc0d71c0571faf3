// SPDX-License-Identifier: MIT
#include "planning/merge_methods.hpp"

#include <algorithm>
#include <numeric>

#include "base/errors.hpp"
#include "base/text.hpp"
#include "tasks/distiller_object.hpp"

namespace histokt {
namespace {

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
std::string method_name(const ConfiguredPlugin& distiller, const GivenOptions& given,
                        const std::string& merge_settings) {
  std::string options;
  const auto say = [&](const std::string& text) { options += (options.empty() ? "" : " ") + text; };
  for (const histokt_option& option : distiller.plugin->options()) {
    const Json& value = distiller.options.json().at(option.key);
    if (!given.find(option.key) || is_default(option, value)) continue;
    say(std::string(option.key) + "=" + option_text(value));
  }
  if (!merge_settings.empty()) say(merge_settings);
  std::ranges::replace(options, ',', ';');
  return std::string(distiller.plugin->name()) + (options.empty() ? "" : "(" + options + ")");
}

// "directions=random".
std::string options_text(const toml::table& options) {
  std::string text;
  for (const auto& [key, value] : options) {
    text += (text.empty() ? "" : " ") + std::string(key.str()) + "=" + option_text(toml_to_json(value));
  }
  return text;
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

MergeMethod MergeMethods::method_of(const DistillConfig& distill, const PluginChoice& choice,
                                    ResultKind kind) {
  const ConfiguredPlugin configured = configure(experiment_, HISTOKT_DISTILLER, choice);
  const std::string place = choice.location + choice.where + ": ";
  MergeMethod method{choice, kind};
  if (configured.plugin->needs_base()) {
    if (distill.base.empty()) {
      throw RequestError(place + configured.plugin->title() +
                         " needs a base, the checkpoint that the sources were tuned from, and none is given: "
                         "add base = \"FILE\" to this [[distill]]");
    }
    method.base = base_of(distill);
    method.merge_settings.base =
        "base=" + file_safe(distill.base.stem().string()) + "@" + method.base.digest.substr(0, 8);
  }
  if (!distill.recalibrate.empty()) {
    method.merge_settings.recalibration = "recalibrate=" + distill.recalibrate;
    if (distill.recalibration_patches != kRecalibrationPatches) {
      method.merge_settings.recalibration +=
          " recalibration_patches=" + std::to_string(distill.recalibration_patches);
    }
  }
  method.name = method_name(configured, choice.options, method.merge_settings.text());
  try {
    const DistillerObject distiller(configured);
    method.order_matters = distiller.order_matters();
    for (const auto& sources : distill.source_sets) distiller.check_sources(sources.size());
  } catch (const RequestError& error) {
    throw RequestError(place + error.what());
  }
  return method;
}

// Looked at before anything runs, once for each model.
const MergeBase& MergeMethods::base_of(const DistillConfig& distill) {
  MergeBase& base = bases_[{distill.base.string(), distill.train}];
  if (base.digest.empty()) {
    const PluginChoice& model = experiment_.recipe(distill.train).model;
    base = checked_base(distill, configure(experiment_, HISTOKT_MODEL, model));
  }
  return base;
}

// Asked once: choices point into the options.
const std::optional<DistillerControl>& MergeMethods::control_of(const PluginChoice& choice) {
  const Plugin& plugin = open_plugin(HISTOKT_DISTILLER, choice);
  const auto [at, fresh] = controls_.try_emplace(&plugin);
  if (fresh) at->second = declared_control(plugin);
  return at->second;
}

// Distillers without a control are told from that of another one, as it is by default.
PluginChoice MergeMethods::substitute(const DistillConfig& distill) const {
  const auto found = PluginRegistry::instance().first_with(HISTOKT_DISTILLER, HISTOKT_DISTILLER_CONTROL);
  const std::string& where = distill.distillers.front().where;
  if (!found) {
    throw RequestError(distill.where + where +
                       ": neither these distillers nor any installed one declares a control; give a folder "
                       "with such a plugin with --plugins DIR, or set controls = false");
  }
  return {found->note.name, {}, where, distill.where};
}

MergeMethod MergeMethods::control_method(const DistillConfig& distill, PluginChoice choice) {
  const std::optional<DistillerControl>& control = control_of(choice);
  if (!control) {
    const Plugin& plugin = open_plugin(HISTOKT_DISTILLER, choice);
    throw RequestError(plugin.file().string() +
                       ": the plugin is refused: its note names " HISTOKT_DISTILLER_CONTROL
                       ", which it does not have; this is a bug in the plugin: report it to its authors");
  }
  choice.options.override_with(control->options);
  MergeMethod method = method_of(distill, choice, ResultKind::kDeclaredControl);
  method.merge_settings.control = control->name;
  method.merge_settings.control_summary = control->summary;
  method.merge_settings.control_options = options_text(control->options);
  return method;
}

std::vector<MergeMethod> MergeMethods::of(const DistillConfig& distill) {
  std::vector<MergeMethod> methods;
  std::vector<PluginChoice> with_control;
  for (const PluginChoice& choice : distill.distillers) {
    methods.push_back(method_of(distill, choice, ResultKind::kDistilled));
    if (distill.controls && control_of(choice)) with_control.push_back(choice);
  }
  if (!distill.controls) return methods;
  if (with_control.empty()) with_control.push_back(substitute(distill));
  for (const PluginChoice& choice : with_control) methods.push_back(control_method(distill, choice));
  return methods;
}

}  // namespace histokt
