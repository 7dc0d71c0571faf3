#include "experiment/strategy.hpp"

#include <algorithm>
#include <numeric>

#include "base/text.hpp"

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
                          const std::string& made_with) {
  std::string options;
  const auto say = [&](const std::string& text) { options += (options.empty() ? "" : " ") + text; };
  for (const histokt_option& option : distiller.plugin->options()) {
    const Json& value = distiller.options.json().at(option.key);
    if (!given.find(option.key) || is_default(option, value)) continue;
    say(std::string(option.key) + "=" + option_text(value));
  }
  if (!made_with.empty()) say(made_with);
  std::ranges::replace(options, ',', ';');
  return std::string(distiller.plugin->name()) + (options.empty() ? "" : "(" + options + ")");
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
