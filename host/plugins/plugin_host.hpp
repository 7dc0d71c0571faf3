// SPDX-License-Identifier: MIT
// The host as one plugin sees it: where its errors, log lines and progress go.
#pragma once

#include <histokt/plugin.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/errors.hpp"

namespace histokt {

// The plugin broke the rules of the boundary, as opposed to reporting bad data.
class PluginFault : public RunError {
 public:
  using RunError::RunError;
};

// Gives a plugin its services and collects its errors. Must outlive every object the plugin makes with it.
// Thread-safe: errors are kept for each thread.
class PluginHost {
 public:
  // owner: `dataset "folder"`; file: the plugin's, named in faults. scratch_folder is made on first use;
  // empty: the plugin gets none.
  PluginHost(std::string owner, std::filesystem::path file, std::filesystem::path scratch_folder);
  ~PluginHost();
  PluginHost(const PluginHost&) = delete;
  PluginHost& operator=(const PluginHost&) = delete;

  const histokt_host* raw() const;

  // Adds a service, which must live as long as this. Call before an object is made.
  void add_service(const char* id, const void* service);

  // Runs a C call of the plugin and throws if it fails: RequestError for HISTOKT_BAD_REQUEST, Interrupted, or
  // RunError; the text names owner, phase ("opening /data/crc") and the plugin's reason. A failure without a
  // reason and an exception that crosses the boundary are reported as faults of the plugin.
  void call(const std::string& phase, const std::function<histokt_status()>& function) const;

  // Runs a C call that cannot fail, such as destroy. An exception out of it is a warning on the log.
  void call_last(const std::string& phase, const std::function<void()>& function) const noexcept;

  // Throws RunError: what the plugin did wrong, with its file.
  [[noreturn]] void fault(const std::string& phase, const std::string& what) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Sets the reason on behalf of the host's own callbacks, such as a sink that cannot decode.
void set_plugin_error(const std::string& reason);
// The reason the last call on this thread gave; empty: none.
std::string plugin_error();

}  // namespace histokt
