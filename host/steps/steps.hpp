// The steps that a plan itself is made of: how each is described and what it does. The functions check
// options and open plugins (RequestError); the returned step's work reads data. `workshop` must outlive the
// steps.
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
#include "tasks/workshop.hpp"

namespace histokt {

// pictures -> patch set; output "patches".
std::unique_ptr<Step> standardize_step(const Experiment& experiment, const DatasetConfig& dataset,
                                       const Workshop& workshop);

// How many pictures could not be read and were left out (`on_bad_image = "skip"`), by dataset, in all that a
// step goes back to.
std::map<std::string, std::size_t> skipped_pictures(const Step& step);

// patch set -> split file; output "split". fold: from 1, and 1 where the dataset has no folds.
std::unique_ptr<Step> split_step(const Experiment& experiment, const DatasetConfig& dataset, Step* patches,
                                 int fold);

// How it is split there. Throws RequestError.
SplitOptions split_options(const Experiment& experiment, const DatasetConfig& dataset, int fold);

// How many folds a dataset is split in, 1 where it has none. Where one group at a time is left out, the
// pictures are listed to count the groups. Throws RequestError where there are too many or too few, RunError
// for bad data.
int fold_count(const Experiment& experiment, const DatasetConfig& dataset, const Workshop& workshop);

// The label of what belongs to one fold of a dataset: "os-fold2", or as it is where there are no folds.
std::string fold_label(const std::string& label, const DatasetConfig& dataset, int fold);

// Two patch sets must have the same classes: what layers = "none" needs. Output "checked".
std::unique_ptr<Step> same_classes_step(const std::string& source, Step* source_patches,
                                        const std::string& target, Step* target_patches,
                                        const std::string& where);

// split (+ checkpoint) -> checkpoint; output "checkpoint", summary best_selection_score and more. Where
// training diverges the step fails, and last-good.safetensors in its folder is the best network until then.
std::unique_ptr<Step> train_step(const Experiment& experiment, const TrainRun& run, const Workshop& workshop);

// SHA-256 of the file of weights that a recipe names. Throws RunError where it cannot be read, is of another
// model or holds numbers that are not finite.
std::string checked_weights(const Recipe& recipe, const ConfiguredPlugin& model);

// Trainings [setting][trial] -> the setting with the best mean over trials; outputs "trial-1" ... `also` are
// trainings whose accuracies count too (other sources of the same target). A setting that diverged anywhere
// is left out; where each did, the step fails.
std::unique_ptr<Step> choose_rate_step(const Experiment& experiment, const std::string& label,
                                       const std::vector<OptimizerSetting>& settings,
                                       const std::vector<std::vector<Step*>>& trainings,
                                       const std::vector<std::vector<Step*>>& also);

// The best trial of a choice; output "winner". By validation, or by the given tests.
std::unique_ptr<Step> choose_trial_step(const std::string& label, Step* choice, int trials,
                                        const std::vector<Step*>& tests);

// The splits that a merge may look at.
struct MergeSplits {
  std::vector<Step*>
      sources;  // of each source, in their order: inputs only where the distiller learns from patches
  Step* recalibrate =
      nullptr;  // on whose training patches running statistics are made anew; nullptr: they stay
  int recalibration_patches = 0;
};

// What the sources of a merge were tuned from.
struct MergeBase {
  std::filesystem::path file;  // empty: the distiller builds on none
  std::string digest;          // its SHA-256
};

// Looks at the `base` of a [[distill]] before anything runs. Throws RunError where it cannot be read, is of
// another model or holds numbers that are not finite.
MergeBase checked_base(const DistillConfig& distill, const ConfiguredPlugin& model);

// Checkpoints (+ splits) -> one checkpoint; output "checkpoint"; summary seconds and norms. Of one source
// that comes out as it went in the file itself is handed on; is_control: such a source is taken as it is
// where the distiller will not work on one alone.
std::unique_ptr<Step> distill_step(const Experiment& experiment, const PluginChoice& distiller,
                                   const std::vector<std::string>& names,
                                   const std::vector<Step*>& candidates, const MergeBase& base,
                                   const ConfiguredPlugin& model, const Workshop& workshop,
                                   const MergeSplits& splits, bool is_control);

// checkpoint + split -> result.json, predictions.csv; output "result".
std::unique_ptr<Step> evaluate_step(const std::string& label, const ConfiguredPlugin& model, Step* checkpoint,
                                    const std::string& checkpoint_output, Step* split,
                                    const Workshop& workshop);

}  // namespace histokt
