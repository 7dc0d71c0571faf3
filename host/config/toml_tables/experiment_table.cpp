// SPDX-License-Identifier: MIT
#include <limits>

#include "base/errors.hpp"
#include "base/text.hpp"
#include "config/key_types.hpp"
#include "config/toml_tables/toml_tables.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;

struct Device : Text {
  static std::string says() { return "\"auto\", \"cpu\", \"cuda\" or \"cuda:1\""; }
  static void read(const KeyPlace& place, std::string& value) {
    Text::read(place, value);
    if (value != "auto" && value != "cpu" && !value.starts_with("cuda")) {
      place.fail("\"auto\", \"cpu\", \"cuda\" or \"cuda:1\"");
    }
  }
};

// The tables [KEY.NAME], one at least.
template <typename Config>
struct NamedTables {
  const char* what;     // "dataset"
  const char* example;  // "[datasets.crc]"
  const Keys<Config>* keys;
  Config (*read_one)(const std::string& name, const toml::table& table, const Experiment& experiment);

  std::string says() const { return std::string("tables such as ") + example; }
  void read(const KeyPlace& place, std::vector<Config>& value) const {
    const toml::table* tables = place.table.table(place.key);
    if (!tables || tables->empty()) place.fail(std::string("at least one table, such as ") + example);
    for (const auto& [word, node] : *tables) {
      const std::string name(word.str());
      const std::string location = located(place.table.source(), node);
      if (!Name::fits(name)) {
        throw RequestError(location + "the " + what + "'s name \"" + name + "\" must be " + Name::says() +
                           ".");
      }
      if (!node.is_table()) {
        throw RequestError(location + place.key + "." + name + " is " + toml_type_name(node) +
                           ", expected a table.");
      }
      value.push_back(read_one(name, *node.as_table(), place.experiment));
    }
  }
  void write(const std::vector<Config>& value, const std::string& key, toml::table& into,
             const Writing& writing) const {
    toml::table tables;
    for (const Config& config : value) tables.insert(config.name, keys->written(config, writing));
    into.insert(key, std::move(tables));
  }
};

// [standardize] is laid under each dataset's own, and written there.
struct SharedStandardize {
  static std::string says() { return "a table"; }
  static void read(const KeyPlace& place, GivenOptions& value) { value = *place.table.table(place.key); }
  static void write(const GivenOptions&, const std::string&, toml::table&, const Writing&) {}
};

toml::array tables_of(const auto& configs, const auto& keys, const Writing& writing) {
  toml::array tables;
  for (const auto& config : configs) tables.push_back(keys.written(config, writing));
  return tables;
}

// [matrix], or several [[matrix]].
struct Matrices {
  static std::string says() { return "a table, or several [[matrix]] tables"; }
  static void read(const KeyPlace& place, std::vector<MatrixConfig>& value) {
    const toml::node& node = *place.table.node(place.key);
    if (const toml::table* only = node.as_table()) {
      value.push_back(read_matrix(*only, place.key, place.experiment));
      return;
    }
    const toml::array* list = node.as_array();
    if (!list) place.fail("a [matrix] table, or [[matrix]] tables (with two brackets)");
    for (const toml::node& item : *list) {
      if (!item.is_table()) place.fail("[[matrix]] tables (with two brackets)");
      const std::string where = place.key + "[" + std::to_string(value.size()) + "]";
      if (list->size() > 1 && !item.as_table()->contains("name")) {
        throw RequestError(located(place.table.source(), item) + where +
                           " has no name: with several [[matrix]] tables, each needs its own `name`, which "
                           "identifies it in the result tables.");
      }
      value.push_back(read_matrix(*item.as_table(), where, place.experiment));
    }
  }
  static void write(const std::vector<MatrixConfig>& value, const std::string& key, toml::table& into,
                    const Writing& writing) {
    if (!value.empty()) into.insert(key, tables_of(value, matrix_keys(), writing));
  }
};

struct Distills {
  static std::string says() { return "[[distill]] tables"; }
  static void read(const KeyPlace& place, std::vector<DistillConfig>& value) {
    const toml::array* list = place.table.node(place.key)->as_array();
    if (!list) place.fail("[[distill]] tables (with two brackets)");
    for (const toml::node& item : *list) {
      if (!item.is_table()) place.fail("[[distill]] tables (with two brackets)");
      const std::string where = place.key + "[" + std::to_string(value.size()) + "]";
      value.push_back(read_distill(*item.as_table(), where, place.experiment));
    }
  }
  static void write(const std::vector<DistillConfig>& value, const std::string& key, toml::table& into,
                    const Writing& writing) {
    if (!value.empty()) into.insert(key, tables_of(value, distill_keys(), writing));
  }
};

