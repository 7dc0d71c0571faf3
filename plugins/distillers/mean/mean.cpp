#include "mean/mean.hpp"

#include <cmath>
#include <numeric>

namespace histokt {
namespace {

// Adds up to 1, or is empty.
std::vector<double> normalized(std::vector<double> weights) {
  if (weights.empty()) return weights;
  for (double weight : weights) {
    if (!(weight >= 0) || std::isinf(weight)) throw BadRequest("option weights: each must be at least 0");
  }
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  if (!(sum > 0) || std::isinf(sum)) throw BadRequest("option weights: one at least must be above 0");
  for (double& weight : weights) weight /= sum;
  return weights;
}

}  // namespace

MeanDistiller::MeanDistiller(const DistillerRequest& request)
    : weights_(normalized(request.settings.numbers("weights"))), host_(request.host) {}

void MeanDistiller::merge(const Merge& merge) {
  const std::size_t sources = merge.source_count();
  std::vector<double> weights = weights_;
  if (weights.empty()) weights.assign(sources, 1.0 / static_cast<double>(sources));
  if (weights.size() != sources) {
    throw BadRequest("option weights has " + std::to_string(weights.size()) + " numbers for " +
                     std::to_string(sources) + " sources; give one for each, or none");
  }
  const std::vector<TensorView> outputs = merge.outputs();
  std::vector<double> sum;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    host_.progress("tensors merged", i, outputs.size());
    const std::span<float> result = outputs[i].floats();
    sum.assign(result.size(), 0.0);
    for (std::size_t s = 0; s < sources; ++s) {
      const std::span<const float> entries = merge.input(s, outputs[i].name()).floats();
      for (std::size_t at = 0; at < sum.size(); ++at) sum[at] += weights[s] * entries[at];
    }
    for (std::size_t at = 0; at < sum.size(); ++at) result[at] = static_cast<float>(sum[at]);
  }
}

}  // namespace histokt
