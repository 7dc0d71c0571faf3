// Where this program stands, and what was installed with it.
#pragma once

#include <filesystem>
#include <vector>

namespace histokt {

// The folders that hold what is not for a person's command line, lib/histokt: of a program in PREFIX/bin, or
// of one that lies in that folder itself. Not all of them need be there. Build trees look the same.
std::vector<std::filesystem::path> installed_folders();

}  // namespace histokt
