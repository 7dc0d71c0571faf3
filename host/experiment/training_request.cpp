#include "experiment/training_request.hpp"

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

}  // namespace histokt
