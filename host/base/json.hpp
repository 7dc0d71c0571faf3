// The JSON values that files, settings and results are made of.
#pragma once

#include <nlohmann/json.hpp>

namespace histokt {

using Json = nlohmann::json;

}  // namespace histokt
