// SPDX-License-Identifier: MIT
#include "config/resolved.hpp"

#include <histokt/plugin.h>

#include <sstream>

#include "config/standardize_options.hpp"
#include "config/toml_tables/toml_tables.hpp"
#include "plugins/registry.hpp"

namespace histokt {
namespace {

// Paths in a file that lies elsewhere would lead elsewhere.
void make_absolute(toml::node& node, const TomlSource& source) {
  if (toml::array* list = node.as_array()) {
    for (toml::node& item : *list) make_absolute(item, source);
  } else if (node.is_string() && !node.as_string()->get().empty()) {
    std::string& path = node.as_string()->get();
    path = std::filesystem::absolute(source.base_folder / path).lexically_normal().string();
  }
}

toml::table with_defaults(toml::table options, std::span<const histokt_option> declared,
                          const TomlSource& source) {
  for (const histokt_option& option : declared) {
    if (!options.contains(option.key) && option.default_text) {
      const toml::table parsed = toml::parse("value = " + std::string(option.default_text));
      options.insert(option.key, *parsed.get("value"));
    }
    const bool is_path = option.type == HISTOKT_PATH || option.type == HISTOKT_PATH + HISTOKT_LIST;
    if (toml::node* node = options.get(option.key); node && is_path) make_absolute(*node, source);
  }
  return options;
}

toml::table plugin_options(histokt_kind kind, const PluginChoice& choice, const TomlSource& source) {
  const Plugin& plugin = PluginRegistry::instance().open(kind, choice.use);
  return with_defaults(choice.options.table(), plugin.options(), source);
}

toml::table standardize_table(const GivenOptions& given, const Experiment& experiment) {
  toml::table how = given.table();
  if (experiment.paper() && !how.contains("rounding")) how.insert("rounding", "truncate");
  return with_defaults(std::move(how), standardize_options(), experiment.source);
}

}  // namespace

std::string resolved_text(const Experiment& experiment) {
  const Writing writing = {[&](histokt_kind kind, const PluginChoice& choice) {
                             return plugin_options(kind, choice, experiment.source);
                           },
                           [&](const GivenOptions& given) { return standardize_table(given, experiment); }};
  std::ostringstream text;
  text << experiment_keys().written(experiment, writing) << "\n";
  return text.str();
}

}  // namespace histokt
