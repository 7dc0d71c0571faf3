// SPDX-License-Identifier: MIT
#include "cli/named_files.hpp"

#include <cstdlib>

#include "base/errors.hpp"

namespace histokt {

namespace fs = std::filesystem;

fs::path existing_file(const std::string& path, const std::string& option) {
  if (fs::is_regular_file(path)) return path;
  throw RequestError(option + path + ": there is no such file");
}

std::vector<fs::path> existing_files(const std::vector<std::string>& paths, const std::string& option) {
  std::vector<fs::path> files;
  files.reserve(paths.size());
  for (const std::string& path : paths) files.push_back(existing_file(path, option));
  return files;
}

fs::path output_file(const std::string& path, const std::string& option) {
  fs::path output = fs::absolute(path);
  if (!fs::is_directory(output.parent_path())) {
    throw RequestError(option + " " + output.string() + ": there is no folder " +
                       output.parent_path().string() + "; create it first, or write elsewhere");
  }
  return output;
}

fs::path image_folder(const std::string& root) {
  fs::path folder = fs::absolute(root).lexically_normal();
  std::error_code error;
  if (fs::is_directory(folder, error)) return folder;
  throw RequestError("--root " + folder.string() +
                     (fs::exists(folder, error)
                          ? ": this is not a folder; give the folder that holds the images"
                          : ": there is no such folder"));
}

fs::path default_scratch() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache && *cache) return fs::path(cache) / "histokt";
  if (const char* home = std::getenv("HOME"); home && *home) return fs::path(home) / ".cache" / "histokt";
  return fs::temp_directory_path() / "histokt";
}

}  // namespace histokt
