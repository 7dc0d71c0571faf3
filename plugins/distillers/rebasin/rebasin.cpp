// SPDX-License-Identifier: MIT
#include "rebasin/rebasin.hpp"

#include "rebasin/weight_matching.hpp"

namespace histokt {
namespace {

std::vector<TensorView> tensors_of(const Merge& merge, std::size_t source) {
  std::vector<TensorView> tensors;
  for (const TensorView& output : merge.outputs()) tensors.push_back(merge.input(source, output.name()));
  return tensors;
}

}  // namespace

RebasinDistiller::RebasinDistiller(const DistillerRequest& request)
    : weights_(checked_shares(request.settings.numbers("weights"))),
      passes_(static_cast<std::size_t>(request.settings.integer("passes"))),
      host_(request.host) {}

void RebasinDistiller::merge(const Merge& merge) {
  const std::vector<double> weights = shares_for(weights_, merge.source_count());
  std::vector<WeightMatching> matchings;
  for (std::size_t s = 0; s < merge.source_count(); ++s) {
    host_.progress("sources aligned", s, merge.source_count());
    matchings.emplace_back(tensors_of(merge, 0), tensors_of(merge, s), host_.threads());
    if (s > 0) matchings.back().run(passes_);
  }
  const std::vector<TensorView> outputs = merge.outputs();
  std::vector<double> sum;
  for (std::size_t t = 0; t < outputs.size(); ++t) {
    sum.assign(outputs[t].size(), 0.0);
    for (std::size_t s = 0; s < matchings.size(); ++s) {
      const std::vector<float> entries = matchings[s].aligned(t);
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += weights[s] * entries[i];
    }
    const std::span<float> result = outputs[t].floats();
    for (std::size_t i = 0; i < sum.size(); ++i) result[i] = static_cast<float>(sum[i]);
  }
}

}  // namespace histokt
