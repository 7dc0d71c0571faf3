// SPDX-License-Identifier: MIT
#include "mean/weighted_mean.hpp"

namespace histokt {

InAllSources in_all_sources(const Merge& merge, std::string_view name) {
  InAllSources sources;
  for (std::size_t s = 0; s < merge.source_count(); ++s) sources.push_back(merge.input(s, name).floats());
  return sources;
}

void write_mean(const InAllSources& sources, std::span<float> result, std::span<const double> shares) {
  const double divisor = shares.empty() ? static_cast<double>(sources.size()) : 1;
  for (std::size_t i = 0; i < result.size(); ++i) {
    double sum = -0.0;  // to which -0 can be added: one source alone comes out with its very bits
    for (std::size_t s = 0; s < sources.size(); ++s) sum += (shares.empty() ? 1 : shares[s]) * sources[s][i];
    result[i] = static_cast<float>(sum / divisor);
  }
}

}  // namespace histokt
