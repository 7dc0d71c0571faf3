// SPDX-License-Identifier: MIT
// Git Re-Basin: the mean of the sources after permuting their channels to match the first; see
// weight_matching.hpp.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include <histokt/distiller.hpp>

#include "mean/shares.hpp"

namespace histokt {

class RebasinDistiller : public Distiller {
 public:
  static constexpr std::array<histokt_option, 2> kOptions = {
      list_of(number_option(
          "weights", "[]", 0, 0,
          "Weight of each source, in the order of the sources, at least 0; empty: equal weights.")),
      integer_option("passes", "100", 1, 1e6,
                     "Maximum number of passes over all channels; it stops when nothing changes.")};

  // Throws BadRequest if a weight is negative or all are 0.
  explicit RebasinDistiller(const DistillerRequest& request);

  // Throws BadRequest if no channels are tied.
  void merge(const Merge& merge) override;
  // Throws BadRequest if the weights are not as many as the sources.
  void check_sources(std::size_t count) const override { shares_for(weights_, count); }

 private:
  std::vector<double> weights_;  // add up to 1; empty: all alike
  std::size_t passes_;
  Host host_;
};

}  // namespace histokt
