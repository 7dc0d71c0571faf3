#include "experiment/strategy.hpp"

#include <algorithm>
#include <numeric>

#include "base/text.hpp"
#include "plugins/plugin_host.hpp"

namespace histokt {
namespace {

std::string option_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number()) return number_text(value.get<double>());
  if (!value.is_array()) return value.dump();
  std::string text;
  for (const Json& item : value) text += (text.empty() ? "" : " ") + option_text(item);
  return "[" + text + "]";
}

bool is_default(const histokt_option& option, const Json& value) {
  if (!option.default_text) return false;
  const toml::table parsed = toml::parse("value = " + std::string(option.default_text));
  return toml_to_json(*parsed.get("value")) == value;
}

}  // namespace

std::string strategy_name(const ConfiguredPlugin& distiller, const GivenOptions& given,
                          const std::vector<std::string>& more) {
  std::string options;
  const auto say = [&](const std::string& text) { options += (options.empty() ? "" : " ") + text; };
  for (const histokt_option& option : distiller.plugin->options()) {
    const Json& value = distiller.options.json().at(option.key);
    if (!given.find(option.key) || is_default(option, value)) continue;
    say(std::string(option.key) + "=" + option_text(value));
  }
  std::ranges::for_each(more, say);
  std::ranges::replace(options, ',', ';');
  return std::string(distiller.plugin->name()) + (options.empty() ? "" : "(" + options + ")");
}

bool order_matters(const ConfiguredPlugin& distiller) {
  const auto& api = distiller.plugin->api<histokt_distiller_api>();
  const auto* order = static_cast<const histokt_distiller_order*>(
      api.get_extension ? api.get_extension(HISTOKT_DISTILLER_ORDER) : nullptr);
  if (!order || !order->order_matters) return true;
  const PluginHost host(distiller.plugin->title(), distiller.plugin->file(), std::filesystem::path());
  histokt_distiller* object = nullptr;
  host.call("starting", [&] { return api.create(host.raw(), &distiller.options.settings(), &object); });
  if (!object) host.fault("starting", "the plugin says it is done but made no distiller");
  bool matters = true;
  host.call_last("being asked for its order", [&] { matters = order->order_matters(object) != 0; });
  host.call_last("ending", [&] { api.destroy(object); });
  return matters;
}

std::vector<std::vector<std::string>> orders_of(const std::vector<std::string>& sources, bool all) {
  if (!all) return {sources};
  std::vector<std::size_t> places(sources.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  std::vector<std::vector<std::string>> orders;
  do {
    auto& order = orders.emplace_back();
    for (std::size_t place : places) order.push_back(sources[place]);
  } while (std::next_permutation(places.begin(), places.end()));
  return orders;
}

bool has_random_directions(const Plugin& distiller) {
  for (const histokt_option& option : distiller.options()) {
    if (std::string(option.key) != "directions") continue;
    for (const char* const* choice = option.choices; choice && *choice; ++choice) {
      if (std::string(*choice) == "random") return true;
    }
  }
  return false;
}

}  // namespace histokt
