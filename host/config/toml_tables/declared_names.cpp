// SPDX-License-Identifier: MIT
#include "config/toml_tables/declared_names.hpp"

#include <algorithm>

#include "base/errors.hpp"
#include "base/text.hpp"

namespace histokt {
namespace {

template <typename Configs>
std::vector<std::string> names_of(const Configs& configs) {
  std::vector<std::string> names;
  names.reserve(configs.size());
  for (const auto& config : configs) names.push_back(config.name);
  return names;
}

void check_names(const std::vector<std::string>& used, const std::vector<std::string>& declared,
                 const std::string& what, const KeyPlace& place) {
  for (const std::string& name : used) {
    if (std::ranges::find(declared, name) != declared.end()) continue;
    throw RequestError(place.table.location(place.key) + place.table.path_of(place.key) + " names the " +
                       what + " \"" + name + "\", which is not declared." + did_you_mean(name, declared) +
                       (declared.empty() ? "" : " Declared are " + joined(declared) + "."));
  }
}

const Recipe& declared_recipe(const std::string& name, const KeyPlace& place) {
  check_names({name}, names_of(place.experiment.recipes), "recipe", place);
  return place.experiment.recipe(name);
}

void check_tuning(const std::string& recipe, const KeyPlace& place) {
  if (declared_recipe(recipe, place).weights.empty()) return;
  throw RequestError(place.table.location(place.key) + "recipe \"" + recipe +
                     "\" has weights, but tuning starts from the source's model; give another recipe here, "
                     "and name this one as matrix.train or in matrix.from_weights.");
}

}  // namespace

bool has_dataset(const Experiment& experiment, const std::string& name) {
  return std::ranges::find(experiment.datasets, name, &DatasetConfig::name) != experiment.datasets.end();
}

void check_datasets(const std::vector<std::string>& names, const KeyPlace& place) {
  check_names(names, names_of(place.experiment.datasets), "dataset", place);
}

void DatasetName::read(const KeyPlace& place, std::string& value) {
  Text::read(place, value);
  check_datasets({value}, place);
}

void DatasetNames::read(const KeyPlace& place, std::vector<std::string>& value) {
  Texts::read(place, value);
  check_datasets(value, place);
}

void BaselineRecipe::read(const KeyPlace& place, std::string& value) {
  Text::read(place, value);
  const Recipe& found = declared_recipe(value, place);
  if (found.layers == Layers::kAll || !found.weights.empty()) return;
  throw RequestError(place.table.location(place.key) + "recipe \"" + value + "\" has layers = \"" +
                     layers_name(found.layers) +
                     "\", but a baseline starts from random weights and needs layers = \"all\".");
}

void TuningRecipe::read(const KeyPlace& place, std::string& value) {
  Text::read(place, value);
  check_tuning(value, place);
}

void TuningRecipes::read(const KeyPlace& place, std::vector<std::string>& value) {
  Texts::read(place, value);
  for (const std::string& recipe : value) check_tuning(recipe, place);
}

void WeightsRecipes::read(const KeyPlace& place, std::vector<std::string>& value) {
  Texts::read(place, value);
  for (const std::string& recipe : value) {
    if (!declared_recipe(recipe, place).weights.empty()) continue;
    throw RequestError(
        place.table.location(place.key) + "recipe \"" + recipe +
        "\" has no weights, so it starts from random ones; give it `weights`, or name it as matrix.train.");
  }
}

}  // namespace histokt
