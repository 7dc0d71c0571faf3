// SPDX-License-Identifier: MIT
#include "config/experiment.hpp"

#include <algorithm>
#include <charconv>

#include "base/errors.hpp"
#include "base/files.hpp"
#include "config/table_reader.hpp"
#include "config/toml_tables/toml_tables.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;

// Goes along the words of --set KEY=VALUE.
class SettingPath {
 public:
  SettingPath(toml::table& table, const std::string& setting, const std::string& path)
      : at_(&table), setting_(setting), path_(path) {}

  void set(const toml::node& value) {
    for (std::size_t dot; (dot = path_.find('.', begin_)) != std::string::npos; begin_ = dot + 1) {
      step_into(path_.substr(begin_, dot - begin_));
    }
    const std::string word = path_.substr(begin_);
    if (toml::table* keys = at_->as_table()) {
      value.visit([&](const auto& node) { keys->insert_or_assign(word, node); });
    } else {
      const auto index = index_in(list_here(), word);
      value.visit([&](const auto& node) { list_here().replace(list_here().cbegin() + index, node); });
    }
  }

 private:
  [[noreturn]] void fail(const std::string& problem) const {
    throw RequestError("--set " + setting_ + ": \"" + path_.substr(0, begin_ - 1) + "\" " + problem);
  }

  // A table that is not there yet is made.
  void step_into(const std::string& word) {
    if (toml::table* keys = at_->as_table()) {
      if (!keys->contains(word)) keys->insert(word, toml::table{});
      at_ = keys->get(word);
    } else {
      at_ = list_here().get(static_cast<std::size_t>(index_in(list_here(), word)));
    }
  }

  toml::array& list_here() const {
    if (toml::array* list = at_->as_array()) return *list;
    fail("is neither a table nor a list");
  }

  std::ptrdiff_t index_in(const toml::array& list, const std::string& word) const {
    std::size_t index = 0;
    const char* const end = word.data() + word.size();
    const auto [read_to, error] = std::from_chars(word.data(), end, index);
    if (error == std::errc() && read_to == end && index < list.size())
      return static_cast<std::ptrdiff_t>(index);
    fail("is a list of " + std::to_string(list.size()) + ", and \"" + word +
         "\" is not one of its entries, which are counted from 0");
  }

  toml::node* at_;
  const std::string &setting_, &path_;
  std::size_t begin_ = 0;  // of the word in the path
};

}  // namespace

std::string protocol_name(Protocol protocol) {
  return name_of(kProtocols, protocol);
}

std::string layers_name(Layers layers) {
  return name_of(kLayers, layers);
}

const DatasetConfig& Experiment::dataset(const std::string& wanted) const {
  return *std::find_if(datasets.begin(), datasets.end(), [&](const auto& d) { return d.name == wanted; });
}

const Recipe& Experiment::recipe(const std::string& wanted) const {
  return *std::find_if(recipes.begin(), recipes.end(), [&](const auto& r) { return r.name == wanted; });
}

Recipe Experiment::recipe_on(const std::string& wanted, const std::string& dataset_name) const {
  Recipe own = recipe(wanted);
  own.clean_validation = dataset(dataset_name).clean_validation.value_or(own.clean_validation);
  if (own.views > 0 && !own.clean_validation) {
    throw RequestError(own.where + "recipes." + wanted + ".views cannot be used on " + dataset_name +
                       ", whose validation = \"augmented\" is drawn anew every epoch; leave one of the two "
                       "out.");
  }
  return own;
}

const std::vector<double>* Experiment::rates_of_tuning(const std::string& wanted,
                                                       const std::string& target) const {
  for (const MatrixConfig& matrix : matrices) {
    const auto rates = matrix.learning_rates.find(target);
    if (rates != matrix.learning_rates.end() && std::ranges::count(matrix.tunes, wanted) > 0)
      return &rates->second;
  }
  return nullptr;
}

Recipe Experiment::tuning_on(const std::string& wanted, const std::string& target) const {
  Recipe own = recipe_on(wanted, target);
  if (const std::vector<double>* rates = rates_of_tuning(wanted, target)) own.learning_rates = *rates;
  return own;
}

void apply_setting(toml::table& table, const std::string& setting) {
  const std::size_t equals = setting.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw RequestError("--set " + setting + ": expected KEY=VALUE, such as recipes.deep.epochs=3");
  }
  const std::string path = setting.substr(0, equals);
  const std::string value = setting.substr(equals + 1);
  toml::table parsed;
  try {
    parsed = toml::parse("value = " + value);
  } catch (const toml::parse_error&) {
    parsed.insert_or_assign("value", value);  // a bare word
  }
  // Without a line in the file: errors then name the key alone.
  SettingPath(table, setting, path).set(*parsed.get("value"));
}

Experiment read_experiment(const fs::path& file, const std::vector<std::string>& settings,
                           const std::optional<fs::path>& output) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) {
    throw RequestError(file.string() +
                       ": there is no such file; an experiment is a TOML file, see examples/");
  }
  Experiment experiment;
  experiment.source = {file.string(), fs::absolute(file).parent_path()};
  experiment.text = read_file(file);
  toml::table top;
  try {
    top = toml::parse(experiment.text, file.string());
  } catch (const toml::parse_error& bad) {
    const auto& begin = bad.source().begin;
    throw RequestError(file.string() + ":" + std::to_string(begin.line) + ":" + std::to_string(begin.column) +
                       ": this is not valid TOML: " + std::string(bad.description()));
  }
  for (const std::string& setting : settings) apply_setting(top, setting);
  if (output) top.insert_or_assign("output", fs::absolute(*output).lexically_normal().string());
  const auto document = std::make_shared<const toml::table>(std::move(top));
  experiment.document = document;
  TableReader reader(*document, experiment.source, "");
  experiment_keys().read(reader, experiment, experiment);
  if (experiment.matrices.empty() && experiment.distills.empty()) {
    throw RequestError(experiment.source.file + ": nothing to do: add a [matrix] or a [[distill]] table.");
  }
  return experiment;
}

}  // namespace histokt
