// SPDX-License-Identifier: MIT
#include "plugins/distiller_control.hpp"

#include <algorithm>

#include "base/errors.hpp"
#include "plugins/mapped_memory.hpp"
#include "plugins/options.hpp"
#include "plugins/plugin_call.hpp"

namespace histokt {
namespace {

constexpr std::size_t kMostOptions = 1000;

[[noreturn]] void refuse(const Plugin& distiller, const std::string& reason) {
  throw RequestError(distiller.file().string() + ": the plugin is refused: its control " + reason +
                     "; this is a bug in the plugin: report it to its authors");
}

const histokt_distiller_control* extension_of(const Plugin& distiller) {
  const auto& api = distiller.api<histokt_distiller_api>();
  if (!api.get_extension) return nullptr;
  const PluginCall running(distiller.title(), distiller.file(), "being asked for its control");
  return static_cast<const histokt_distiller_control*>(api.get_extension(HISTOKT_DISTILLER_CONTROL));
}

// Follows no pointer that leads out of the libraries' memory.
void check_memory(const Plugin& distiller, const histokt_distiller_control* control) {
  const MappedMemory memory;
  if (!memory.holds(control, sizeof *control) || control->struct_size < sizeof *control) {
    refuse(distiller, "is smaller than this host expects, or lies outside of the library");
  }
  if (!memory.holds_text(control->name) || !*control->name || !memory.holds_text(control->summary)) {
    refuse(distiller, "has no name or no summary");
  }
  const std::size_t count = control->option_count;
  if (count == 0 || count > kMostOptions || !memory.holds(control->options, count * sizeof(histokt_pair))) {
    refuse(distiller, "says it sets " + std::to_string(count) +
                          " options, expected at least one and as many as its table has");
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (memory.holds_text(control->options[i].key) && memory.holds_text(control->options[i].value)) continue;
    refuse(distiller, "has no key or no value in entry " + std::to_string(i + 1) + " of its options");
  }
}

toml::table given_options(const Plugin& distiller, const histokt_distiller_control& control) {
  toml::table table;
  for (std::size_t i = 0; i < control.option_count; ++i) {
    const auto& [key, value] = control.options[i];
    try {
      const toml::table parsed = toml::parse("value = " + std::string(value));
      table.insert(key, *parsed.get("value"));
    } catch (const toml::parse_error&) {
      refuse(distiller, std::string("sets ") + key + " to \"" + value + "\", which is no TOML value");
    }
  }
  return table;
}

// Each as if a user had written it, who may add those that have no default.
void check_options(const Plugin& distiller, const toml::table& given) {
  std::vector<histokt_option> declared;
  std::ranges::copy_if(distiller.options(), std::back_inserter(declared), [&](const histokt_option& option) {
    return option.default_text || given.contains(option.key);
  });
  try {
    OptionSet::resolve(declared, given, {}, "its options");
  } catch (const RequestError& error) {
    refuse(distiller, std::string("sets an option that it does not declare so: ") + error.what());
  }
}

}  // namespace

std::optional<DistillerControl> declared_control(const Plugin& distiller) {
  const histokt_distiller_control* control = extension_of(distiller);
  if (!control) return std::nullopt;
  check_memory(distiller, control);
  DistillerControl declared{control->name, control->summary, given_options(distiller, *control)};
  check_options(distiller, declared.options);
  return declared;
}

}  // namespace histokt
