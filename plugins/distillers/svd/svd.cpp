// SPDX-License-Identifier: MIT
#include "svd/svd.hpp"

#include <cmath>

namespace histokt {
namespace {

double frobenius_norm(std::span<const float> entries) {
  double sum = 0;
  for (float entry : entries) sum += static_cast<double>(entry) * entry;
  return std::sqrt(sum);
}

// The tensor in every source, with its first axis as rows.
StackedWeights unfolded(const Merge& merge, const TensorView& tensor) {
  StackedWeights weights{in_all_sources(merge, tensor.name())};
  weights.rows = tensor.shape().empty() ? 1 : static_cast<std::size_t>(tensor.shape()[0]);
  weights.columns = weights.rows == 0 ? 0 : tensor.size() / weights.rows;
  return weights;
}

}  // namespace

SvdDistiller::SvdDistiller(const DistillerRequest& request)
    : rank_(static_cast<std::size_t>(request.settings.integer("rank"))),
      reference_(request.settings.string("reference") == "mean" ? Reference::kMean : Reference::kFirst),
      random_(request.settings.string("directions") == "random"),
      seed_(static_cast<std::uint64_t>(request.settings.integer("seed"))),
      rescale_(request.settings.string("rescale") == "norm"),
      host_(request.host) {}

void SvdDistiller::merge(const Merge& merge) {
  const std::vector<TensorView> outputs = merge.outputs();
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    host_.progress("tensors merged", i, outputs.size());
    const StackedWeights weights = unfolded(merge, outputs[i]);
    if (outputs[i].shape().size() < 2) {
      copy_reference(weights, Reference::kMean, outputs[i].floats());
      continue;
    }
    try {
      merge_weight(weights, outputs[i].name(), outputs[i].floats());
    } catch (const PluginError& error) {
      throw PluginError(std::string(outputs[i].name()) + ": " + error.what());
    }
  }
}

void SvdDistiller::merge_weight(const StackedWeights& weights, std::string_view name,
                                std::span<float> result) {
  if (random_) {
    projection_.project_at_random(weights, rank_, reference_, {seed_, name}, result);
  } else {
    projection_.project(weights, rank_, reference_, result);
  }
  if (!rescale_) return;
  const double after = frobenius_norm(result);
  if (!(after > 0)) return;  // nothing was left; no factor brings it back
  std::vector<float> before(result.size());
  copy_reference(weights, reference_, before);
  const double factor = frobenius_norm(before) / after;
  for (float& entry : result) entry = static_cast<float>(entry * factor);
}

}  // namespace histokt
