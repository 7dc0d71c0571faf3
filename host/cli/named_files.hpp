// Files and folders that a user names, checked before any work begins.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace histokt {

// option: "--patches " or "", what stands before the path in the error. Throws RequestError where there is no
// such file.
std::filesystem::path existing_file(const std::string& path, const std::string& option = "");
std::vector<std::filesystem::path> existing_files(const std::vector<std::string>& paths,
                                                  const std::string& option = "");

// `path` made absolute. Throws RequestError where the folder it shall stand in is not there.
std::filesystem::path output_file(const std::string& path, const std::string& option = "--output");

// --root as given, made absolute. Throws RequestError where there is no such folder.
std::filesystem::path image_folder(const std::string& root);

// Where plugins may keep what they unpack or draw, when there is no experiment: the user's cache folder.
std::filesystem::path default_scratch();

}  // namespace histokt
