// SPDX-License-Identifier: MIT
#include "mean/mean.hpp"

#include "mean/shares.hpp"
#include "mean/weighted_mean.hpp"

namespace histokt {

MeanDistiller::MeanDistiller(const DistillerRequest& request)
    : weights_(checked_shares(request.settings.numbers("weights"))), host_(request.host) {}

void MeanDistiller::merge(const Merge& merge) {
  const std::vector<double> shares = shares_for(weights_, merge.source_count());
  const std::vector<TensorView> outputs = merge.outputs();
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    host_.progress("tensors merged", i, outputs.size());
    write_mean(in_all_sources(merge, outputs[i].name()), outputs[i].floats(), shares);
  }
}

}  // namespace histokt
