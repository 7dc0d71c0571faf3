// SPDX-License-Identifier: MIT
// Attribution of plugin failures: while a plugin's code runs, the host knows which plugin it is and what it
// was asked for, so that a crash, an exit or a hang within it is reported in a sentence.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>

namespace histokt {

// One call into a plugin, on this thread, from construction to destruction. Calls may nest. Cheap: some
// hundred nanoseconds. `phase` is what was asked for: "opening /data/crc".
class PluginCall {
 public:
  PluginCall(std::string_view owner, const std::filesystem::path& file, std::string_view phase);
  ~PluginCall();
  PluginCall(const PluginCall&) = delete;
  PluginCall& operator=(const PluginCall&) = delete;

 private:
  int place_;  // in the table of running calls; negative: the table is full
  int outer_;  // the call around this one on the same thread
};

// Notes that the call now running on this thread has reported progress.
void note_plugin_progress();

// From now on SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT within a plugin call print one sentence (plugin,
// file, phase, remedy) to standard error and end the program with exit 1, and so does a plugin that calls
// exit. A crash outside any plugin call is handled as before. Call once, from main, before threads start.
void install_crash_handlers();

// How long a call may last without progress until the log says so, once for each call (30 s at first).
void set_patience_with_plugins(std::chrono::milliseconds patience);

// "dataset "crc" (/lib/histokt-dataset-crc.so), opening /data/crc": how each error about a plugin begins.
std::string plugin_place(std::string_view owner, const std::filesystem::path& file, std::string_view phase);

}  // namespace histokt
