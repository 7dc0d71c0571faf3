// SPDX-License-Identifier: MIT
#include "config/configured_plugin.hpp"

#include "base/errors.hpp"

namespace histokt {

const Plugin& open_plugin(histokt_kind kind, const PluginChoice& choice) {
  try {
    return PluginRegistry::instance().open(kind, choice.use);
  } catch (const RequestError& error) {
    throw RequestError(choice.location + choice.where + ": " + error.what());
  }
}

OptionSet resolve_options(const Experiment& experiment, const Plugin& plugin, const PluginChoice& choice,
                          const GivenOptions& given) {
  return OptionSet::resolve(plugin.options(), given, experiment.source,
                            plugin.title() + " (" + choice.where + ".options)");
}

ConfiguredPlugin configure(const Experiment& experiment, histokt_kind kind, const PluginChoice& choice) {
  const Plugin& plugin = open_plugin(kind, choice);
  return {&plugin, resolve_options(experiment, plugin, choice, choice.options)};
}

Json plugin_json(const Plugin& plugin) {
  return {{"kind", kind_name(plugin.kind())},
          {"name", plugin.name()},
          {"version", plugin.version()},
          {"sha256", plugin.sha256()}};
}

}  // namespace histokt
