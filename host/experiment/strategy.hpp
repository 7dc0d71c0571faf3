// What an experiment asks of a distiller before it merges anything.
#pragma once

#include <string>
#include <vector>

#include "experiment/configured_plugin.hpp"

namespace histokt {

// "svd", or "svd(rank=16 rescale=norm)": the plugin, those of the given options that differ from their
// defaults, and what else the merge is made with ("recalibrate=crc"), so that two of one plugin are told
// apart in labels and tables. Without commas.
std::string strategy_name(const ConfiguredPlugin& distiller, const GivenOptions& given,
                          const std::string& made_with);

// All orders of some sources, as they are first; or that one alone.
std::vector<std::vector<std::string>> orders_of(const std::vector<std::string>& sources, bool all);

// Whether the plugin can project on random directions instead: an option `directions` with the choice
// "random".
bool has_random_directions(const Plugin& distiller);

}  // namespace histokt
