// SPDX-License-Identifier: MIT
#include "fisher/fisher.hpp"

#include <algorithm>
#include <string>

namespace histokt {
namespace {

// Of one source: its information, and what it is multiplied by.
struct Information {
  TensorSet tensors;
  double factor = 1;
};

// 1 / the mean over all entries that are merged.
double one_by_mean(const TensorSet& information, const std::vector<TensorView>& outputs,
                   std::string_view source) {
  double sum = 0;
  std::size_t entries = 0;
  for (const TensorView& output : outputs) {
    const auto tensor = information.find(output.name());
    if (!tensor) continue;
    for (const float entry : tensor->floats()) sum += entry;
    entries += tensor->size();
  }
  if (sum > 0) return static_cast<double>(entries) / sum;
  throw PluginError(
      "the predictions of " + std::string(source) +
      " do not depend on its weights: it is certain of every patch; use more samples, or the distiller mean");
}

std::span<const float> entries_of(const TensorSet& information, const TensorView& output) {
  const auto tensor = information.find(output.name());
  if (!tensor) return {};
  if (tensor->size() != output.size()) {
    throw PluginError(std::string(output.name()) + ": its information has " + std::to_string(tensor->size()) +
                      " entries, expected " + std::to_string(output.size()));
  }
  return tensor->floats();
}

}  // namespace

FisherDistiller::FisherDistiller(const DistillerRequest& request)
    : samples_(static_cast<std::uint64_t>(request.settings.integer("samples"))),
      floor_(request.settings.number("floor")),
      normalize_(request.settings.boolean("normalize")),
      weights_(checked_shares(request.settings.numbers("weights"))),
      host_(request.host) {}

void FisherDistiller::merge(const Merge& merge) {
  const std::size_t sources = merge.source_count();
  const std::vector<double> shares = shares_for(weights_, sources);
  const std::vector<TensorView> outputs = merge.outputs();
  std::vector<Information> information;
  for (std::size_t s = 0; s < sources; ++s) {
    information.push_back({squared_gradients(host_, s, samples_)});
    if (normalize_)
      information[s].factor = one_by_mean(information[s].tensors, outputs, merge.source_name(s));
  }
  std::vector<double> sum, weight, mean;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    host_.progress("tensors merged", i, outputs.size());
    const std::span<float> result = outputs[i].floats();
    // What is added to -0 stays as it is, -0 too: one source alone comes out with its very bits.
    for (auto* part : {&sum, &weight, &mean}) part->assign(result.size(), -0.0);
    for (std::size_t s = 0; s < sources; ++s) {
      const std::span<const float> entries = merge.input(s, outputs[i].name()).floats();
      const std::span<const float> of = entries_of(information[s].tensors, outputs[i]);
      for (std::size_t at = 0; at < result.size(); ++at) {
        mean[at] += shares[s] * entries[at];
        if (of.empty()) continue;
        const double w = shares[s] * std::max(floor_, information[s].factor * of[at]);
        sum[at] += w * entries[at];
        weight[at] += w;
      }
    }
    for (std::size_t at = 0; at < result.size(); ++at) {
      result[at] = static_cast<float>(weight[at] > 0 ? sum[at] / weight[at] : mean[at]);
    }
  }
}

}  // namespace histokt
