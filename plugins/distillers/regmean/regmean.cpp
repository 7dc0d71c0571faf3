#include "regmean/regmean.hpp"

#include <string>

namespace histokt {
namespace {

void mean(const Merge& merge, const TensorView& output) {
  const std::span<float> result = output.floats();
  std::vector<double> sum(result.size(), 0.0);
  for (std::size_t s = 0; s < merge.source_count(); ++s) {
    const std::span<const float> entries = merge.input(s, output.name()).floats();
    for (std::size_t at = 0; at < sum.size(); ++at) sum[at] += entries[at];
  }
  for (std::size_t at = 0; at < sum.size(); ++at) {
    result[at] = static_cast<float>(sum[at] / static_cast<double>(merge.source_count()));
  }
}

}  // namespace

RegmeanDistiller::RegmeanDistiller(const DistillerRequest& request)
    : samples_(static_cast<std::uint64_t>(request.settings.integer("samples"))),
      alpha_(request.settings.number("alpha")),
      ridge_(request.settings.number("ridge")),
      host_(request.host) {}

bool RegmeanDistiller::merge_weight(const Merge& merge, const TensorView& output) {
  const auto rows = static_cast<std::size_t>(output.shape()[0]);
  const std::size_t columns = rows == 0 ? 0 : output.size() / rows;
  if (columns == 0) return false;
  for (std::size_t s = 0; s < merge.source_count(); ++s) {
    const auto gram = input_gram(host_, s, samples_, output.name());
    if (!gram) return false;
    if (gram->size() != columns * columns) {
      throw PluginError("its Gram matrix has " + std::to_string(gram->size()) + " entries, expected " +
                        std::to_string(columns * columns));
    }
    if (s == 0) regression_.begin(rows, columns, alpha_);
    regression_.add(gram->floats(), merge.input(s, output.name()).floats());
  }
  regression_.solve(ridge_, output.floats());
  return true;
}

void RegmeanDistiller::merge(const Merge& merge) {
  const std::vector<TensorView> outputs = merge.outputs();
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    host_.progress("tensors merged", i, outputs.size());
    try {
      if (outputs[i].shape().size() >= 2 && merge_weight(merge, outputs[i])) continue;
    } catch (const PluginError& error) {
      throw PluginError(std::string(outputs[i].name()) + ": " + error.what());
    }
    if (outputs[i].shape().size() >= 2) {
      host_.log_warning(std::string(outputs[i].name()) + " becomes the mean: the host sees no inputs of it");
    }
    mean(merge, outputs[i]);
  }
}

}  // namespace histokt
