// SPDX-License-Identifier: MIT
// The paths of what tests read: golden numbers, the sources, the build tree.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace histokt::test {

// A file of golden numbers, "adamp.safetensors": from the folder that the environment variable
// HISTOKT_GOLDENS names, if it is set and has the file, otherwise the project's own. Throws
// std::runtime_error if the variable names something that is not a folder.
std::filesystem::path golden(const std::string& name);

// The project's own file, whatever the environment: for tests that only need an image they know.
std::filesystem::path own_golden(const std::string& name);

// The names of the files that golden() finds, "svd_merge_2.safetensors", by beginning and ending, in order.
std::vector<std::string> golden_names(std::string_view beginning, std::string_view ending);

std::filesystem::path source_folder();
std::filesystem::path build_folder();

}  // namespace histokt::test
