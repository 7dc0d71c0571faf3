// SPDX-License-Identifier: MIT
// The steps that planning makes itself: their descriptions and their work. The functions check options and
// open plugins (RequestError); the returned step's work reads data. compute must outlive the steps.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/configured_plugin.hpp"
#include "config/experiment.hpp"
#include "engine/step.hpp"
#include "steps/training_run.hpp"
#include "tasks/compute_context.hpp"

namespace histokt {

// images -> patch set; output "patches".
std::unique_ptr<Step> standardize_step(const Experiment& experiment, const DatasetConfig& dataset,
                                       const ComputeContext& compute);

// How many images could not be read and were left out (`on_bad_image = "skip"`), by dataset, over all direct
// and indirect inputs of a step.
std::map<std::string, std::size_t> skipped_images(const Step& step);

// patch set -> split file; output "split". fold: from 1, and 1 if the dataset has no folds.
std::unique_ptr<Step> split_step(const Experiment& experiment, const DatasetConfig& dataset, Step* patches,
                                 int fold);

// The options of that split. Throws RequestError.
SplitOptions split_options(const Experiment& experiment, const DatasetConfig& dataset, int fold);

// The number of folds of a dataset, 1 if it has none. For leave-one-group-out the images are listed to count
// the groups. Throws RequestError if there are too many or too few, RunError for bad data.
int fold_count(const Experiment& experiment, const DatasetConfig& dataset, const ComputeContext& compute);

// The label of a step of one fold of a dataset: "os-fold2", or unchanged if there are no folds.
std::string fold_label(const std::string& label, const DatasetConfig& dataset, int fold);

// Checks that two patch sets have the same classes, which layers = "none" requires. Output "checked".
std::unique_ptr<Step> same_classes_step(const std::string& source, Step* source_patches,
                                        const std::string& target, Step* target_patches,
                                        const std::string& where);

// split (+ checkpoint) -> checkpoint; output "checkpoint", summary best_selection_score and more. If training
// diverges the step fails, and last-good.safetensors in its folder is the best network up to then.
std::unique_ptr<Step> train_step(const Experiment& experiment, const TrainRun& run,
                                 const ComputeContext& compute);

// SHA-256 of the weights file that a recipe names. Throws RunError if it cannot be read, is of another
// model or holds numbers that are not finite.
std::string checked_weights(const Recipe& recipe, const ConfiguredPlugin& model);

// Trainings [setting][trial] -> the setting with the best mean over trials; outputs "trial-1" ... `also` are
// trainings whose accuracies count too (other sources of the same target). A setting that diverged anywhere
// is left out; if all did, the step fails.
std::unique_ptr<Step> choose_rate_step(const Experiment& experiment, const std::string& label,
                                       const std::vector<OptimizerSetting>& settings,
                                       const std::vector<std::vector<Step*>>& trainings,
                                       const std::vector<std::vector<Step*>>& also);

// The best trial of a choice; output "winner". By validation, or by the given tests.
std::unique_ptr<Step> choose_trial_step(const std::string& label, Step* choice, int trials,
                                        const std::vector<Step*>& tests);

// The splits that a merge may read.
struct MergeSplits {
  std::vector<Step*>
      sources;  // of each source, in their order: inputs only if the distiller learns from patches
  Step* recalibrate = nullptr;  // whose training patches recompute running statistics; nullptr: they are kept
  int recalibration_patches = 0;
};

// The base that the sources of a merge were tuned from.
struct MergeBase {
  std::filesystem::path file;  // empty: the distiller needs none
  std::string digest;          // its SHA-256
};

// Checks the `base` of a [[distill]] before anything runs. Throws RunError if it cannot be read, is of
// another model or has values that are not finite.
MergeBase checked_base(const DistillConfig& distill, const ConfiguredPlugin& model);

// Checkpoints (+ splits) -> one checkpoint; output "checkpoint"; summary seconds and norms. If a single
// source comes out unchanged, its file is passed on as it is; is_control: so is a single source that the
// distiller refuses.
std::unique_ptr<Step> distill_step(const Experiment& experiment, const PluginChoice& distiller,
                                   const std::vector<std::string>& names,
                                   const std::vector<Step*>& candidates, const MergeBase& base,
                                   const ConfiguredPlugin& model, const ComputeContext& compute,
                                   const MergeSplits& splits, bool is_control);

// checkpoint + split -> result.json, predictions.csv; output "result".
std::unique_ptr<Step> evaluate_step(const std::string& label, const ConfiguredPlugin& model, Step* checkpoint,
                                    const std::string& checkpoint_output, Step* split,
                                    const ComputeContext& compute);

}  // namespace histokt
