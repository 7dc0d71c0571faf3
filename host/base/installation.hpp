// SPDX-License-Identifier: MIT
// The installation that this program belongs to.
#pragma once

#include <filesystem>
#include <vector>

namespace histokt {

// The private folders lib/histokt (files that users do not run themselves): of a program in PREFIX/bin, or of
// one that lies in such a folder itself. Not all of them need exist. Build trees have the same layout.
std::vector<std::filesystem::path> installed_folders();

}  // namespace histokt
