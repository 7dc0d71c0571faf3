// SPDX-License-Identifier: MIT
// The control that a distiller's plugin declares for its merges (HISTOKT_DISTILLER_CONTROL).
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

// nullopt if the plugin declares none. Throws RequestError if its declaration cannot be used: a fault of the
// plugin.
std::optional<DistillerControl> declared_control(const Plugin& distiller);

}  // namespace histokt
