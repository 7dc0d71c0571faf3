// SPDX-License-Identifier: MIT
#include "config/command_settings.hpp"

#include <algorithm>

#include "base/errors.hpp"
#include "base/text.hpp"

namespace histokt {

TomlSource command_line_source() {
  return {"command line", std::filesystem::current_path()};
}

toml::table settings_table(const std::vector<std::string>& settings, const std::vector<std::string>& groups) {
  toml::table table;
  for (const std::string& setting : settings) {
    const std::string group = setting.substr(0, setting.find('.'));
    if (setting.find('.') > setting.find('=') ||
        std::find(groups.begin(), groups.end(), group) == groups.end()) {
      throw RequestError("--set " + setting + ": expected " + joined(groups, ".KEY=VALUE or ") +
                         ".KEY=VALUE." + did_you_mean(group, groups));
    }
    apply_setting(table, setting);
  }
  return table;
}

toml::table group_of(const toml::table& settings, const std::string& group) {
  const toml::table* table = settings[group].as_table();
  return table ? *table : toml::table{};
}

ConfiguredPlugin configured_plugin(histokt_kind kind, const std::string& name, const toml::table& given) {
  const Plugin& plugin = PluginRegistry::instance().open(kind, name);
  return {&plugin, OptionSet::resolve(plugin.options(), given, command_line_source(), plugin.title())};
}

}  // namespace histokt
