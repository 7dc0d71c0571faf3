// Merging checkpoints with a distiller plugin.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "experiment/steps/steps.hpp"

namespace histokt {

// Reads the checkpoints, merges them and writes `output`, which says in its metadata what it was made of. names:
// of the sources, for messages. model: of the sources, for the roles and ties of their tensors; nullptr: roles are
// told from names and ranks, and no channels are tied. base: what the sources were tuned from; empty: not given.
// Throws RunError where the sources do not fit each other or the plugin fails.
void distill_checkpoints(const ConfiguredPlugin& distiller, const std::vector<std::string>& names,
                         const std::vector<std::filesystem::path>& checkpoints, const ConfiguredPlugin* model,
                         const std::filesystem::path& base, const std::filesystem::path& output);

}  // namespace histokt
