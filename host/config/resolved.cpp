#include "config/resolved.hpp"

#include <histokt/plugin.h>

#include <sstream>

#include "config/augmentation_options.hpp"
#include "config/standardize_options.hpp"
#include "plugins/registry.hpp"

namespace histokt {
namespace {

// Paths in a file that lies elsewhere would lead elsewhere.
void make_absolute(toml::node& node, const TomlSource& source) {
  if (toml::array* list = node.as_array()) {
    for (toml::node& item : *list) make_absolute(item, source);
  } else if (node.is_string() && !node.as_string()->get().empty()) {
    std::string& path = node.as_string()->get();
    path = std::filesystem::absolute(source.base_folder / path).lexically_normal().string();
  }
}

toml::table with_defaults(toml::table options, std::span<const histokt_option> declared,
                          const TomlSource& source) {
  for (const histokt_option& option : declared) {
    if (!options.contains(option.key) && option.default_text) {
      const toml::table parsed = toml::parse("value = " + std::string(option.default_text));
      options.insert(option.key, *parsed.get("value"));
    }
    const bool is_path = option.type == HISTOKT_PATH || option.type == HISTOKT_PATH + HISTOKT_LIST;
    if (toml::node* node = options.get(option.key); node && is_path) make_absolute(*node, source);
  }
  return options;
}

toml::table choice_table(histokt_kind kind, const PluginChoice& choice, const TomlSource& source) {
  const Plugin& plugin = PluginRegistry::instance().open(kind, choice.use);
  toml::table table;
  table.insert("use", choice.use);
  table.insert("options", with_defaults(choice.options.table(), plugin.options(), source));
  return table;
}

template <typename T>
toml::array array_of(const std::vector<T>& values) {
  toml::array array;
  for (const T& value : values) array.push_back(value);
  return array;
}

const char* validation_name(bool clean) {
  return clean ? "clean" : "augmented";
}

toml::table dataset_table(const DatasetConfig& dataset, const Experiment& experiment) {
  toml::table table = choice_table(HISTOKT_DATASET, dataset.plugin, experiment.source);
  if (!dataset.root.empty()) table.insert("root", dataset.root.string());
  table.insert("split", dataset.split);
  table.insert("keep_official", dataset.keep_official);
  if (dataset.folds > 0) table.insert("folds", dataset.folds);
  if (dataset.folds == Folds::kLeaveOneGroupOut) table.insert("folds", folds_name(dataset.folds));
  if (dataset.allow_few_groups) table.insert("allow_few_groups", true);
  if (dataset.clean_validation) table.insert("validation", validation_name(*dataset.clean_validation));
  if (!dataset.split_file.empty()) table.insert("split_file", dataset.split_file.string());
  if (dataset.shares) table.insert("shares", array_of(*dataset.shares));
  toml::table how = dataset.standardize.table();
  if (experiment.protocol == Protocol::kPaper && !how.contains("rounding"))
    how.insert("rounding", "truncate");
  table.insert("standardize", with_defaults(std::move(how), standardize_options(), experiment.source));
  return table;
}

toml::table optimizer_table(const Recipe& recipe, const TomlSource& source) {
  toml::table table = choice_table(HISTOKT_OPTIMIZER, recipe.optimizer, source);
  table.insert("learning_rate", array_of(recipe.learning_rates));
  return table;
}

toml::table recipe_table(const Recipe& recipe, const TomlSource& source) {
  toml::table table;
  table.insert("model", choice_table(HISTOKT_MODEL, recipe.model, source));
  table.insert("layers", layers_name(recipe.layers));
  table.insert("selection", recipe.selection);
  if (recipe.layers == Layers::kNone) return table;
  if (!recipe.weights.empty()) {
    table.insert("weights", recipe.weights.string());
    table.insert("normalization", recipe.normalize_as_weights ? "weights" : "training");
  }
  table.insert("optimizer", optimizer_table(recipe, source));
  table.insert("epochs", recipe.epochs);
  table.insert("batch_size", recipe.batch_size);
  if (recipe.schedule_every > 0) {
    table.insert("schedule",
                 toml::table{{"every", recipe.schedule_every}, {"factor", recipe.schedule_factor}});
  }
  table.insert("frozen_batch_norm", recipe.frozen_batch_norm_running ? "running" : "batch");
  table.insert("validation", validation_name(recipe.clean_validation));
  table.insert("class_weights", recipe.class_weights);
  table.insert("augmentation", augmentation_table(recipe.augmentation));
  if (recipe.log_layers) table.insert("log_layers", true);
  if (recipe.views > 0) table.insert("views", recipe.views);
  return table;
}

toml::table distill_table(const DistillConfig& distill, const TomlSource& source) {
  toml::array distillers;
  for (const PluginChoice& choice : distill.distillers) {
    distillers.push_back(choice_table(HISTOKT_DISTILLER, choice, source));
  }
  toml::array source_sets;
  for (const auto& sources : distill.source_sets) source_sets.push_back(array_of(sources));
  toml::table table{{"sources", source_sets},
                    {"distiller", distillers},
                    {"target", distill.target},
                    {"train", distill.train},
                    {"tune", distill.tune}};
  table.insert("probe", distill.probe);  // also where it is not: the matrix's would stand for it
  table.insert("orders", distill.orders);
  table.insert("controls", distill.controls);
  if (!distill.from_weights.empty()) table.insert("from_weights", array_of(distill.from_weights));
  if (distill.diagnose && distill.barrier_points == 0) table.insert("diagnose", true);
  if (distill.barrier_points > 0) {
    table.insert("diagnose", toml::table{{"barrier", true}, {"points", distill.barrier_points}});
  }
  if (!distill.base.empty()) table.insert("base", distill.base.string());
  if (!distill.recalibrate.empty()) {
    table.insert("recalibrate", distill.recalibrate);
    table.insert("recalibration_patches", distill.recalibration_patches);
  }
  return table;
}

toml::table matrix_table(const MatrixConfig& matrix) {
  toml::table table{{"name", matrix.name},
                    {"sources", array_of(matrix.sources)},
                    {"targets", array_of(matrix.targets)},
                    {"train", matrix.train},
                    {"tune", array_of(matrix.tunes)}};
  if (!matrix.from_weights.empty()) table.insert("from_weights", array_of(matrix.from_weights));
  table.insert("probe", matrix.probe);
  if (!matrix.learning_rates.empty()) {
    toml::table rates;
    for (const auto& [target, values] : matrix.learning_rates) rates.insert(target, array_of(values));
    table.insert("learning_rates", std::move(rates));
  }
  return table;
}

}  // namespace

std::string resolved_text(const Experiment& e) {
  toml::table datasets, recipes;
  for (const DatasetConfig& dataset : e.datasets) datasets.insert(dataset.name, dataset_table(dataset, e));
  for (const Recipe& recipe : e.recipes) recipes.insert(recipe.name, recipe_table(recipe, e.source));
  toml::table top{{"name", e.name},
                  {"seed", static_cast<std::int64_t>(e.seed)},
                  {"trials", e.trials},
                  {"protocol", protocol_name(e.protocol)},
                  {"learning_rate_choice", e.learning_rate_choice},
                  {"candidate_by", e.candidate_by},
                  {"keep", e.keep_all ? "all" : "chosen"},
                  {"tensorboard", e.tensorboard},
                  {"output", e.output.string()},
                  {"store", e.store.string()},
                  {"threads", e.runtime.threads},
                  {"loader_threads", e.runtime.loader_threads},
                  {"device", e.runtime.device},
                  {"precision", e.runtime.precision},
                  {"deterministic", e.runtime.deterministic},
                  {"datasets", datasets},
                  {"recipes", recipes}};
  if (!e.extra_steps.empty()) top.insert("extra_steps", array_of(e.extra_steps));
  toml::array matrices;
  for (const MatrixConfig& matrix : e.matrices) matrices.push_back(matrix_table(matrix));
  if (!matrices.empty()) top.insert("matrix", matrices);
  toml::array distills;
  for (const DistillConfig& distill : e.distills) distills.push_back(distill_table(distill, e.source));
  if (!distills.empty()) top.insert("distill", distills);
  std::ostringstream text;
  text << top << "\n";
  return text.str();
}

}  // namespace histokt
