// SPDX-License-Identifier: MIT
// The weighted mean of the sources, tensor by tensor: W' = sum_s w_s W_s / sum_s w_s.
#pragma once

#include <array>
#include <vector>

#include <histokt/distiller.hpp>

#include "mean/shares.hpp"

namespace histokt {

class MeanDistiller : public Distiller {
 public:
  static constexpr std::array<histokt_option, 1> kOptions = {list_of(number_option(
      "weights", "[]", 0, 0,
      "Weight of each source, in the order of the sources, at least 0; empty: equal weights."))};

  // Throws BadRequest if a weight is negative or all are 0.
  explicit MeanDistiller(const DistillerRequest& request);

  void merge(const Merge& merge) override;
  bool order_matters() const override { return !weights_.empty(); }
  // Throws BadRequest if the weights are not as many as the sources.
  void check_sources(std::size_t count) const override { shares_for(weights_, count); }

 private:
  std::vector<double> weights_;  // add up to 1; empty: all alike
  Host host_;
};

}  // namespace histokt
