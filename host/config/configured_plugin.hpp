// SPDX-License-Identifier: MIT
// Opening a plugin and checking its options as an experiment configures them.
#pragma once

#include "base/json.hpp"
#include "config/experiment.hpp"
#include "plugins/options.hpp"
#include "plugins/registry.hpp"

namespace histokt {

// A plugin and its checked options.
struct ConfiguredPlugin {
  const Plugin* plugin = nullptr;
  OptionSet options;
  Json json() const { return {{"use", plugin->name()}, {"options", options.json()}}; }
};

// All throw RequestError with the location of the choice in the file.
const Plugin& open_plugin(histokt_kind kind, const PluginChoice& choice);
// given: the choice's own options, or others in their place if lists of them are searched.
OptionSet resolve_options(const Experiment& experiment, const Plugin& plugin, const PluginChoice& choice,
                          const GivenOptions& given);
ConfiguredPlugin configure(const Experiment& experiment, histokt_kind kind, const PluginChoice& choice);

// {kind, name, version, sha256}: a plugin in a step's identity.
Json plugin_json(const Plugin& plugin);

}  // namespace histokt
