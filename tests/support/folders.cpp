// SPDX-License-Identifier: MIT
#include "support/folders.hpp"

#include <cstdlib>
#include <optional>
#include <set>
#include <stdexcept>

namespace histokt::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kVariable = "HISTOKT_GOLDENS";

fs::path own_folder() {
  return source_folder() / "tests" / "goldens";
}

std::optional<fs::path> folder_of_the_environment() {
  const char* const folder = std::getenv(kVariable);
  if (!folder || !*folder) return std::nullopt;
  if (!fs::is_directory(folder)) {
    throw std::runtime_error(std::string(kVariable) + " is \"" + folder +
                             "\", which is not a folder; name one with golden files, or unset it");
  }
  return folder;
}

void add_names(const fs::path& folder, std::string_view beginning, std::string_view ending,
               std::set<std::string>& names) {
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    if (name.starts_with(beginning) && name.ends_with(ending)) names.insert(name);
  }
}

}  // namespace

fs::path golden(const std::string& name) {
  const std::optional<fs::path> given = folder_of_the_environment();
  return given && fs::exists(*given / name) ? *given / name : own_golden(name);
}

fs::path own_golden(const std::string& name) {
  return own_folder() / name;
}

std::vector<std::string> golden_names(std::string_view beginning, std::string_view ending) {
  std::set<std::string> names;
  add_names(own_folder(), beginning, ending, names);
  if (const auto given = folder_of_the_environment()) add_names(*given, beginning, ending, names);
  return {names.begin(), names.end()};
}

fs::path source_folder() {
  return HISTOKT_SOURCE_DIR;
}

fs::path build_folder() {
  return HISTOKT_BUILD_DIR;
}

}  // namespace histokt::test
