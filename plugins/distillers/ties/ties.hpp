// SPDX-License-Identifier: MIT
// TIES: trim, elect sign, disjoint mean (Yadav et al. 2023). With tau_s = W_s - B, of which the share
// `density` of largest size is kept in each source and the rest is 0,
//   sigma = sign(sum_s tau_s),   W' = B + scale mean of those tau_s whose sign is sigma,
// entry by entry.
#pragma once

#include <array>

#include <histokt/distiller.hpp>

namespace histokt {

class TiesDistiller : public Distiller {
 public:
  static constexpr bool kNeedsBase = true;
  static constexpr std::array<histokt_option, 2> kOptions = {
      number_option("density", "0.2", 1e-6, 1, "Share of each source's entries to keep, the largest ones."),
      number_option("scale", "1", -10, 10, "Factor of what is added to the base.")};

  explicit TiesDistiller(const DistillerRequest& request)
      : density_(request.settings.number("density")),
        scale_(request.settings.number("scale")),
        host_(request.host) {}

  void merge(const Merge& merge) override;
  bool order_matters() const override { return false; }

 private:
  double density_, scale_;
  Host host_;
};

}  // namespace histokt
