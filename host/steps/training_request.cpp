#include "steps/training_request.hpp"

#include "base/errors.hpp"

namespace histokt {

TrainRequest training_request(const Recipe& recipe, const Workshop& workshop) {
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
  request.runtime = *workshop.runtime;
  request.loader_threads = workshop.loader_threads;
  return request;
}

// "auto" is accuracy where a patch has one label, and average precision where it has several: there accuracy
// of entries is near its best for a network that predicts nothing.
SelectionScore selection_score(const Recipe& recipe, bool multi_label, const std::string& dataset) {
  if (recipe.selection == "balanced-accuracy" && multi_label) {
    throw RunError(recipe.where + "recipes." + recipe.name +
                   ".selection = \"balanced-accuracy\" needs one label a patch, and patches of " + dataset +
                   " have several. Take \"mean-average-precision\", \"macro-f1\" or \"accuracy\".");
  }
  if (recipe.selection == "balanced-accuracy") return SelectionScore::kBalancedAccuracy;
  if (recipe.selection == "macro-f1") return SelectionScore::kMacroF1;
  const bool precision =
      recipe.selection == "mean-average-precision" || (recipe.selection == "auto" && multi_label);
  return precision ? SelectionScore::kMeanAveragePrecision : SelectionScore::kAccuracy;
}

std::string selection_name(SelectionScore score) {
  switch (score) {
    case SelectionScore::kBalancedAccuracy:
      return "balanced-accuracy";
    case SelectionScore::kMacroF1:
      return "macro-f1";
    case SelectionScore::kMeanAveragePrecision:
      return "mean-average-precision";
    default:
      return "accuracy";
  }
}

}  // namespace histokt
