#include "mean/mean.hpp"

namespace histokt {

MeanDistiller::MeanDistiller(const DistillerRequest& request)
    : weights_(checked_shares(request.settings.numbers("weights"))), host_(request.host) {}

void MeanDistiller::merge(const Merge& merge) {
  const std::size_t sources = merge.source_count();
  const std::vector<double> weights = shares_for(weights_, sources);
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
