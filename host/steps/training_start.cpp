// SPDX-License-Identifier: MIT
#include "steps/training_start.hpp"

#include "base/digest.hpp"
#include "base/errors.hpp"

namespace histokt {

std::filesystem::path initial_file(const TrainRun& run, const StepContext& context) {
  if (run.initial) return context.file("initial");
  const std::filesystem::path& weights = run.recipe.weights;
  if (!weights.empty() && sha256_of_file(weights) != run.weights_digest) {
    throw RunError(weights.string() +
                   ": these weights have changed since the run started; run the same command again");
  }
  return weights;
}

void add_start(const TrainRun& run, Json& options) {
  if (run.keep_normalization) options["normalization"] = "initial";
  if (run.weights_digest.empty()) return;
  options["weights"] = run.weights_digest;
  options["normalization"] = run.recipe.normalize_as_weights ? "weights" : "training";
}

Normalization starting_normalization(const TrainRun& run, const std::optional<Normalization>& of_weights,
                                     const SplitSet& split) {
  const Normalization own{split.mean(), split.standard_deviation()};
  if (run.initial) return run.keep_normalization ? of_weights.value_or(own) : own;
  const bool as_weights = !run.recipe.weights.empty() && run.recipe.normalize_as_weights;
  return as_weights ? of_weights.value_or(kImageNetNormalization) : own;
}

}  // namespace histokt
