#include "base/errors.hpp"
#include "config/toml_tables/toml_tables.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;

int read_folds(TableReader& reader) {
  const toml::node& node = *reader.node("folds");
  try {
    if (node.is_integer()) return fold_count_from(std::to_string(**node.as_integer()));
    if (node.is_string()) return fold_count_from(**node.as_string());
  } catch (const RequestError&) {
    // said below, with its place
  }
  reader.fail("folds", "\"leave-one-group-out\" or a number from 2 to " + std::to_string(Folds::kMost));
}

void read_split(TableReader& reader, DatasetConfig& dataset, const Experiment& experiment) {
  const bool has_file = reader.has("split_file"), has_folds = reader.has("folds");
  const std::string usual = has_file ? "file" : experiment.paper() && !has_folds ? "paper" : "by-group";
  dataset.split = reader.choice("split", {"by-group", "paper", "file"}, usual);
  dataset.allow_few_groups = reader.boolean("allow_few_groups", false);
  const toml::node* keep = reader.node("keep_official");
  dataset.keep_official = keep && keep->is_boolean()
                              ? (**keep->as_boolean() ? "always" : "never")
                              : reader.choice("keep_official", {"auto", "always", "never"}, "auto");
  if (has_folds) dataset.folds = read_folds(reader);
  if (dataset.folds != Folds::kNone) {
    if (dataset.split != "by-group")
      reader.fail("folds", "split = \"by-group\" beside it: folds hold out groups");
    if (dataset.keep_official == "always") {
      reader.fail("keep_official", "\"auto\" or \"never\" beside folds, which hold out every group once");
    }
  }
  if (dataset.split != "file") {
    if (has_file) reader.fail("split_file", "split = \"file\" beside it");
    return;
  }
  if (!has_file)
    reader.fail("split_file", "a CSV file with the columns id and split, as split = \"file\" needs");
  if (reader.has("shares")) reader.fail("shares", "none beside split = \"file\", which says it all");
  dataset.split_file = existing_file(reader, "split_file", "histokt-host split FILE.h5 --export writes one");
}

}  // namespace

DatasetConfig read_dataset(const std::string& name, const toml::table& table, const toml::table* shared,
                           const Experiment& experiment) {
  TableReader reader(table, experiment.source, "datasets." + name);
  DatasetConfig dataset;
  dataset.name = name;
  dataset.where = located(experiment.source, table);
  dataset.plugin = {reader.string("use", name), {}, "datasets." + name, reader.location("use")};
  if (const toml::table* options = reader.table("options")) dataset.plugin.options.lay_over(*options);
  if (reader.has("root")) {
    dataset.root = read_path(reader, "root");
    std::error_code error;
    if (!fs::is_directory(dataset.root, error)) {
      const bool is_there = fs::exists(dataset.root, error);
      throw RequestError(reader.location("root") + reader.path_of("root") +
                         (is_there ? ": this is no folder but a file: " : ": there is no folder ") +
                         dataset.root.string() +
                         (is_there ? "; give the folder that holds the pictures."
                                   : "; look at how it is spelt (a relative path begins at this file), and "
                                     "whether its disk is there."));
    }
  }
  if (shared) dataset.standardize.lay_over(*shared);
  if (const toml::table* own = reader.table("standardize")) dataset.standardize.lay_over(*own);
  read_split(reader, dataset, experiment);
  if (reader.has("validation")) {
    dataset.clean_validation = reader.choice("validation", {"clean", "augmented"}) == "clean";
  }
  if (reader.has("shares")) {
    const std::vector<double> shares = reader.numbers("shares", 0);
    if (shares.size() != 3 || shares[0] + shares[1] + shares[2] > 1 + 1e-9) {
      reader.fail("shares", "three numbers, the shares of train, valid and test, that sum to at most 1");
    }
    dataset.shares = shares;
  }
  reader.finish();
  return dataset;
}

}  // namespace histokt
