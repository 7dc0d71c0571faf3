// What the merges of a distiller are to be told from, as its plugin declares it (HISTOKT_DISTILLER_CONTROL).
#pragma once

#include <toml++/toml.h>
#include <optional>
#include <string>

#include "plugins/registry.hpp"

namespace histokt {

struct DistillerControl {
  std::string name;     // "random directions"
  std::string summary;  // one sentence
  toml::table options;  // those that make it the control, each declared by the plugin and within its range
};

// nullopt where the plugin declares none. Throws RequestError where what it declares cannot be used: a fault
// of the plugin.
std::optional<DistillerControl> declared_control(const Plugin& distiller);

}  // namespace histokt
