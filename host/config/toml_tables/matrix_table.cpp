// SPDX-License-Identifier: MIT
#include <algorithm>

#include "base/errors.hpp"
#include "base/text.hpp"
#include "config/toml_tables/declared_names.hpp"
#include "config/toml_tables/toml_tables.hpp"

namespace histokt {
namespace {

using Matrix = MatrixConfig;

// Rates of tuning by target.
struct RatesByTarget {
  static std::string says() { return "a table { TARGET = RATE or list of rates, ... }"; }
  static void read(const KeyPlace& place, Matrix& matrix) {
    const toml::table& table = *place.table.table(place.key);
    TableReader reader(table, place.table.source(), place.table.path_of(place.key));
    for (const auto& [key, node] : table) {
      const std::string name(key.str());
      if (std::ranges::find(matrix.targets, name) == matrix.targets.end()) {
        throw RequestError(
            reader.location(name) + reader.path_of(name) + ": \"" + name + "\" is not a target of [matrix]." +
            did_you_mean(name, matrix.targets) +
            " Remove the rate, or add the dataset to matrix.targets: " + joined(matrix.targets) + ".");
      }
      matrix.learning_rates[name] = reader.numbers(name, 0);
    }
  }
  static void write(const Matrix& matrix, const std::string& key, toml::table& into, const Writing&) {
    if (matrix.learning_rates.empty()) return;
    toml::table rates;
    for (const auto& [target, values] : matrix.learning_rates) rates.insert(target, array_of(values));
    into.insert(key, std::move(rates));
  }
};

void check_name(const Matrix& matrix, const TableReader& table, const Experiment& experiment) {
  if (std::ranges::find(experiment.matrices, matrix.name, &Matrix::name) != experiment.matrices.end())
    table.fail("name", "a name that no other [[matrix]] has");
}

// One recipe tunes on one target by the same rates in all tables.
void check_rates(const Matrix& matrix, const TableReader& table, const Experiment& experiment) {
  for (const auto& [target, rates] : matrix.learning_rates) {
    for (const std::string& recipe : matrix.tunes) {
      const std::vector<double>* known = experiment.rates_of_tuning(recipe, target);
      if (!known || *known == rates) continue;
      throw RequestError(
          table.location("learning_rates") + table.path_of("learning_rates") + "." + target +
          ": another [[matrix]] has different rates for the recipe \"" + recipe +
          "\" on this target; give the same ones, or tune with a recipe of another name here.");
    }
  }
}

}  // namespace

const Keys<Matrix>& matrix_keys() {
  using Row = Key<Matrix>;
  static const Keys<Matrix> keys = {
      {"name", &Matrix::name, Name{},
       "Identifies the matrix in the result tables; required with several matrices."},
      Row("sources", &Matrix::sources, DatasetNames{}, "Datasets whose models are tuned.").required(),
      Row("targets", &Matrix::targets, DatasetNames{}, "Datasets to tune and test on.").required(),
      Row("train", &Matrix::train, BaselineRecipe{}, "The recipe of the baselines.").required(),
      Row("tune", &Matrix::tunes, TuningRecipes{},
          "The recipe for tuning; with a list, every source is tuned with each.")
          .required(),
      {"from_weights", &Matrix::from_weights, WeightsRecipes{},
       "Recipes with `weights`, each of which gives another row: \"ImageNet tuned\"."},
      {"learning_rates", kWhole, RatesByTarget{},
       "Learning rates for tuning on a target, instead of those of the recipe, below."},
      {"probe", &Matrix::probe, Boolean{}, "Evaluate each encoder before tuning, below."},
  };
  return keys;
}

Matrix read_matrix(const toml::table& table, const std::string& where, const Experiment& experiment) {
  TableReader reader(table, experiment.source, where);
  Matrix matrix;
  matrix_keys().read(reader, matrix, experiment);
  check_name(matrix, reader, experiment);
  check_rates(matrix, reader, experiment);
  return matrix;
}

}  // namespace histokt
