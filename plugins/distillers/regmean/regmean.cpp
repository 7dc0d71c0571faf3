// SPDX-License-Identifier: MIT
#include "regmean/regmean.hpp"

#include <algorithm>
#include <string>

namespace histokt {
namespace {

bool agree(const InAllSources& sources) {
  return std::ranges::all_of(sources,
                             [&](const auto& source) { return std::ranges::equal(source, sources.front()); });
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
  const InAllSources sources = in_all_sources(merge, output.name());
  if (agree(sources)) {  // one source alone, say: nothing is asked for
    write_mean(sources, output.floats());
    return true;
  }
  for (std::size_t s = 0; s < sources.size(); ++s) {
    const auto gram = input_gram(host_, s, samples_, output.name());
    if (!gram) return false;
    if (gram->size() != columns * columns) {
      throw PluginError("its Gram matrix has " + std::to_string(gram->size()) + " entries, expected " +
                        std::to_string(columns * columns));
    }
    if (s == 0) regression_.begin(sources, rows, alpha_);
    regression_.add(s, gram->floats());
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
      host_.log_warning(std::string(outputs[i].name()) +
                        " becomes the mean: its inputs are not recorded, or their Gram matrices would take "
                        "more than 2 GiB");
    }
    write_mean(in_all_sources(merge, outputs[i].name()), outputs[i].floats());
  }
}

}  // namespace histokt
