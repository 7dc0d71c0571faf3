// The host as one plugin sees it: where its errors, log lines and progress go.
#pragma once

#include <histokt/plugin.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace histokt {

// Gives a plugin its services and collects its errors. Must outlive every object the plugin makes with it.
// Thread-safe: errors are kept for each thread.
class PluginHost {
 public:
  // owner: `dataset "folder"`. scratch_folder is made on first use; empty: the plugin gets none.
  PluginHost(std::string owner, std::filesystem::path scratch_folder);
  ~PluginHost();
  PluginHost(const PluginHost&) = delete;
  PluginHost& operator=(const PluginHost&) = delete;

  const histokt_host* raw() const;

  // Makes a service known to the plugin under `id`; it must outlive this object or be taken back with
  // nullptr.
  void offer(const std::string& id, const void* service);

  // Runs a C call of the plugin and throws where it fails: RequestError for HISTOKT_BAD_REQUEST, Interrupted,
  // or RunError; the text names owner, phase ("opening /data/crc") and the plugin's reason. A failure without
  // a reason is reported as a fault of the plugin.
  void call(const std::string& phase, const std::function<histokt_status()>& function) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Sets the reason on behalf of the host's own callbacks, such as a sink that cannot decode.
void set_plugin_error(const std::string& reason);

}  // namespace histokt
