// A picture of a patch set for a person to look at: some patches of each class.
#pragma once

#include <filesystem>

#include "patches/patch_set.hpp"

namespace histokt {

// Writes a PNG: for each class its name, how many patches it has, and up to eight of them, taken at even
// distances over the set, so of other pictures where there are some. A patch of several labels may stand
// under each. Letters that are not ASCII are shown as '?'. The same set gives the same bytes. Throws
// RunError.
void write_contact_sheet(const std::filesystem::path& file, const PatchSet& patches);

}  // namespace histokt
