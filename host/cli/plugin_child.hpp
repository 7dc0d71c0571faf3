// SPDX-License-Identifier: MIT
// Plugins opened in a child process, so that a crash or a hang is reported and does no harm. Parent and child
// exchange JSON, one line each.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace histokt {

// The first word of the child's command line. Only this program uses it, so help does not list it.
inline constexpr const char* kPluginChildCommand = "plugin-child";

// The task of a child: check or describe a plugin.
struct PluginTask {
  bool check = false;  // false: describe
  std::filesystem::path file, root;
  std::vector<std::string> settings;  // "dataset.KEY=VALUE"
};

// The outcome of one check of a plugin.
struct PluginVerdict {
  std::string check;    // "opening", "options" ...
  std::string verdict;  // "pass", "warning", "fail", "crashed", "timed out"
  std::string reason;
};

// The report of a child.
struct PluginReport {
  nlohmann::json description;           // if that was the task and it succeeded
  std::vector<PluginVerdict> verdicts;  // if that was the task; the last reports a crash or a hang
  std::string printed;                  // what the plugin printed, at most 64 KiB
  std::size_t printed_bytes = 0;
};

// Runs the task in a child, which may be silent for `patience`. Throws RequestError and RunError if
// describing fails or the request is wrong, RunError if describing crashes or hangs, Interrupted.
PluginReport ask_plugin_child(const PluginTask& task, std::chrono::milliseconds patience);

// In the child: runs the task. Returns the exit code.
int plugin_child(const std::string& task);

}  // namespace histokt
