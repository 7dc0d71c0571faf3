// SPDX-License-Identifier: MIT
// One row of an experiment's tables: a network, trained in several trials and tested on its target.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "planning/result_kind.hpp"

namespace histokt {

// A file of a finished step that a row needed and could not read.
struct MissingFile {
  std::string file;      // relative to the tables
  std::string sentence;  // what is wrong with it, what the row lacks, what to do
};

// Accuracies are shares in 0..1; for multi-label targets they count entries (patch, class).
struct ResultRow {
  using Kind = ResultKind;
  Kind kind = Kind::kBaseline;
  std::vector<std::string> sources;  // the target itself for a baseline
  std::string target;
  std::string recipe;
  std::string train = "";      // the recipe of the baselines behind it, which it is compared with
  std::string distiller = "";  // "" unless distilled
  std::string method = "";     // the same with options and merge_settings: "svd(rank=16 recalibrate=crc)"
  MergeSettings merge_settings = {};
  std::string weights;  // name of the file that a baseline starts from; "" for a random start
  std::vector<std::string> matrices = {};  // the matrices that contain it, by name
  bool in_distillation = false;
  std::string same_as = "";  // row_key() of the row with the same network; "" for none
  std::vector<std::string> checkpoints =
      {};  // the networks tested, relative to the tables: by fold, then trial

  // On the test patches: one list per fold of the target, one number per trial.
  std::vector<std::vector<double>> accuracies;
  // One entry per test group of all folds: the mean accuracy is the sum of `group_right` over that of
  // `group_weight`, and resampling groups gives its interval. Empty if unknown.
  std::vector<double> group_right, group_weight;
  double chance = 0;    // the accuracy of guessing
  double majority = 0;  // of always predicting the most common class, or each class's more common value
  std::optional<double> all_negative;  // of predicting no class, for multi-label patches
  // By the key of its column (columns.hpp): averaged over the steps behind the row. A value that one of them
  // lacks is absent.
  std::map<std::string, double> means;

  std::vector<double> learning_rates;  // the chosen ones, one per fold; empty if nothing was trained
  std::vector<std::string>
      rate_notes;  // how close the choices were, one per fold; empty if there was no choice
  // The first epoch of tuning whose validation score reached the baseline's best one (its mean over trials),
  // averaged over the trainings of all folds and trials that reached it; how many did, and of how many.
  std::optional<double> epochs_to_baseline = std::nullopt;
  int trainings_that_reached = 0, trainings_compared = 0;
  std::vector<double> norm_ratios = {};  // norm of the merge over that of each source, in their order

  std::int64_t test_patches = 0, test_groups = 0;  // of all folds together; each is tested in one fold
  std::string group_level;
  std::string split_protocol;
  std::string folds = "none";              // or "leave-one-group-out", or their number
  std::vector<std::string> split_digests;  // one a fold
  // Images that could not be read and were left out (on_bad_image = "skip"), of all datasets behind this
  // network and its test, with the names of those datasets.
  std::int64_t skipped_images = 0;
  std::vector<std::string> skipped_of;
  std::vector<MissingFile> missing = {};

  bool is_merge() const {
    return kind == Kind::kDistilled || kind == Kind::kFirstAlone || kind == Kind::kDeclaredControl;
  }
  // A baseline that only merges are compared with.
  bool is_baseline_of_merges() const { return kind == Kind::kBaseline && matrices.empty(); }
  bool has_folds() const { return folds != "none"; }
  std::optional<double> mean(const std::string& column) const {
    const auto found = means.find(column);
    return found == means.end() ? std::nullopt : std::optional(found->second);
  }
};

// "baseline", "source", "weights", "merge", "first-alone"; for a control that a distiller declares, its name,
// "random-directions".
std::string kind_word(const ResultRow& row);

// The distiller with its options; "" unless distilled.
const std::string& method_of(const ResultRow& row);

// "crc+bach", in the order of a merge.
std::string sources_text(const ResultRow& row, const char* between = "+");

// For people: "svd of a+b, deep", "from crc, deep", "baseline (random start)". network_name: without the
// recipe.
std::string row_name(const ResultRow& row);
std::string network_name(const ResultRow& row);

// For programs: a key that identifies the row within its experiment, the same in each run and whatever else
// the experiment has. TARGET/KIND/RECIPE for a baseline or weights of a file (with SOURCE before RECIPE),
// TARGET/KIND/SOURCES/TRAIN/RECIPE otherwise, with the method after KIND for merges:
// "bach/merge/svd(rank=16)/crc+bach/baseline/deep".
std::string row_key(const ResultRow& row);

}  // namespace histokt
