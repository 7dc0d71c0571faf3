// SPDX-License-Identifier: MIT
// AdamW: Adam with decoupled weight decay, see adam.hpp.
#pragma once

#include "optimizers/adam/adam.hpp"

namespace histokt {

class AdamW final : public AdamRule {
 public:
  static constexpr histokt_option kOptions[] = {
      MomentSettings::kBetas,
      MomentSettings::kEps,
      number_option("weight_decay", "0.01", 0, 1e6, "Decoupled decay: the weights shrink by rate x this."),
      kAmsgrad,
  };

  explicit AdamW(const OptimizerRequest& request) : AdamRule("adamw", Decay::kOfWeights, request) {}
};

}  // namespace histokt
