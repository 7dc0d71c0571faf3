// The tables of an experiment: the transfer matrix and the distillation table, as CSV and as text for a
// terminal.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bootstrap.hpp"
#include "planning/result_kind.hpp"
#include "report/text_table.hpp"

namespace histokt {

// One network, trained in several trials and tested on its target. Accuracies are shares in 0..1; for
// multi-label targets they count entries (patch, class).
struct ResultRow {
  using Kind = ResultKind;
  Kind kind = Kind::kBaseline;
  std::vector<std::string> sources;  // the target itself for a baseline
  std::string target;
  std::string recipe;
  std::string train = "";      // the recipe of the baselines behind it: what it is compared with
  std::string distiller = "";  // "" unless distilled
  std::string strategy = "";   // the same with options and made_with: "svd(rank=16 recalibrate=crc)"
  MadeWith made_with = {};
  std::string weights;                 // name of the file that a baseline starts from; "" for random numbers
  std::vector<double> learning_rates;  // those chosen, each once; none where nothing was trained
  // On the test patches: one row a fold of the target, one number a trial.
  std::vector<std::vector<double>> accuracies;
  // Of a linear probe and of nearest neighbours on the encoder's features before it was tuned, on the same
  // test patches, the mean over folds; nothing where they were not asked for.
  std::optional<double> probe_accuracy = std::nullopt, knn_accuracy = std::nullopt;
  // Of the network's own head before it was tuned, likewise; nothing where it answers other classes.
  std::optional<double> untuned_accuracy = std::nullopt;
  // The first epoch of tuning whose validation score reached the baseline's best one (its mean over trials),
  // the mean over the trainings of all folds and trials that reached it; how many did, and of how many.
  std::optional<double> epochs_to_baseline = std::nullopt;
  int trainings_that_reached = 0, trainings_compared = 0;
  std::optional<double> merge_seconds = std::nullopt;
  std::vector<double> norm_ratios = {};  // norm of the merge over that of each source, in their order
  // The matrices that it stands in, by name; and whether it stands among the merges.
  std::vector<std::string> matrices = {"matrix"};
  bool in_distillation = false;
  std::string same_as = "";  // the row whose very network this is, by row_name(); "" where there is none
  double chance = 0;         // of a guess
  double majority = 0;       // of always answering the commonest class, or each class's commoner answer
  std::optional<double> all_negative;  // of predicting nothing, where a patch has several labels
  // Means over folds and trials by name: balanced_accuracy, macro_f1, auc, average_precision, kappa,
  // picture_accuracy and group_accuracy (of mean probabilities over the patches of one); of the probes
  // probe_average_precision and knn_average_precision. What is not defined in one of the tests is not there.
  std::map<std::string, double> metrics;
  // An entry a test group of all folds: the mean accuracy is the sum of `right` over that of `weight`, and
  // drawing groups gives its interval. Empty where that is not known.
  std::vector<double> group_right, group_weight;
  std::vector<std::string>
      rate_notes;  // how close the choice of the rate was, one a fold; none where there was no choice
  std::int64_t test_patches = 0, test_groups = 0;  // of all folds together; each is tested in one
  std::string group_level;
  std::string split_protocol;
  std::string folds = "none";              // or "leave-one-group-out", or their number
  std::vector<std::string> split_digests;  // one a fold
  // Pictures that could not be read and were left out (on_bad_image = "skip"), of all datasets that this
  // network or its test was made from, with the names of those datasets.
  std::int64_t skipped_pictures = 0;
  std::vector<std::string> skipped_of;
};

// Mean over folds and trials. Deviation with n - 1: with folds, between the folds' means over trials;
// without, between trials, and none for one trial.
double mean_accuracy(const ResultRow& row);
std::optional<double> accuracy_deviation(const ResultRow& row);

// 95 % by bootstrap over the test groups (base/bootstrap.hpp); nothing for fewer than kGroupsForAnInterval.
// Of the mean accuracy, and of its difference from a baseline that was tested on the same groups.
std::optional<Interval> accuracy_interval(const ResultRow& row);
std::optional<Interval> difference_interval(const ResultRow& row, const ResultRow& baseline);

// "svd of a+b, deep", "from crc, deep", "baseline (random start)".
std::string row_name(const ResultRow& row);

// What a row's accuracy is over another one's of the same target: 1 or -1 where the difference is more than
// noise, as result_text() has it, and more than the trials differ by; else 0.
int beyond_noise(const ResultRow& row, const ResultRow& other);

// source,target,recipe,learning_rate,trials,test_accuracy,deviation,baseline,difference,chance,majority,
// test_patches,test_groups,group_level,split,folds,split_digest,skipped_pictures,interval_low,interval_high,
// difference_low,difference_high,balanced_accuracy,macro_f1,auc,average_precision,kappa,all_negative,probe,knn,
// picture_accuracy,group_accuracy,probe_average_precision,knn_average_precision,matrix: baselines are rows
// whose source is the target. A row stands there once for each matrix that has it. Where folds differ in rate
// or digest, they stand with ';' between them. What is not defined is empty. New columns come last.
std::string transfer_matrix_csv(const std::vector<ResultRow>& rows);
// The same for merges and their controls, with distiller and sources in front, and behind it: row ("merge",
// "baseline", "weights", "source", "first-alone", "random-directions"), strategy, train, untuned_accuracy,
// epochs_to_baseline, reached_baseline ("2 of 3" trainings), merge_seconds, norm_ratios (';' between them),
// same_as, and last what the matrix has behind `knn`.
std::string distillation_csv(const std::vector<ResultRow>& rows);

// The names of the matrices that rows stand in, in the order in which they come.
std::vector<std::string> matrices_of(const std::vector<ResultRow>& rows);

// The same two for a page: sources by targets of one matrix, and what is asked of merges.
TextTable transfer_matrix_table(const std::vector<ResultRow>& rows, const std::string& matrix);
TextTable distillation_table(const std::vector<ResultRow>& rows);

// For a person: by target, with chance, majority class, patches and groups, what beats the baseline and what
// does not, and how much of that is noise.
std::string result_text(const std::vector<ResultRow>& rows);

}  // namespace histokt
