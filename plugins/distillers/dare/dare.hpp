// SPDX-License-Identifier: MIT
// DARE: drop and rescale (Yu et al. 2024). W' = B + scale sum_s m_s (W_s - B) / (1 - drop), entry by entry,
// where m_s is 0 with probability `drop` and else 1.
#pragma once

#include <array>
#include <cstdint>

#include <histokt/distiller.hpp>

namespace histokt {

class DareDistiller : public Distiller {
 public:
  static constexpr bool kNeedsBase = true;
  static constexpr std::array<histokt_option, 3> kOptions = {
      number_option("drop", "0.5", 0, 0.999, "Probability of dropping an entry of a task vector."),
      number_option("scale", "0.4", -10, 10, "Factor of the sum of the task vectors."),
      integer_option("seed", "0", 0, 9e15, "Seed for drawing the dropped entries.")};

  explicit DareDistiller(const DistillerRequest& request)
      : drop_(request.settings.number("drop")),
        scale_(request.settings.number("scale")),
        seed_(static_cast<std::uint64_t>(request.settings.integer("seed"))),
        host_(request.host) {}

  void merge(const Merge& merge) override;
  bool order_matters() const override { return false; }

 private:
  double drop_, scale_;
  std::uint64_t seed_;
  Host host_;
};

}  // namespace histokt
