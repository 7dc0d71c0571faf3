// SPDX-License-Identifier: MIT
// Values named by words in a TOML file: one list for reading, writing and help.
#pragma once

#include <algorithm>
#include <iterator>

namespace histokt {

template <typename Value>
struct Named {
  Value value;
  const char* name;
};

// Lists may hold entries of other types, with more members, as long as these two are among them.
template <typename Names, typename Value>
const char* name_of(const Names& names, const Value& value) {
  return std::ranges::find_if(names, [&](const auto& named) { return named.value == value; })->name;
}

}  // namespace histokt
