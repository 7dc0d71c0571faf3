// A seed as programs of any language can read it.
#pragma once

#include <cstdint>
#include <string>

#include "base/json.hpp"

namespace histokt {

// A number, or a string above 2^53: readers that know doubles alone (JavaScript, jq) round what is above.
inline Json seed_json(std::uint64_t seed) {
  constexpr std::uint64_t kExact = std::uint64_t{1} << 53;
  return seed > kExact ? Json(std::to_string(seed)) : Json(seed);
}

}  // namespace histokt