void name_after_file(const KeyPlace& place, Experiment& experiment) {
  experiment.name = fs::path(experiment.source.file).stem().string();
  Name::check(place, experiment.name);
}

void put_beside_file(const KeyPlace&, Experiment& experiment) {
  const fs::path folder = experiment.source.base_folder / "runs" / experiment.name;
  experiment.output = fs::absolute(folder).lexically_normal();
}

void store_in_output(const KeyPlace&, Experiment& experiment) {
  experiment.store = experiment.output;
}

constexpr Named<bool> kKeeps[] = {{false, "chosen"}, {true, "all"}};

}  // namespace

const Keys<Experiment>& experiment_keys() {
  using E = Experiment;
  using Row = Key<E>;
  static const Keys<E> keys = {
      Row("name", &E::name, Name{}, "Name of the output folder.")
          .otherwise("the file's name", name_after_file),
      {"seed", &E::seed, Integer{0, std::numeric_limits<std::int64_t>::max()}, "Seed of all random numbers."},
      {"trials", &E::trials, Integer{1, 1000},
       "Number of trials: each training is repeated with this many different seeds."},
      {"protocol", &E::protocol, Word(kProtocols),
       "`\"paper\"` selects the defaults marked `paper:`, the published code's choices; each can still be "
       "set by itself."},
      Row("learning_rate_choice", &E::learning_rate_choice, OneOf{{"per-cell", "per-target"}},
          "Whether a learning rate is chosen for each pair of source and target, or one for everything tuned "
          "on a target.")
          .paper("\"per-target\""),
      Row("candidate_by", &E::candidate_by, OneOf{{"validation", "test"}},
          "Which accuracy selects the trial whose weights are transferred.")
          .paper("\"test\""),
      {"keep", &E::keep_all, Word(kKeeps),
       "`\"all\"` also keeps the weights of learning rates that were not chosen."},
      {"extra_steps", &E::extra_steps, Texts{},
       "Kinds of steps to run on every model they apply to, in addition to those the tables ask for: "
       "[below](#looking-at-networks)."},
      {"tensorboard", &E::tensorboard, Boolean{},
       "Write the curves of all trainings to `tensorboard/` in the output folder: "
       "[below](#watching-and-estimating)."},
      Row("output", &E::output, Path{}, "Folder for results.")
          .otherwise("`runs/NAME` next to the file", put_beside_file),
      Row("store", &E::store, Path{},
          "Folder for steps; experiments that use the same store share finished steps.")
          .otherwise("the output folder", store_in_output),
      {"threads", within(&E::runtime, &RuntimeConfig::threads), Integer{0, 4096},
       "Number of threads; 0: all cores. May change the last bits of results."},
      {"loader_threads", within(&E::runtime, &RuntimeConfig::loader_threads), Integer{1, 1024},
       "Number of threads that load training patches; does not change results."},
      {"device", within(&E::runtime, &RuntimeConfig::device), Device{},
       "`\"auto\"`: CUDA if libtorch has it, else the CPU."},
      {"precision", within(&E::runtime, &RuntimeConfig::precision), OneOf{{"float32", "bfloat16"}},
       "`\"bfloat16\"` requires hardware support."},
      {"deterministic", within(&E::runtime, &RuntimeConfig::deterministic), Boolean{},
       "On CUDA: bit-identical results each time, but slower."},
      {"standardize", &E::standardize, SharedStandardize{}, "How all datasets are standardised, below."},
      Row("datasets", &E::datasets,
          NamedTables<DatasetConfig>{"dataset", "[datasets.crc]", &dataset_keys(), read_dataset},
          "The datasets, below.")
          .required(),
      Row("recipes", &E::recipes,
          NamedTables<Recipe>{"recipe", "[recipes.baseline]", &recipe_keys(), read_recipe},
          "How models are trained, below.")
          .required(),
      {"matrix", &E::matrices, Matrices{}, "Transfer matrices, below."},
      {"distill", &E::distills, Distills{}, "Merges, below."},
  };
  return keys;
}

}  // namespace histokt
