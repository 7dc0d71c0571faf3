// SPDX-License-Identifier: MIT
// An object of a distiller plugin: its properties before merging, and the merge.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "config/configured_plugin.hpp"
#include "plugins/plugin_host.hpp"

namespace histokt {

// RAII: destroys the plugin's object. Belongs to one thread.
class DistillerObject {
 public:
  // threads: how many its work may take. lend: adds services that only a merge has. Throws RequestError if
  // the plugin refuses its options.
  explicit DistillerObject(const ConfiguredPlugin& distiller, int threads = 1,
                           const std::function<void(PluginHost&)>& lend = {});
  ~DistillerObject();
  DistillerObject(const DistillerObject&) = delete;
  DistillerObject& operator=(const DistillerObject&) = delete;

  // Whether another order of sources gives another network, as the plugin declares; true by default.
  bool order_matters() const;

  // Throws RequestError if the plugin's options do not fit this number of sources.
  void check_sources(std::size_t count) const;

  // Throws as PluginHost::call does.
  void merge(const histokt_merge& merge);

 private:
  struct Threads : histokt_threads_service {
    std::uint32_t number;
  };
  static std::uint32_t count_threads(const histokt_host* host);

  template <typename Extension>
  const Extension* extension(const char* id) const {
    return static_cast<const Extension*>(api_.get_extension ? api_.get_extension(id) : nullptr);
  }

  const histokt_distiller_api& api_;
  Threads threads_;
  PluginHost host_;
  histokt_distiller* object_ = nullptr;
};

}  // namespace histokt
