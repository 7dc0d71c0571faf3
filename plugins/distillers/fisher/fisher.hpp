// SPDX-License-Identifier: MIT
// The Fisher-weighted mean of the sources: each entry weighted by how much its source's predictions depend on
// it:
//
//   W' = sum_s w_s F_s W_s / sum_s w_s F_s,   entry by entry,
//
// F_s the diagonal Fisher information of source s on its own training patches. Matena and Raffel, "Merging
// Models with Fisher-Weighted Averaging", NeurIPS 2022.
#pragma once

#include <array>
#include <cstdint>
#include <histokt/distiller.hpp>
#include <vector>

#include "mean/shares.hpp"

namespace histokt {

class FisherDistiller : public Distiller {
 public:
  static constexpr bool kNeedsData = true;
  static constexpr std::array<histokt_option, 4> kOptions = {
      integer_option("samples", "256", 0, 1000000000,
                     "Number of training patches of each source for its Fisher information; 0: all."),
      number_option("floor", "1e-6", 0, 1,
                    "Lower bound of an entry's Fisher information, in units of the source's mean (absolute "
                    "without normalize)."),
      boolean_option("normalize", "true",
                     "Divide each source's Fisher information by its mean, so that no source counts more for "
                     "being less certain of its predictions."),
      list_of(number_option(
          "weights", "[]", 0, 0,
          "Weight of each source, in the order of the sources, at least 0; empty: equal weights."))};

  // Throws BadRequest if a weight is negative or all are 0.
  explicit FisherDistiller(const DistillerRequest& request);

  // Tensors without information (statistics of norms) become the mean, and so does an entry for which no
  // source has any information. Throws PluginError if a source has no information at all or of another shape,
  // and errors of the host.
  void merge(const Merge& merge) override;
  bool order_matters() const override { return !weights_.empty(); }
  // Throws BadRequest if the weights are not as many as the sources.
  void check_sources(std::size_t count) const override { shares_for(weights_, count); }

 private:
  std::uint64_t samples_;
  double floor_;
  bool normalize_;
  std::vector<double> weights_;  // add up to 1; empty: all alike
  Host host_;
};

}  // namespace histokt
