// SPDX-License-Identifier: MIT
// The command line's --set KEY=VALUE for plugins and the host's own steps, checked like an experiment's
// tables.
#pragma once

#include <string>
#include <vector>

#include "config/configured_plugin.hpp"

namespace histokt {

// The source that errors of --set name; paths are relative to the current folder.
TomlSource command_line_source();

// Settings "dataset.KEY=VALUE", "standardize.KEY=VALUE" ... by their first word. Throws RequestError for a
// first word that is not in `groups`.
toml::table settings_table(const std::vector<std::string>& settings, const std::vector<std::string>& groups);
// The table of one group, empty if nothing was set.
toml::table group_of(const toml::table& settings, const std::string& group);

// The plugin of that name with these options, the others by default. Throws RequestError.
ConfiguredPlugin configured_plugin(histokt_kind kind, const std::string& name, const toml::table& given = {});

}  // namespace histokt
