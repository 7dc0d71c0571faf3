// SPDX-License-Identifier: MIT
// The contact sheet of a patch set: an image with some patches of each class.
#pragma once

#include <filesystem>

#include "patches/patch_set.hpp"

namespace histokt {

// Writes a PNG: for each class its name, how many patches it has, and up to eight of them, evenly spaced over
// the set, so from different images if there are several. A patch with several labels may appear under each.
// Letters that are not ASCII are shown as '?'. The same set gives the same bytes. Throws RunError.
void write_contact_sheet(const std::filesystem::path& file, const PatchSet& patches);

}  // namespace histokt
