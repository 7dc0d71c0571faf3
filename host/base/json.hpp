// SPDX-License-Identifier: MIT
// The JSON type of files, settings and results.
#pragma once

#include <nlohmann/json.hpp>

namespace histokt {

using Json = nlohmann::json;

}  // namespace histokt
