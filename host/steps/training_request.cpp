// SPDX-License-Identifier: MIT
#include "steps/training_request.hpp"

#include "base/errors.hpp"
#include "base/text.hpp"
#include "training/metrics.hpp"

namespace histokt {

TrainRequest training_request(const Recipe& recipe, const ComputeContext& compute) {
  TrainRequest request;
  request.epochs = recipe.epochs;
  request.batch_size = static_cast<std::size_t>(recipe.batch_size);
  request.schedule = {recipe.schedule_every, recipe.schedule_factor};
  request.layers = recipe.layers == Layers::kHead ? TrainedLayers::kHead : TrainedLayers::kAll;
  request.frozen_batch_norm =
      recipe.frozen_batch_norm_running ? FrozenBatchNorm::kRunning : FrozenBatchNorm::kBatch;
  request.augmentation = recipe.augmentation;
  request.views = recipe.views;
  request.validate_clean = recipe.clean_validation;
  request.class_weights = recipe.class_weights == "none"       ? ClassWeighting::kNone
                          : recipe.class_weights == "balanced" ? ClassWeighting::kBalanced
                                                               : ClassWeighting::kUsual;
  request.runtime = *compute.runtime;
  request.loader_threads = compute.loader_threads;
  return request;
}

// "auto" is accuracy where a patch has one label, and average precision where it has several: there accuracy
// of entries is near its best for a network that predicts nothing.
std::string selection_of(const Recipe& recipe, bool multi_label, const std::string& dataset) {
  if (recipe.selection == "auto") return multi_label ? "mean-average-precision" : "accuracy";
  if (selection_metric(recipe.selection, multi_label)) return recipe.selection;
  std::vector<std::string> others = selection_words(multi_label);
  for (std::string& word : others) word = '"' + word + '"';
  throw RunError(recipe.where + "recipes." + recipe.name + ".selection = \"" + recipe.selection +
                 "\" needs " + (multi_label ? "one label" : "several labels") +
                 " per patch, and patches of " + dataset + " have " + (multi_label ? "several" : "one") +
                 ". Take " + joined(others, " or ") + ".");
}

}  // namespace histokt
