// An experiment with everything said: what the command line set, and every default, also of the plugins'
// options.
#pragma once

#include <string>

#include "config/experiment.hpp"

namespace histokt {

// A TOML file that asks for the very same steps wherever it lies: paths are absolute, and nothing is left to
// defaults, which another version may choose differently. Opens the plugins. Throws RequestError.
std::string resolved_text(const Experiment& experiment);

}  // namespace histokt
