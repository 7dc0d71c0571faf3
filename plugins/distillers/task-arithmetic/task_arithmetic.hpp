// SPDX-License-Identifier: MIT
// Task arithmetic: W' = B + scale sum_s (W_s - B).
#pragma once

#include <array>

#include <histokt/distiller.hpp>

namespace histokt {

class TaskArithmeticDistiller : public Distiller {
 public:
  static constexpr bool kNeedsBase = true;
  static constexpr std::array<histokt_option, 1> kOptions = {number_option(
      "scale", "0.4", -10, 10, "Factor of the sum of the task vectors; 1 over the sources: the mean.")};

  explicit TaskArithmeticDistiller(const DistillerRequest& request)
      : scale_(request.settings.number("scale")), host_(request.host) {}

  void merge(const Merge& merge) override;
  bool order_matters() const override { return false; }

 private:
  double scale_;
  Host host_;
};

}  // namespace histokt
