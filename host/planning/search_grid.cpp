// SPDX-License-Identifier: MIT
#include "planning/search_grid.hpp"

namespace histokt {
namespace {

// One choice for each option that was given a list though it is declared scalar.
struct Combination {
  GivenOptions options;
  std::string searched;
};

std::string value_text(const toml::node& node) {
  const nlohmann::json json = toml_to_json(node);
  return json.is_string() ? json.get<std::string>() : json.dump();
}

std::vector<Combination> combinations(const Plugin& plugin, const GivenOptions& given) {
  std::vector<Combination> all = {{given, ""}};
  for (const histokt_option& option : plugin.options()) {
    const toml::node* node = given.find(option.key);
    const toml::array* list = node ? node->as_array() : nullptr;
    if (!list || option.type >= HISTOKT_LIST || list->empty()) continue;
    std::vector<Combination> more;
    for (const Combination& before : all) {
      for (const toml::node& item : *list) {
        Combination combination = before;
        combination.options.set(option.key, item);
        combination.searched += std::string("-") + option.key + value_text(item);
        more.push_back(std::move(combination));
      }
    }
    all = std::move(more);
  }
  return all;
}

}  // namespace

std::vector<OptimizerSetting> optimizer_settings(const Experiment& experiment, const Recipe& recipe) {
  const Plugin& plugin = open_plugin(HISTOKT_OPTIMIZER, recipe.optimizer);
  std::vector<OptimizerSetting> settings;
  for (const Combination& combination : combinations(plugin, recipe.optimizer.options)) {
    const OptionSet options = resolve_options(experiment, plugin, recipe.optimizer, combination.options);
    for (double rate : recipe.learning_rates) {
      settings.push_back({rate, {&plugin, options}, combination.searched});
    }
  }
  return settings;
}

}  // namespace histokt
