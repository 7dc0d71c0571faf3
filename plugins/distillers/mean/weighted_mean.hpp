// SPDX-License-Identifier: MIT
// The mean of all sources, which every distiller falls back on for some tensors.
#pragma once

#include <histokt/distiller.hpp>
#include <span>
#include <string_view>
#include <vector>

namespace histokt {

// One tensor in all sources, in their order.
using InAllSources = std::vector<std::span<const float>>;

// Valid during merge. Throws PluginError if a source lacks it.
InAllSources in_all_sources(const Merge& merge, std::string_view name);

// sum_s shares[s] W_s, entry by entry, in double precision. shares: as shares_for() gives them; empty: all
// alike.
void write_mean(const InAllSources& sources, std::span<float> result, std::span<const double> shares = {});

}  // namespace histokt
