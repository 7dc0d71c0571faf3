// What `plugins check` tries with an opened plugin. The plugin may crash or hang here: run it in a child.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace histokt {

struct PluginTrial {
  std::filesystem::path file;
  std::filesystem::path root;         // of a dataset, which is then listed and read; empty: it is not
  std::vector<std::string> settings;  // "dataset.KEY=VALUE"
  std::filesystem::path scratch;      // where plugins may keep what they unpack
};

// Tells begin(check) before each check and verdict(word, reason) after it; a crash or a hang is told by the
// verdict that is missing. Ends at the first failure after which nothing more can be tried. Throws
// RequestError where the settings are wrong.
void check_opened_plugin(const PluginTrial& trial, const std::function<void(const std::string&)>& begin,
                         const std::function<void(const std::string&, const std::string&)>& verdict);

}  // namespace histokt
