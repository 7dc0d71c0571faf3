// SPDX-License-Identifier: MIT
// An experiment as its TOML file describes it: checked, with defaults filled in, before any plugin is opened.
// A member's initializer is its key's default; the rows of toml_tables/ name the keys.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/words.hpp"
#include "patches/split.hpp"
#include "plugins/options.hpp"
#include "training/augmentation.hpp"

namespace histokt {

// The top-level `protocol`, which sets several keys at once; each can also be set alone.
enum class Protocol { kClean, kPaper };
inline constexpr Named<Protocol> kProtocols[] = {{Protocol::kClean, "clean"}, {Protocol::kPaper, "paper"}};
std::string protocol_name(Protocol protocol);

// A plugin with the options the user gave it, not yet checked against its declarations.
struct PluginChoice {
  std::string use;
  GivenOptions options;  // nodes of Experiment::document
  std::string where;     // "datasets.crc", for errors
  std::string location;  // "file:line:col: " of the choice, likewise
};

struct DatasetConfig {
  std::string name;
  PluginChoice plugin;
  std::filesystem::path root;                 // absolute; empty if none is given
  GivenOptions standardize;                   // [standardize] overridden by this dataset's own table
  std::string split;                          // "by-group", "paper" or "file"
  std::optional<std::vector<double>> shares;  // train, valid, test
  std::string keep_official = "auto";         // "always", "never"
  int folds = Folds::kNone;                   // as Folds::count
  std::optional<bool> clean_validation;       // overrides the recipes trained on it
  bool allow_few_groups = false;
  std::filesystem::path split_file;  // absolute; empty unless split is "file"
  std::string where;                 // "file:line:col: " for later errors
};

enum class Layers { kAll, kHead, kNone };
inline constexpr Named<Layers> kLayers[] = {
    {Layers::kAll, "all"}, {Layers::kHead, "head"}, {Layers::kNone, "none"}};
std::string layers_name(Layers layers);

struct Recipe {
  std::string name;
  PluginChoice model;
  PluginChoice optimizer;              // options may hold lists: those are searched
  std::vector<double> learning_rates;  // likewise
  Layers layers = Layers::kAll;
  int epochs = 0;
  int batch_size = 64;
  int schedule_every = 0;  // epochs; 0: the rate stays
  double schedule_factor = 1;
  bool frozen_batch_norm_running = true;
  bool clean_validation = true;
  std::string selection = "auto";      // or one of selection_words() (training/metrics.hpp)
  std::string class_weights = "auto";  // or "none", "balanced"
  int views =
      0;  // of each patch, whose features are kept while the head is tuned; 0: augmented again every epoch
  AugmentationOptions augmentation;
  bool log_layers = false;        // the optimizer's layer statistics go to a file
  std::filesystem::path weights;  // absolute; the initial weights; empty: random
  bool normalize_as_weights =
      true;  // patches as for those weights, not by the training patches' own statistics
  std::string where;
};

// The name of a file's only matrix, by default.
inline constexpr const char* kMatrixName = "matrix";

struct MatrixConfig {
  std::string name = kMatrixName;  // no other matrix of the experiment has it
  std::vector<std::string> sources, targets;
  std::string train;                      // the recipe of the baselines
  std::vector<std::string> tunes;         // recipes: each tunes every source on every target
  std::vector<std::string> from_weights;  // recipes with `weights`: a row each, beside the sources
  bool probe = true;                      // encoders before tuning are probed, too
  std::map<std::string, std::vector<double>> learning_rates;  // of `tunes` on a target, in place of their own
};

// The default: running means over so many patches have converged.
inline constexpr int kRecalibrationPatches = 1024;

struct DistillConfig {
  std::vector<std::vector<std::string>> source_sets;  // each merged by each distiller
  std::vector<PluginChoice> distillers;
  std::string target, train, tune;
  std::filesystem::path base;   // absolute; empty: not given
  std::string base_where;       // "file:line:col: distill[0].base", for errors
  bool probe = true;            // as MatrixConfig::probe; the heads before tuning are also tested if possible
  std::string orders = "auto";  // all of pairs; "all", "as-written"
  std::vector<std::string> first;  // of all orders those that begin with one of these alone; empty: every one
  bool controls = true;            // also train the rows that merges are compared with
  std::vector<std::string> from_weights;  // as MatrixConfig::from_weights
  std::string
      recalibrate;  // the dataset to recompute running statistics on after the merge; empty: they are kept
  int recalibration_patches = kRecalibrationPatches;  // at most; 0: all training patches
  bool diagnose = false;                              // report what each merge kept of its sources, by layer
  int barrier_points = 0;  // and the loss at so many points between each two sources; 0: off
  std::string where;
};

struct RuntimeConfig {
  int threads = 0;  // 0: all cores
  int loader_threads = 2;
  std::string device = "auto";        // "cpu", "cuda", "cuda:1"
  std::string precision = "float32";  // "bfloat16"
  bool deterministic = false;
};

struct Experiment {
  std::string name;
  TomlSource source;
  std::string text;                             // the file as it was read
  std::shared_ptr<const toml::table> document;  // the same with --set applied
  std::uint64_t seed = 0;
  int trials = 3;
  Protocol protocol = Protocol::kClean;
  std::string learning_rate_choice = "per-cell";  // "per-target"
  std::string candidate_by = "validation";        // "test"
  bool keep_all = false;
  std::vector<std::string> extra_steps;  // kinds of steps to attach wherever possible
  bool tensorboard = false;              // event files of all trainings in the output folder
  GivenOptions standardize;              // [standardize], which each dataset's own table overrides
  std::vector<DatasetConfig> datasets;
  std::vector<Recipe> recipes;
  std::vector<MatrixConfig> matrices;
  std::vector<DistillConfig> distills;
  RuntimeConfig runtime;
  std::filesystem::path output, store;  // absolute

  bool paper() const { return protocol == Protocol::kPaper; }
  const DatasetConfig& dataset(const std::string& name) const;
  const Recipe& recipe(const std::string& name) const;
  // A recipe as used to train on a dataset, with the overrides of [datasets.NAME]; and as used to tune on a
  // target, with a matrix's learning rates too (no two matrices set different rates for one recipe on one
  // target).
  Recipe recipe_on(const std::string& name, const std::string& dataset) const;
  Recipe tuning_on(const std::string& name, const std::string& target) const;
  // The rates a matrix sets for them; nullptr if none does.
  const std::vector<double>* rates_of_tuning(const std::string& recipe, const std::string& target) const;
};

// Reads and checks the file. `settings` are "KEY=VALUE" of --set and override the file's tables. `output`
// replaces the file's own. Throws RequestError.
Experiment read_experiment(const std::filesystem::path& file, const std::vector<std::string>& settings,
                           const std::optional<std::filesystem::path>& output);

// Sets "a.b.c=VALUE" in a table, VALUE in TOML (a bare word is taken as a string); an entry of a list is
// named by its number, from 0, "distill.0.tune=deep", and must exist. Throws RequestError.
void apply_setting(toml::table& table, const std::string& setting);

}  // namespace histokt
