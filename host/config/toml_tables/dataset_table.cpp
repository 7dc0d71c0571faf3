// SPDX-License-Identifier: MIT
#include "base/errors.hpp"
#include "config/key_types.hpp"
#include "config/toml_tables/toml_tables.hpp"
#include "config/toml_tables/validation_words.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;
using Dataset = DatasetConfig;

struct Root : Path {
  static std::string says() { return "a folder"; }
  static void read(const KeyPlace& place, fs::path& value) {
    Path::read(place, value);
    std::error_code error;
    if (fs::is_directory(value, error)) return;
    const bool is_there = fs::exists(value, error);
    throw RequestError(place.table.location(place.key) + place.table.path_of(place.key) +
                       (is_there ? ": this is a file, not a folder: " : ": there is no folder ") +
                       value.string() +
                       (is_there ? "; give the folder that holds the images."
                                 : "; check the spelling (a relative path starts at this file), and whether "
                                   "its disk is mounted."));
  }
};

struct FoldCount {
  static std::string says() {
    return "\"leave-one-group-out\" or a number from 2 to " + std::to_string(Folds::kMost);
  }
  static void read(const KeyPlace& place, int& value) {
    const toml::node& node = *place.table.node(place.key);
    try {
      if (node.is_integer()) value = fold_count_from(std::to_string(**node.as_integer()));
      if (node.is_string()) value = fold_count_from(**node.as_string());
    } catch (const RequestError&) {
      value = Folds::kNone;  // said below, with its place
    }
    if (value == Folds::kNone) place.fail(says());
  }
  static void write(int value, const std::string& key, toml::table& into, const Writing&) {
    if (value > 0) into.insert(key, value);
    if (value == Folds::kLeaveOneGroupOut) into.insert(key, folds_name(value));
  }
};

struct Shares {
  static std::string says() {
    return "three numbers, the shares of train, valid and test, that sum to at most 1";
  }
  static void read(const KeyPlace& place, std::optional<std::vector<double>>& value) {
    const std::vector<double> shares = place.table.numbers(place.key, 0);
    if (shares.size() != 3 || shares[0] + shares[1] + shares[2] > 1 + 1e-9) place.fail(says());
    value = shares;
  }
  static void write(const std::optional<std::vector<double>>& value, const std::string& key,
                    toml::table& into, const Writing&) {
    if (value) into.insert(key, array_of(*value));
  }
};

// One of the words, two of which may be said as true and false.
struct KeepOfficialWord {
  static std::vector<std::string> words() { return {"auto", "always", "never"}; }
  static std::string says() { return alternatives(words()); }
  static void read(const KeyPlace& place, std::string& value) {
    const toml::node* node = place.table.node(place.key);
    value = node && node->is_boolean() ? (**node->as_boolean() ? "always" : "never")
                                       : place.table.choice(place.key, words());
  }
  static constexpr auto write = Text::write;
};

// Checked by standardising itself, since [standardize] may hold the rest.
struct StandardizeTable {
  static std::string says() { return "a table"; }
  static void read(const KeyPlace& place, GivenOptions& value) {
    if (const toml::table* table = place.table.table(place.key)) value.override_with(*table);
  }
  static void write(const GivenOptions& value, const std::string& key, toml::table& into,
                    const Writing& writing) {
    into.insert(key, writing.standardize(value));
  }
};

void use_own_name(const KeyPlace& place, Dataset& dataset) {
  PluginName::set(place, dataset.name, dataset.plugin);
}

void choose_split(const KeyPlace& place, Dataset& dataset) {
  const bool published = place.experiment.paper() && dataset.folds == Folds::kNone;
  dataset.split = !dataset.split_file.empty() ? "file" : published ? "paper" : "by-group";
}

void check_folds(const Dataset& dataset, const TableReader& table) {
  if (dataset.folds == Folds::kNone) return;
  if (dataset.split != "by-group") {
    table.fail("folds", "split = \"by-group\" as well: folds hold out groups");
  }
  if (dataset.keep_official == "always") {
    table.fail("keep_official", "\"auto\" or \"never\" with folds, which hold out every group once");
  }
}

void check_split_file(const Dataset& dataset, const TableReader& table) {
  if (dataset.split != "file") {
    if (!dataset.split_file.empty()) table.fail("split_file", "split = \"file\" as well");
    return;
  }
  if (dataset.split_file.empty())
    table.fail("split_file", "a CSV file with the columns id and split, which split = \"file\" requires");
  if (dataset.shares) table.fail("shares", "none with split = \"file\", whose table assigns every patch");
}

}  // namespace

const Keys<Dataset>& dataset_keys() {
  using Row = Key<Dataset>;
  static const Keys<Dataset> keys = {
      Row("use", &Dataset::plugin, PluginName{}, "The dataset plugin.").otherwise("NAME", use_own_name),
      {"root", &Dataset::root, Root{}, "The dataset's folder as downloaded; some plugins need none."},
      Row("options", &Dataset::plugin, PluginOptions{HISTOKT_DATASET},
          "The plugin's own options: `histokt-host plugins describe NAME` lists them.")
          .otherwise("none"),
      Row("split", &Dataset::split, OneOf{{"by-group", "paper", "file"}},
          "`\"by-group\"`: no group is in two splits; `\"paper\"`: patches are shuffled; `\"file\"`: as in "
          "`split_file`.")
          .otherwise("`\"file\"` where `split_file` is given, else `\"by-group\"`; paper: `\"paper\"` where "
                     "there are no folds",
                     choose_split),
      {"folds", &Dataset::folds, FoldCount{}, "Cross-validation by group; needs `split = \"by-group\"`."},
      Row("allow_few_groups", &Dataset::allow_few_groups, Boolean{},
          "Hold out a test set even if a class has fewer than 5 groups, with a warning: for trying out the "
          "program.")
          .written_if(&Dataset::allow_few_groups),
      {"split_file", &Dataset::split_file, File{"histokt-host split FILE.h5 --export writes one"},
       "The table of `split = \"file\"`: CSV with the columns `id` and `split`."},
      Row("shares", &Dataset::shares, Shares{}, "Shares of train, valid and test.")
          .otherwise("`[0.8, 0.1, 0.1]`; the dataset's published ones with `split = \"paper\"`"),
      {"keep_official", &Dataset::keep_official, KeepOfficialWord{},
       "Whether by-group splitting keeps the official test set: `\"auto\"` only if its groups are disjoint "
       "from the rest; `\"always\"` or `true` in any case, with a warning if they are not; `\"never\"` or "
       "`false` not at all."},
      Row("validation", &Dataset::clean_validation, Optional{Word(kValidations)},
          "How models trained on this dataset are validated: overrides the recipe, for a dataset that the "
          "published code treats differently.")
          .otherwise("the recipe's"),
      Row("standardize", &Dataset::standardize, StandardizeTable{},
          "A table whose keys override those of `[standardize]`.")
          .otherwise("`[standardize]`"),
  };
  return keys;
}

Dataset read_dataset(const std::string& name, const toml::table& table, const Experiment& experiment) {
  TableReader reader(table, experiment.source, "datasets." + name);
  Dataset dataset;
  dataset.name = name;
  dataset.where = located(experiment.source, table);
  dataset.standardize = experiment.standardize;
  dataset_keys().read(reader, dataset, experiment);
  check_folds(dataset, reader);
  check_split_file(dataset, reader);
  return dataset;
}

}  // namespace histokt
