// SPDX-License-Identifier: MIT
#include "tasks/distiller_object.hpp"

namespace histokt {

DistillerObject::DistillerObject(const ConfiguredPlugin& distiller, int threads,
                                 const std::function<void(PluginHost&)>& lend)
    : api_(distiller.plugin->api<histokt_distiller_api>()),
      threads_{{sizeof(histokt_threads_service), 0, count_threads}, static_cast<std::uint32_t>(threads)},
      host_(distiller.plugin->title(), distiller.plugin->file(), std::filesystem::path()) {
  host_.add_service(HISTOKT_THREADS_SERVICE, static_cast<const histokt_threads_service*>(&threads_));
  if (lend) lend(host_);
  host_.call("starting", [&] { return api_.create(host_.raw(), &distiller.options.settings(), &object_); });
  if (!object_) host_.fault("starting", "the plugin reports success but made no distiller");
}

DistillerObject::~DistillerObject() {
  host_.call_last("ending", [&] { api_.destroy(object_); });
}

std::uint32_t DistillerObject::count_threads(const histokt_host* host) {
  const auto* service =
      static_cast<const histokt_threads_service*>(host->get_service(host, HISTOKT_THREADS_SERVICE));
  return static_cast<const Threads*>(service)->number;
}

bool DistillerObject::order_matters() const {
  const auto* order = extension<histokt_distiller_order>(HISTOKT_DISTILLER_ORDER);
  if (!order || !order->order_matters) return true;
  bool matters = true;
  host_.call_last("being asked for its order", [&] { matters = order->order_matters(object_) != 0; });
  return matters;
}

void DistillerObject::check_sources(std::size_t count) const {
  const auto* sources = extension<histokt_distiller_sources>(HISTOKT_DISTILLER_SOURCES);
  if (!sources || !sources->check_sources) return;
  host_.call("being told of its sources", [&] { return sources->check_sources(object_, count); });
}

void DistillerObject::merge(const histokt_merge& merge) {
  host_.call("merging", [&] { return api_.merge(object_, &merge); });
}

}  // namespace histokt
