// SPDX-License-Identifier: MIT
// Files and folders that a user names, checked before any work begins.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace histokt {

// option: "--patches " or "", the text before the path in errors. Throws RequestError if there is no such
// file.
std::filesystem::path existing_file(const std::string& path, const std::string& option = "");
std::vector<std::filesystem::path> existing_files(const std::vector<std::string>& paths,
                                                  const std::string& option = "");

// `path` made absolute. Throws RequestError if its folder does not exist.
std::filesystem::path output_file(const std::string& path, const std::string& option = "--output");

// --root as given, made absolute. Throws RequestError if there is no such folder.
std::filesystem::path image_folder(const std::string& root);

// The scratch directory of plugins when there is no experiment, for what they unpack or draw: in the user's
// cache folder.
std::filesystem::path default_scratch();

}  // namespace histokt
