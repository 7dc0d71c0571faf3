// SPDX-License-Identifier: MIT
// SGD with momentum, as in PyTorch: the step of common/optimizers/momentum.hpp at one rate for all
// parameters.
#pragma once

#include <histokt/optimizer.hpp>

#include <map>
#include <string>
#include <vector>

#include "common/optimizers/momentum.hpp"

namespace histokt {

class Sgd final : public Optimizer {
 public:
  static constexpr histokt_option kOptions[] = {
      Momentum::kMomentum,
      Momentum::kDampening,
      Momentum::kNesterov,
      Momentum::kWeightDecay,
  };

  explicit Sgd(const OptimizerRequest& request)
      : momentum_("sgd", request), rates_(request.parameters.size(), request.learning_rate) {}

  void step(double rate_factor) override { momentum_.step(rates_, rate_factor); }
  std::vector<double> learning_rates() const override { return rates_; }
  std::map<std::string, torch::Tensor> state() const override {
    OptimizerState state;
    momentum_.save(state);
    return state;
  }
  void load_state(const std::map<std::string, torch::Tensor>& state) override {
    momentum_ = momentum_.loaded(state, 0);
  }

 private:
  Momentum momentum_;
  std::vector<double> rates_;
};

}  // namespace histokt
