#include "config/toml_tables/toml_tables.hpp"

#include <algorithm>

#include "base/errors.hpp"
#include "base/text.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;

void check_names(const std::vector<std::string>& used, const std::vector<std::string>& declared,
                 const std::string& what, const TableReader& reader, const std::string& key) {
  for (const std::string& name : used) {
    if (std::ranges::find(declared, name) != declared.end()) continue;
    throw RequestError(reader.location(key) + reader.path_of(key) + " names the " + what + " \"" + name +
                       "\", which is not declared." + did_you_mean(name, declared) +
                       (declared.empty() ? "" : " Declared are " + joined(declared) + "."));
  }
}

}  // namespace

PluginChoice read_choice(const toml::node& node, const TomlSource& source, const std::string& where) {
  if (node.is_string()) return {**node.as_string(), {}, where, located(source, node)};
  const toml::table* table = node.as_table();
  if (!table) {
    throw RequestError(located(source, node) + where + " is " + toml_type_name(node) +
                       ", expected a plugin's name or { use = NAME, options = {...} }.");
  }
  TableReader reader(*table, source, where);
  PluginChoice choice{reader.string("use"), {}, where, reader.location("use")};
  if (const toml::table* options = reader.table("options")) choice.options.lay_over(*options);
  reader.finish();
  return choice;
}

fs::path read_path(TableReader& reader, const std::string& key) {
  return fs::absolute(reader.source().base_folder / reader.string(key)).lexically_normal();
}

fs::path existing_file(TableReader& reader, const std::string& key, const std::string& remedy) {
  const fs::path path = read_path(reader, key);
  std::error_code error;
  if (fs::is_regular_file(path, error)) return path;
  throw RequestError(reader.location(key) + reader.path_of(key) + ": there is no file " + path.string() +
                     "; " + remedy + ".");
}

DeclaredNames::DeclaredNames(const Experiment& experiment) : experiment_(experiment) {
  for (const DatasetConfig& dataset : experiment.datasets) datasets_.push_back(dataset.name);
  for (const Recipe& recipe : experiment.recipes) recipes_.push_back(recipe.name);
}

bool DeclaredNames::has_dataset(const std::string& name) const {
  return std::ranges::find(datasets_, name) != datasets_.end();
}

void DeclaredNames::check_datasets(const std::vector<std::string>& names, const TableReader& reader,
                                   const std::string& key) const {
  check_names(names, datasets_, "dataset", reader, key);
}

void DeclaredNames::check_baseline(const std::string& recipe, const TableReader& reader,
                                   const std::string& key) const {
  check_names({recipe}, recipes_, "recipe", reader, key);
  const Recipe& found = experiment_.recipe(recipe);
  if (found.layers == Layers::kAll || !found.weights.empty()) return;
  throw RequestError(reader.location(key) + "recipe \"" + recipe + "\" has layers = \"" +
                     layers_name(found.layers) +
                     "\", but a baseline starts from random weights and needs layers = \"all\".");
}

void DeclaredNames::check_tuning(const std::string& recipe, const TableReader& reader,
                                 const std::string& key) const {
  check_names({recipe}, recipes_, "recipe", reader, key);
  if (experiment_.recipe(recipe).weights.empty()) return;
  throw RequestError(
      reader.location(key) + "recipe \"" + recipe +
      "\" has weights, but what is tuned starts from its source's network; give another recipe here, "
      "and name this one as matrix.train or in matrix.from_weights.");
}

void DeclaredNames::check_from_weights(const std::vector<std::string>& recipes, const TableReader& reader,
                                       const std::string& key) const {
  check_names(recipes, recipes_, "recipe", reader, key);
  for (const std::string& recipe : recipes) {
    if (!experiment_.recipe(recipe).weights.empty()) continue;
    throw RequestError(
        reader.location(key) + "recipe \"" + recipe +
        "\" has no weights, and starts from random ones; give it `weights`, or name it as matrix.train.");
  }
}

}  // namespace histokt
