// SPDX-License-Identifier: MIT
// The checks of `plugins check` on an opened plugin. The plugin may crash or hang here: run it in a child.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace histokt {

struct PluginCheckRequest {
  std::filesystem::path file;
  std::filesystem::path root;         // of a dataset, to list and read it; empty: neither
  std::vector<std::string> settings;  // "dataset.KEY=VALUE"
  std::filesystem::path scratch;      // the scratch directory of plugins
};

// Calls begin(check) before each check and verdict(word, reason) after it; a missing verdict shows a crash or
// a hang. Ends at the first failure after which no further check is possible. Throws RequestError if the
// settings are wrong.
void check_opened_plugin(const PluginCheckRequest& trial,
                         const std::function<void(const std::string&)>& begin,
                         const std::function<void(const std::string&, const std::string&)>& verdict);

}  // namespace histokt
