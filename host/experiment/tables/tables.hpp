// The tables of an experiment's file, each kind in a file of its own, and what they share. For
// read_experiment() alone. All throw RequestError, which says the place, what was found and what was
// expected.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "experiment/experiment.hpp"
#include "experiment/table_reader.hpp"

namespace histokt {

// [datasets.NAME]; shared: [standardize], or nullptr where the file has none.
DatasetConfig read_dataset(const std::string& name, const toml::table& table, const toml::table* shared,
                           const Experiment& experiment);

// [recipes.NAME]
Recipe read_recipe(const std::string& name, const toml::table& table, const Experiment& experiment);

// [matrix] and one of [[distill]], once all datasets and recipes are read; where: "distill[0]".
MatrixConfig read_matrix(const toml::table& table, const Experiment& experiment);
DistillConfig read_distill(const toml::table& table, const std::string& where, const Experiment& experiment);

// A plugin's choice is a word, "svd", or a table, {use = "svd", options = {...}}.
PluginChoice read_choice(const toml::node& node, const TomlSource& source, const std::string& where);

// The absolute path of a key that names a file or a folder; a relative one begins at the experiment's file.
std::filesystem::path read_path(TableReader& reader, const std::string& key);

// The same of a file that must be there; remedy: what the error adds, without its full stop.
std::filesystem::path existing_file(TableReader& reader, const std::string& key, const std::string& remedy);

// What is declared in an experiment, for the tables that name it. Each check is of what `key` of the reader's
// table names. The experiment must outlive this.
class Declared {
 public:
  explicit Declared(const Experiment& experiment);

  bool has_dataset(const std::string& name) const;
  void check_datasets(const std::vector<std::string>& names, const TableReader& reader,
                      const std::string& key) const;
  // A baseline starts from random weights, so it must train; what starts from given ones may train the head
  // alone.
  void check_baseline(const std::string& recipe, const TableReader& reader, const std::string& key) const;
  void check_tuning(const std::string& recipe, const TableReader& reader, const std::string& key) const;
  void check_from_weights(const std::vector<std::string>& recipes, const TableReader& reader,
                          const std::string& key) const;

 private:
  const Experiment& experiment_;
  std::vector<std::string> datasets_, recipes_;
};

}  // namespace histokt
