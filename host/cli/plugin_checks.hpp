// What `plugins check` tries with an opened plugin. Runs in the child: the plugin may crash or hang here.
#pragma once

#include <functional>
#include <string>

#include "cli/plugin_child.hpp"

namespace histokt {

// Tells begin(check) before each check and verdict(word, reason) after it; a crash or a hang is told by the
// verdict that is missing. Ends at the first failure after which nothing more can be tried. Throws
// RequestError where the settings are wrong.
void check_opened_plugin(const PluginTask& task, const std::function<void(const std::string&)>& begin,
                         const std::function<void(const std::string&, const std::string&)>& verdict);

}  // namespace histokt
