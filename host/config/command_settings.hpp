// What the command line says of plugins and of the host's own steps: --set KEY=VALUE, checked as an
// experiment's tables are.
#pragma once

#include <string>
#include <vector>

#include "config/configured_plugin.hpp"

namespace histokt {

// Where errors of --set are said to come from; paths are relative to the current folder.
TomlSource command_line_source();

// Settings "dataset.KEY=VALUE", "standardize.KEY=VALUE" ... by their first word. Throws RequestError for a
// first word that is not in `groups`.
toml::table settings_table(const std::vector<std::string>& settings, const std::vector<std::string>& groups);
// The table of one group, empty where nothing was set.
toml::table group_of(const toml::table& settings, const std::string& group);

// The plugin of that name with these options, the others by default. Throws RequestError.
ConfiguredPlugin configured_plugin(histokt_kind kind, const std::string& name, const toml::table& given = {});

}  // namespace histokt
