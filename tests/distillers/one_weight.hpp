// SPDX-License-Identifier: MIT
// Networks of one weight, merged by a distiller that works against a base.
#pragma once

#include "distill/small_networks.hpp"
#include "distillers/merging.hpp"

namespace histokt {

inline MergeInput one_weight(const std::string& name, const std::vector<float>& entries,
                             const std::string& tensor = "conv.weight") {
  return {name, {{float_tensor(tensor, {static_cast<std::int64_t>(entries.size())}, entries)}, {}}};
}

template <typename Class>
std::vector<float> merged_entries(const FakeSettings& settings, const std::vector<MergeInput>& sources,
                                  const MergeInput& base) {
  return entries_of(merged_by<Class>(settings, sources, &base).tensors.at(0));
}

}  // namespace histokt
