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

}  // namespace

MatrixConfig read_matrix(const toml::table& table, const Experiment& experiment) {
  TableReader reader(table, experiment.source, "matrix");
  MatrixConfig matrix;
  matrix.sources = reader.strings("sources");
  matrix.targets = reader.strings("targets");
  matrix.train = reader.string("train");
  matrix.tune = reader.string("tune");
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
  declared.check_tuning(matrix.tune, reader, "tune");
  declared.check_from_weights(matrix.from_weights, reader, "from_weights");
  return matrix;
}

}  // namespace histokt
