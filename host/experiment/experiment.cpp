#include "experiment/experiment.hpp"

#include <algorithm>
#include <limits>

#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "experiment/augmentation_options.hpp"
#include "experiment/table_reader.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kLargestCount = 1'000'000;
constexpr std::size_t kMostSourcesInAllOrders = 5;  // 120 orders
constexpr const char* kSourceSets =
    "a list of datasets, or a list of such lists: [[\"a\", \"b\"], [\"a\", \"c\"]]";

// Plugin choices are a word, "svd", or a table, {use = "svd", options = {...}}.
PluginChoice read_choice(const toml::node& node, const TomlSource& source, const std::string& where) {
  if (node.is_string()) return {**node.as_string(), {}, where, located(source, node)};
  const toml::table* table = node.as_table();
  if (!table) {
    throw RequestError(located(source, node) + where + " is " + toml_type_name(node) +
                       ", expected a plugin's name or { use = NAME, options = {...} }.");
  }
  TableReader reader(*table, source, where);
  PluginChoice choice{reader.string("use"), {}, where, reader.location("use")};
  if (const toml::table* options = reader.table("options")) choice.options.lay_over(*options);
  reader.finish();
  return choice;
}

// The text of every entry must be the name of something declared above it.
void check_names(const std::vector<std::string>& used, const std::vector<std::string>& declared,
                 const std::string& what, const std::string& location, const std::string& path) {
  for (const std::string& name : used) {
    if (std::find(declared.begin(), declared.end(), name) != declared.end()) continue;
    throw RequestError(location + path + " names the " + what + " \"" + name + "\", which is not declared." +
                       did_you_mean(name, declared) +
                       (declared.empty() ? "" : " Declared are " + joined(declared) + "."));
  }
}

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
    read_matrix();
    read_distills();
    top_.finish();
    if (!experiment_.matrix && experiment_.distills.empty()) {
      throw RequestError(experiment_.source.file +
                         ": there is nothing to do: add a [matrix] or a [[distill]] table.");
    }
  }

 private:
  bool paper() const { return experiment_.protocol == Protocol::kPaper; }

  void read_top(const std::optional<fs::path>& output) {
    Experiment& e = experiment_;
    const fs::path& base = e.source.base_folder;
    e.name = top_.string("name", fs::path(e.source.file).stem().string());
    if (!is_name(e.name)) top_.fail("name", kNameRule);
    e.seed = static_cast<std::uint64_t>(top_.integer("seed", 0, std::numeric_limits<std::int64_t>::max(), 0));
    e.trials = static_cast<int>(top_.integer("trials", 1, 1000, 3));
    e.protocol =
        top_.choice("protocol", {"clean", "paper"}, "clean") == "paper" ? Protocol::kPaper : Protocol::kClean;
    e.learning_rate_choice =
        top_.choice("learning_rate_choice", {"per-cell", "per-target"}, paper() ? "per-target" : "per-cell");
    e.candidate_by = top_.choice("candidate_by", {"validation", "test"}, paper() ? "test" : "validation");
    e.keep_all = top_.choice("keep", {"chosen", "all"}, "chosen") == "all";
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
    const toml::table* tables = top_.table("datasets");
    if (!tables || tables->empty()) top_.fail("datasets", "at least one table, such as [datasets.crc]");
    const toml::table* shared = top_.table("standardize");
    for (const auto& [key, node] : *tables) {
      const std::string name(key.str());
      check_name(name, "dataset", node);
      if (!node.is_table()) {
        throw RequestError(located(experiment_.source, node) + "datasets." + name + " is " +
                           toml_type_name(node) + ", expected a table with root and options.");
      }
      experiment_.datasets.push_back(read_dataset(name, *node.as_table(), shared));
      dataset_names_.push_back(name);
    }
  }

  void check_name(const std::string& name, const std::string& what, const toml::node& node) const {
    if (is_name(name)) return;
    throw RequestError(located(experiment_.source, node) + "the " + what + "'s name \"" + name +
                       "\" must be " + kNameRule + ".");
  }

  DatasetConfig read_dataset(const std::string& name, const toml::table& table, const toml::table* shared) {
    TableReader reader(table, experiment_.source, "datasets." + name);
    DatasetConfig dataset;
    dataset.name = name;
    dataset.where = located(experiment_.source, table);
    dataset.plugin = {reader.string("use", name), {}, "datasets." + name, reader.location("use")};
    if (const toml::table* options = reader.table("options")) dataset.plugin.options.lay_over(*options);
    if (reader.has("root")) {
      dataset.root = fs::absolute(experiment_.source.base_folder / reader.string("root")).lexically_normal();
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
    read_split(reader, dataset);
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

  void read_split(TableReader& reader, DatasetConfig& dataset) {
    const bool has_file = reader.has("split_file"), has_folds = reader.has("folds");
    const std::string usual = has_file ? "file" : paper() && !has_folds ? "paper" : "by-group";
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
    dataset.split_file =
        fs::absolute(experiment_.source.base_folder / reader.string("split_file")).lexically_normal();
    std::error_code error;
    if (!fs::is_regular_file(dataset.split_file, error)) {
      throw RequestError(reader.location("split_file") + reader.path_of("split_file") +
                         ": there is no file " + dataset.split_file.string() +
                         "; histokt-host split FILE.h5 --export writes one.");
    }
  }

  static int read_folds(TableReader& reader) {
    const toml::node& node = *reader.node("folds");
    try {
      if (node.is_integer()) return fold_count_from(std::to_string(**node.as_integer()));
      if (node.is_string()) return fold_count_from(**node.as_string());
    } catch (const RequestError&) {
      // said below, with its place
    }
    reader.fail("folds", "\"leave-one-group-out\" or a number from 2 to " + std::to_string(Folds::kMost));
  }

  void read_recipes() {
    const toml::table* tables = top_.table("recipes");
    if (!tables || tables->empty()) top_.fail("recipes", "at least one table, such as [recipes.baseline]");
    for (const auto& [key, node] : *tables) {
      const std::string name(key.str());
      check_name(name, "recipe", node);
      if (!node.is_table()) {
        throw RequestError(located(experiment_.source, node) + "recipes." + name + " is " +
                           toml_type_name(node) + ", expected a table.");
      }
      experiment_.recipes.push_back(read_recipe(name, *node.as_table()));
      recipe_names_.push_back(name);
    }
  }

  Recipe read_recipe(const std::string& name, const toml::table& table) {
    TableReader reader(table, experiment_.source, "recipes." + name);
    Recipe recipe;
    recipe.name = name;
    recipe.where = located(experiment_.source, table);
    const std::string layers = reader.choice("layers", {"all", "head", "none"}, "all");
    recipe.layers = layers == "all" ? Layers::kAll : layers == "head" ? Layers::kHead : Layers::kNone;
    if (const toml::node* model = reader.node("model")) {
      recipe.model = read_choice(*model, experiment_.source, reader.path_of("model"));
    } else {
      recipe.model = {"resnet18", {}, reader.path_of("model"), recipe.where};
    }
    recipe.selection = reader.choice(
        "selection", {"auto", "accuracy", "balanced-accuracy", "macro-f1", "mean-average-precision"},
        paper() ? "accuracy" : "auto");
    if (recipe.layers == Layers::kNone) {
      // What training needs may stay in the file, unused: only `layers` was changed to look at the encoder as
      // it is.
      for (const char* key :
           {"optimizer", "epochs", "batch_size", "frozen_batch_norm", "validation", "class_weights",
            "schedule", "augmentation", "log_layers", "weights", "normalization", "views"}) {
        reader.node(key);
      }
      reader.finish();
      return recipe;
    }
    read_weights_of(reader, recipe);
    read_optimizer(reader, recipe);
    recipe.epochs = static_cast<int>(reader.integer("epochs", 1, kLargestCount));
    recipe.batch_size = static_cast<int>(reader.integer("batch_size", 2, kLargestCount, 64));
    recipe.frozen_batch_norm_running =
        reader.choice("frozen_batch_norm", {"running", "batch"}, paper() ? "batch" : "running") == "running";
    recipe.clean_validation =
        reader.choice("validation", {"clean", "augmented"}, paper() ? "augmented" : "clean") == "clean";
    recipe.class_weights = reader.choice("class_weights", {"auto", "none", "balanced"}, "auto");
    if (reader.has("views")) read_views(reader, recipe);
    if (const toml::table* schedule = reader.table("schedule")) {
      TableReader part(*schedule, experiment_.source, reader.path_of("schedule"));
      recipe.schedule_every = static_cast<int>(part.integer("every", 1, kLargestCount));
      recipe.schedule_factor = part.number("factor", 1e-12, 1);
      part.finish();
    }
    recipe.augmentation = read_augmentation(reader);
    recipe.log_layers = reader.boolean("log_layers", false);
    reader.finish();
    return recipe;
  }

  void read_weights_of(TableReader& reader, Recipe& recipe) {
    if (!reader.has("weights")) {
      if (reader.has("normalization")) {
        reader.fail("normalization",
                    "weights beside it: it says whether patches are normalised as for those");
      }
      return;
    }
    recipe.weights =
        fs::absolute(experiment_.source.base_folder / reader.string("weights")).lexically_normal();
    std::error_code error;
    if (!fs::is_regular_file(recipe.weights, error)) {
      throw RequestError(
          reader.location("weights") + reader.path_of("weights") + ": there is no file " +
          recipe.weights.string() +
          "; expected what training starts from, such as torchvision's resnet18-f37072fd.pth.");
    }
    recipe.normalize_as_weights =
        reader.choice("normalization", {"weights", "training"}, "weights") == "weights";
  }

  // Features can be kept only of an encoder that gives the same ones every epoch.
  static void read_views(TableReader& reader, Recipe& recipe) {
    recipe.views = static_cast<int>(reader.integer("views", 1, 1000));
    if (recipe.layers != Layers::kHead)
      reader.fail("views", "layers = \"head\" beside it: the encoder must stay");
    if (!recipe.frozen_batch_norm_running) {
      reader.fail("views", "frozen_batch_norm = \"running\" beside it: batch statistics change the features");
    }
    if (!recipe.clean_validation) {
      reader.fail("views",
                  "validation = \"clean\" beside it: augmented validation is drawn anew every epoch");
    }
  }

  void read_optimizer(TableReader& reader, Recipe& recipe) {
    const toml::table* optimizer = reader.table("optimizer");
    if (!optimizer)
      reader.fail("optimizer", "a table { use = NAME, learning_rate = NUMBER, options = {...} }");
    TableReader part(*optimizer, experiment_.source, reader.path_of("optimizer"));
    recipe.optimizer = {part.string("use"), {}, reader.path_of("optimizer"), part.location("use")};
    recipe.learning_rates = part.numbers("learning_rate", 0);
    if (const toml::table* options = part.table("options")) recipe.optimizer.options.lay_over(*options);
    part.finish();
  }

  void read_matrix() {
    const toml::table* table = top_.table("matrix");
    if (!table) return;
    TableReader reader(*table, experiment_.source, "matrix");
    MatrixConfig matrix{reader.strings("sources"),
                        reader.strings("targets"),
                        reader.string("train"),
                        reader.string("tune"),
                        {},
                        reader.boolean("probe", true),
                        {}};
    if (reader.has("from_weights")) matrix.from_weights = reader.strings("from_weights");
    if (const toml::table* rates = reader.table("learning_rates")) {
      matrix.learning_rates = read_rates(*rates, reader.path_of("learning_rates"), matrix.targets);
    }
    reader.finish();
    check_names(matrix.sources, dataset_names_, "dataset", reader.location("sources"), "matrix.sources");
    check_names(matrix.targets, dataset_names_, "dataset", reader.location("targets"), "matrix.targets");
    check_names({matrix.train}, recipe_names_, "recipe", reader.location("train"), "matrix.train");
    check_names({matrix.tune}, recipe_names_, "recipe", reader.location("tune"), "matrix.tune");
    check_baseline(matrix.train, reader.location("train"));
    check_tuning(matrix.tune, reader.location("tune"));
    check_names(matrix.from_weights, recipe_names_, "recipe", reader.location("from_weights"),
                "matrix.from_weights");
    for (const std::string& name : matrix.from_weights)
      check_from_weights(name, reader.location("from_weights"));
    experiment_.matrix = std::move(matrix);
  }

  // Rates of tuning by target.
  std::map<std::string, std::vector<double>> read_rates(const toml::table& table, const std::string& where,
                                                        const std::vector<std::string>& targets) const {
    TableReader reader(table, experiment_.source, where);
    std::map<std::string, std::vector<double>> rates;
    for (const auto& [key, node] : table) {
      const std::string name(key.str());
      if (std::ranges::find(targets, name) == targets.end()) {
        throw RequestError(
            reader.location(name) + reader.path_of(name) + ": \"" + name + "\" is no target of [matrix]." +
            did_you_mean(name, targets) +
            " Take the rate out, or name the dataset among matrix.targets: " + joined(targets) + ".");
      }
      rates[name] = reader.numbers(name, 0);
    }
    return rates;
  }

  // A baseline starts from random weights, so it must train; what starts from given ones may train the head
  // alone.
  void check_baseline(const std::string& name, const std::string& location) const {
    const Recipe& recipe = experiment_.recipe(name);
    if (recipe.layers == Layers::kAll || !recipe.weights.empty()) return;
    throw RequestError(location + "recipe \"" + name + "\" has layers = \"" +
                       layers_name(experiment_.recipe(name).layers) +
                       "\", but a baseline starts from random weights and needs layers = \"all\".");
  }

  void check_tuning(const std::string& name, const std::string& location) const {
    if (experiment_.recipe(name).weights.empty()) return;
    throw RequestError(
        location + "recipe \"" + name +
        "\" has weights, but what is tuned starts from its source's network; give another recipe here, "
        "and name this one as matrix.train or in matrix.from_weights.");
  }

  void check_from_weights(const std::string& name, const std::string& location) const {
    if (!experiment_.recipe(name).weights.empty()) return;
    throw RequestError(
        location + "recipe \"" + name +
        "\" has no weights, and starts from random ones; give it `weights`, or name it as matrix.train.");
  }

  void read_distills() {
    const toml::node* node = top_.node("distill");
    if (!node) return;
    const toml::array* array = node->as_array();
    if (!array) top_.fail("distill", "[[distill]] tables (with two brackets)");
    for (const toml::node& item : *array) {
      if (!item.is_table()) top_.fail("distill", "[[distill]] tables (with two brackets)");
      experiment_.distills.push_back(
          read_distill(*item.as_table(), "distill[" + std::to_string(experiment_.distills.size()) + "]"));
    }
  }

  fs::path read_base(TableReader& reader) {
    const fs::path base =
        fs::absolute(experiment_.source.base_folder / reader.string("base")).lexically_normal();
    if (!fs::is_regular_file(base)) {
      throw RequestError(reader.location("base") + reader.path_of("base") + ": there is no file " +
                         base.string() + "; expected the checkpoint that the sources were tuned from.");
    }
    return base;
  }

  // The words "none" and "target", unless a dataset is called so.
  void read_recalibration(TableReader& reader, DistillConfig& distill) {
    const auto declared = [&](const std::string& name) {
      return std::ranges::find(dataset_names_, name) != dataset_names_.end();
    };
    std::string name = reader.string("recalibrate", "none");
    const bool asked = declared(name) || name != "none";
    if (name == "target" && !declared(name)) name = distill.target;
    if (!asked) {
      if (reader.has("recalibration_patches")) {
        reader.fail("recalibration_patches",
                    "recalibrate beside it: it says how many patches of that dataset are taken");
      }
      return;
    }
    check_names({name}, dataset_names_, "dataset", reader.location("recalibrate"),
                reader.path_of("recalibrate"));
    distill.recalibrate = name;
    distill.recalibration_patches =
        static_cast<int>(reader.integer("recalibration_patches", 0, 1'000'000'000, kRecalibrationPatches));
    if (distill.recalibration_patches == 1) {
      reader.fail("recalibration_patches", "two at least: one patch has no variance; 0 takes all");
    }
  }

  // A boolean, or a table of what else is looked at.
  static void read_diagnosis(TableReader& reader, DistillConfig& distill) {
    const toml::node* node = reader.node("diagnose");
    const toml::table* table = node ? node->as_table() : nullptr;
    if (!table) {
      distill.diagnose = reader.boolean("diagnose", false);
      return;
    }
    TableReader of_table(*table, reader.source(), reader.path_of("diagnose"));
    distill.diagnose = true;
    if (of_table.boolean("barrier", false)) {
      distill.barrier_points = static_cast<int>(of_table.integer("points", 2, 1001, 11));
    } else if (of_table.has("points")) {
      of_table.fail("points",
                    "barrier = true beside it: it says at how many points of the line the loss is made");
    }
    of_table.finish();
  }

  // One list of datasets, or a list of such lists.
  static std::vector<std::vector<std::string>> read_source_sets(TableReader& reader) {
    const toml::node* node = reader.node("sources");
    const toml::array* list = node ? node->as_array() : nullptr;
    const auto is_list = [](const toml::node& item) { return item.is_array(); };
    if (!list || std::none_of(list->begin(), list->end(), is_list)) return {reader.strings("sources")};
    std::vector<std::vector<std::string>> sets;
    for (const toml::node& item : *list) {
      const toml::array* names = item.as_array();
      if (!names || names->empty()) reader.fail("sources", kSourceSets);
      auto& set = sets.emplace_back();
      for (const toml::node& name : *names) {
        if (!name.is_string()) reader.fail("sources", kSourceSets);
        set.push_back(**name.as_string());
      }
    }
    return sets;
  }

  DistillConfig read_distill(const toml::table& table, const std::string& where) {
    TableReader reader(table, experiment_.source, where);
    DistillConfig distill;
    distill.where = located(experiment_.source, table);
    distill.source_sets = read_source_sets(reader);
    distill.target = reader.string("target");
    distill.tune = reader.string("tune");
    if (!reader.has("train") && !experiment_.matrix) {
      reader.fail("train", "the recipe of the sources' baselines (there is no [matrix] to take it from)");
    }
    distill.train = reader.string("train", experiment_.matrix ? experiment_.matrix->train : "");
    const toml::node* distillers = reader.node("distiller");
    if (!distillers) reader.fail("distiller", "a distiller's name or a list of them");
    if (const toml::array* list = distillers->as_array()) {
      for (const toml::node& item : *list) {
        distill.distillers.push_back(read_choice(item, experiment_.source, where + ".distiller"));
      }
      if (list->empty()) reader.fail("distiller", "a distiller's name or a list of them");
    } else {
      distill.distillers.push_back(read_choice(*distillers, experiment_.source, where + ".distiller"));
    }
    if (reader.has("base")) {
      distill.base = read_base(reader);
      distill.base_where = reader.location("base") + reader.path_of("base");
    }
    distill.probe = reader.boolean("probe", !experiment_.matrix || experiment_.matrix->probe);
    distill.orders = reader.choice("orders", {"auto", "all", "as-written"}, "auto");
    distill.controls = reader.boolean("controls", true);
    if (reader.has("from_weights")) {
      distill.from_weights = reader.strings("from_weights");
    } else if (experiment_.matrix) {
      distill.from_weights = experiment_.matrix->from_weights;
    }
    read_recalibration(reader, distill);
    read_diagnosis(reader, distill);
    reader.finish();
    for (const auto& sources : distill.source_sets) {
      check_names(sources, dataset_names_, "dataset", reader.location("sources"), where + ".sources");
      if (distill.orders == "all" && sources.size() > kMostSourcesInAllOrders) {
        reader.fail("orders", "\"as-written\" beside " + std::to_string(sources.size()) +
                                  " sources: all orders are tried of " +
                                  std::to_string(kMostSourcesInAllOrders) + " at most");
      }
    }
    check_names(distill.from_weights, recipe_names_, "recipe", reader.location("from_weights"),
                where + ".from_weights");
    for (const std::string& name : distill.from_weights)
      check_from_weights(name, reader.location("from_weights"));
    check_names({distill.target}, dataset_names_, "dataset", reader.location("target"), where + ".target");
    check_names({distill.train}, recipe_names_, "recipe", reader.location("train"), where + ".train");
    check_names({distill.tune}, recipe_names_, "recipe", reader.location("tune"), where + ".tune");
    check_baseline(distill.train, reader.location("train"));
    check_tuning(distill.tune, reader.location("tune"));
    return distill;
  }

  TableReader top_;
  Experiment& experiment_;
  std::vector<std::string> dataset_names_, recipe_names_;
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

Recipe Experiment::tuning_on(const std::string& wanted, const std::string& target) const {
  Recipe own = recipe_on(wanted, target);
  if (!matrix || matrix->tune != wanted) return own;
  const auto rates = matrix->learning_rates.find(target);
  if (rates != matrix->learning_rates.end()) own.learning_rates = rates->second;
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
  toml::table* at = &table;
  std::size_t begin = 0;
  for (std::size_t dot; (dot = path.find('.', begin)) != std::string::npos; begin = dot + 1) {
    const std::string key = path.substr(begin, dot - begin);
    if (!at->get(key)) at->insert(key, toml::table{});
    at = at->get(key)->as_table();
    if (!at) throw RequestError("--set " + setting + ": \"" + path.substr(0, dot) + "\" is not a table");
  }
  // Without a place in a file of its own: errors then name the key alone.
  parsed.get("value")->visit([&](const auto& node) { at->insert_or_assign(path.substr(begin), node); });
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
