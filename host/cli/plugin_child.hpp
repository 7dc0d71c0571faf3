// Opening a plugin in a child of this program, so that a crash or a hang is told and harms nobody. Parent and
// child speak JSON, a line each.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace histokt {

// The first word of the child's command line. For this program alone, so no help names it.
inline constexpr const char* kPluginChildWord = "plugin-child";

// What a child is to do with a plugin.
struct PluginTask {
  bool check = false;  // false: describe
  std::filesystem::path file, root;
  std::vector<std::string> settings;  // "dataset.KEY=VALUE"
};

// How one check of a plugin came out.
struct PluginVerdict {
  std::string check;    // "opening", "options" ...
  std::string verdict;  // "pass", "warning", "fail", "crashed", "timed out"
  std::string reason;
};

// What the child found.
struct PluginAnswer {
  nlohmann::json description;           // where that was the task and it was done
  std::vector<PluginVerdict> verdicts;  // where that was the task; the last tells of a crash or a hang
  std::string printed;                  // what the plugin printed, at most 64 KiB
  std::size_t printed_bytes = 0;
};

// Has it done by a child that may be silent for `patience`. Throws RequestError and RunError where describing
// fails or the request is wrong, RunError where describing crashes or hangs, Interrupted.
PluginAnswer ask_plugin_child(const PluginTask& task, std::chrono::milliseconds patience);

// The child: does what ask_plugin_child asked for. Returns the exit code.
int plugin_child(const std::string& task);

}  // namespace histokt
