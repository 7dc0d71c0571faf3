#include <algorithm>

#include "base/errors.hpp"
#include "base/text.hpp"
#include "config/toml_tables/toml_tables.hpp"

namespace histokt {
namespace {

// Rates of tuning by target.
std::map<std::string, std::vector<double>> read_rates(const toml::table& table, const TableReader& matrix,
                                                      const std::vector<std::string>& targets) {
  TableReader reader(table, matrix.source(), matrix.path_of("learning_rates"));
  std::map<std::string, std::vector<double>> rates;
  for (const auto& [key, node] : table) {
    const std::string name(key.str());
    if (std::ranges::find(targets, name) == targets.end()) {
      throw RequestError(reader.location(name) + reader.path_of(name) + ": \"" + name +
                         "\" is no target of [matrix]." + did_you_mean(name, targets) +
                         " Take the rate out, or name the dataset among matrix.targets: " + joined(targets) +
                         ".");
    }
    rates[name] = reader.numbers(name, 0);
  }
  return rates;
}

// One recipe tunes on one target by the same rates in all tables.
void check_rates(const MatrixConfig& matrix, const TableReader& reader, const Experiment& experiment) {
  for (const auto& [target, rates] : matrix.learning_rates) {
    for (const std::string& recipe : matrix.tunes) {
      const std::vector<double>* known = experiment.rates_of_tuning(recipe, target);
      if (!known || *known == rates) continue;
      throw RequestError(reader.location("learning_rates") + reader.path_of("learning_rates") + "." + target +
                         ": another [[matrix]] has other rates for the recipe \"" + recipe +
                         "\" on this target; give the same ones, or tune by a recipe of another name here.");
    }
  }
}

}  // namespace

MatrixConfig read_matrix(TableReader& reader, const Experiment& experiment) {
  MatrixConfig matrix;
  matrix.name = reader.string("name", kMatrixName);
  matrix.sources = reader.strings("sources");
  matrix.targets = reader.strings("targets");
  matrix.train = reader.string("train");
  matrix.tunes = reader.strings("tune");
  matrix.probe = reader.boolean("probe", true);
  if (reader.has("from_weights")) matrix.from_weights = reader.strings("from_weights");
  if (const toml::table* rates = reader.table("learning_rates")) {
    matrix.learning_rates = read_rates(*rates, reader, matrix.targets);
  }
  reader.finish();
  const DeclaredNames declared(experiment);
  declared.check_datasets(matrix.sources, reader, "sources");
  declared.check_datasets(matrix.targets, reader, "targets");
  declared.check_baseline(matrix.train, reader, "train");
  for (const std::string& recipe : matrix.tunes) declared.check_tuning(recipe, reader, "tune");
  declared.check_from_weights(matrix.from_weights, reader, "from_weights");
  check_rates(matrix, reader, experiment);
  return matrix;
}

}  // namespace histokt
