// SPDX-License-Identifier: MIT
// A resolved experiment: what the command line set, and every default, also of the plugins' options.
#pragma once

#include <string>

#include "config/experiment.hpp"

namespace histokt {

// A TOML file that gives exactly the same steps wherever it is: paths are absolute, and nothing is left to
// defaults, which may change between versions. Opens the plugins. Throws RequestError.
std::string resolved_text(const Experiment& experiment);

}  // namespace histokt
