#include "config/experiment.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <limits>

#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "config/table_reader.hpp"
#include "config/toml_tables/toml_tables.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;

constexpr const char* kNameRule = "1 to 64 letters, digits, '.', '_' and '-', and not only dots";

// Names become parts of file names and of CSV rows.
bool is_name(const std::string& name) {
  return !name.empty() && name.size() <= 64 && name == file_safe(name) &&
         name.find_first_not_of('.') != std::string::npos;
}

// Reads the whole file; keeps what the parts share.
class ExperimentReader {
 public:
  ExperimentReader(const toml::table& top, Experiment& experiment)
      : top_(top, experiment.source, ""), experiment_(experiment) {}

  void read(const std::optional<fs::path>& output) {
    read_top(output);
    read_datasets();
    read_recipes();
    read_matrices();
    read_distills();
    top_.finish();
    if (experiment_.matrices.empty() && experiment_.distills.empty()) {
      throw RequestError(experiment_.source.file +
                         ": there is nothing to do: add a [matrix] or a [[distill]] table.");
    }
  }

 private:
  void read_top(const std::optional<fs::path>& output) {
    Experiment& e = experiment_;
    const fs::path& base = e.source.base_folder;
    e.name = top_.string("name", fs::path(e.source.file).stem().string());
    if (!is_name(e.name)) top_.fail("name", kNameRule);
    e.seed = static_cast<std::uint64_t>(top_.integer("seed", 0, std::numeric_limits<std::int64_t>::max(), 0));
    e.trials = static_cast<int>(top_.integer("trials", 1, 1000, 3));
    e.protocol =
        top_.choice("protocol", {"clean", "paper"}, "clean") == "paper" ? Protocol::kPaper : Protocol::kClean;
    e.learning_rate_choice = top_.choice("learning_rate_choice", {"per-cell", "per-target"},
                                         e.paper() ? "per-target" : "per-cell");
    e.candidate_by = top_.choice("candidate_by", {"validation", "test"}, e.paper() ? "test" : "validation");
    e.keep_all = top_.choice("keep", {"chosen", "all"}, "chosen") == "all";
    if (top_.has("extra_steps")) e.extra_steps = top_.strings("extra_steps");
    e.tensorboard = top_.boolean("tensorboard", false);
    e.runtime.threads = static_cast<int>(top_.integer("threads", 0, 4096, 0));
    e.runtime.loader_threads = static_cast<int>(top_.integer("loader_threads", 1, 1024, 2));
    e.runtime.device = top_.string("device", "auto");
    if (e.runtime.device != "auto" && e.runtime.device != "cpu" && !e.runtime.device.starts_with("cuda")) {
      top_.fail("device", "\"auto\", \"cpu\", \"cuda\" or \"cuda:1\"");
    }
    e.runtime.precision = top_.choice("precision", {"float32", "bfloat16"}, "float32");
    e.runtime.deterministic = top_.boolean("deterministic", false);
    const std::string own_output = top_.string("output", "runs/" + e.name);
    e.output = fs::absolute(output ? *output : base / own_output).lexically_normal();
    e.store = fs::absolute(top_.has("store") ? base / top_.string("store") : e.output).lexically_normal();
  }

  void read_datasets() {
    each_named(
        "datasets", "dataset", "such as [datasets.crc]",
        [&](const std::string& name, const toml::table& table) {
          experiment_.datasets.push_back(read_dataset(name, table, top_.table("standardize"), experiment_));
        });
  }

  void read_recipes() {
    each_named("recipes", "recipe", "such as [recipes.baseline]",
               [&](const std::string& name, const toml::table& table) {
                 experiment_.recipes.push_back(read_recipe(name, table, experiment_));
               });
  }

  // The tables [key.NAME], one at least.
  void each_named(const std::string& key, const std::string& what, const std::string& example,
                  const std::function<void(const std::string&, const toml::table&)>& read) {
    const toml::table* tables = top_.table(key);
    if (!tables || tables->empty()) top_.fail(key, "at least one table, " + example);
    for (const auto& [word, node] : *tables) {
      const std::string name(word.str());
      if (!is_name(name)) {
        throw RequestError(located(experiment_.source, node) + "the " + what + "'s name \"" + name +
                           "\" must be " + kNameRule + ".");
      }
      if (!node.is_table()) {
        throw RequestError(located(experiment_.source, node) + key + "." + name + " is " +
                           toml_type_name(node) + ", expected a table.");
      }
      read(name, *node.as_table());
    }
  }

  // [matrix], or several [[matrix]].
  void read_matrices() {
    const toml::node* node = top_.node("matrix");
    if (!node) return;
    if (const toml::table* only = node->as_table()) return read_matrix(*only, "matrix");
    const toml::array* list = node->as_array();
    if (!list) top_.fail("matrix", "a [matrix] table, or [[matrix]] tables (with two brackets)");
    for (const toml::node& item : *list) {
      if (!item.is_table()) top_.fail("matrix", "[[matrix]] tables (with two brackets)");
      if (list->size() > 1 && !item.as_table()->contains("name")) {
        throw RequestError(located(experiment_.source, item) + "matrix[" +
                           std::to_string(experiment_.matrices.size()) +
                           "] has no name: where there are several [[matrix]] tables, each needs a `name` "
                           "of its own, by which the tables of results tell them apart.");
      }
      read_matrix(*item.as_table(), "matrix[" + std::to_string(experiment_.matrices.size()) + "]");
    }
  }

  void read_matrix(const toml::table& table, const std::string& where) {
    TableReader reader(table, experiment_.source, where);
    MatrixConfig matrix = histokt::read_matrix(reader, experiment_);
    if (!is_name(matrix.name)) reader.fail("name", kNameRule);
    for (const MatrixConfig& other : experiment_.matrices) {
      if (other.name == matrix.name) reader.fail("name", "a name that no other [[matrix]] has");
    }
    experiment_.matrices.push_back(std::move(matrix));
  }

  void read_distills() {
    const toml::node* node = top_.node("distill");
    if (!node) return;
    const toml::array* array = node->as_array();
    if (!array) top_.fail("distill", "[[distill]] tables (with two brackets)");
    for (const toml::node& item : *array) {
      if (!item.is_table()) top_.fail("distill", "[[distill]] tables (with two brackets)");
      const std::string where = "distill[" + std::to_string(experiment_.distills.size()) + "]";
      experiment_.distills.push_back(read_distill(*item.as_table(), where, experiment_));
    }
  }

  TableReader top_;
  Experiment& experiment_;
};

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
         "\" is none of its entries, which count from 0");
  }

  toml::node* at_;
  const std::string &setting_, &path_;
  std::size_t begin_ = 0;  // of the word in the path
};

}  // namespace

std::string protocol_name(Protocol protocol) {
  return protocol == Protocol::kPaper ? "paper" : "clean";
}

std::string layers_name(Layers layers) {
  return layers == Layers::kAll ? "all" : layers == Layers::kHead ? "head" : "none";
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
    throw RequestError(own.where + "recipes." + wanted + ".views cannot be trained on " + dataset_name +
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
  const auto document = std::make_shared<const toml::table>(std::move(top));
  experiment.document = document;
  ExperimentReader(*document, experiment).read(output);
  return experiment;
}

}  // namespace histokt
