// The tables of an experiment's file, each kind in a file of its own, and what they share. For
// read_experiment() alone. All throw RequestError, which says the place, what was found and what was
// expected.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "config/experiment.hpp"
#include "config/table_reader.hpp"

namespace histokt {

// Each goes by what is in `experiment` already: its source and top-level keys for all of them, every dataset
// and recipe for a matrix, and every matrix for the next one and for a [[distill]].

// [datasets.NAME]; shared: [standardize], or nullptr where the file has none.
DatasetConfig read_dataset(const std::string& name, const toml::table& table, const toml::table* shared,
                           const Experiment& experiment);

// [recipes.NAME]
Recipe read_recipe(const std::string& name, const toml::table& table, const Experiment& experiment);

// [matrix], or one of [[matrix]].
MatrixConfig read_matrix(TableReader& reader, const Experiment& experiment);
// One of [[distill]]; where: "distill[0]".
DistillConfig read_distill(const toml::table& table, const std::string& where, const Experiment& experiment);

// A plugin's choice is a word, "svd", or a table, {use = "svd", options = {...}}.
PluginChoice read_choice(const toml::node& node, const TomlSource& source, const std::string& where);

// The absolute path of a key that names a file or a folder; a relative one begins at the experiment's file.
std::filesystem::path read_path(TableReader& reader, const std::string& key);

// The same of a file that must be there; remedy: what the error adds, without its full stop.
std::filesystem::path existing_file(TableReader& reader, const std::string& key, const std::string& remedy);

// The datasets and recipes of an experiment, for the tables that name them. Each check is of one key of a
// table, whose reader gives the place, and refuses a name that is not declared. The experiment must outlive
// this.
class DeclaredNames {
 public:
  explicit DeclaredNames(const Experiment& experiment);

  bool has_dataset(const std::string& name) const;
  void check_datasets(const std::vector<std::string>& names, const TableReader& reader,
                      const std::string& key) const;
  // A recipe for baselines: it starts from random weights and trains all layers, or from given ones.
  void check_baseline(const std::string& recipe, const TableReader& reader, const std::string& key) const;
  // A recipe to tune with: it starts from its source's network, so it has no weights.
  void check_tuning(const std::string& recipe, const TableReader& reader, const std::string& key) const;
  // Recipes for rows of their own beside the sources: each has weights.
  void check_from_weights(const std::vector<std::string>& recipes, const TableReader& reader,
                          const std::string& key) const;

 private:
  const Experiment& experiment_;
  std::vector<std::string> datasets_, recipes_;
};

}  // namespace histokt
