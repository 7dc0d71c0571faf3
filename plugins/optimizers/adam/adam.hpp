// SPDX-License-Identifier: MIT
// Adam (Kingma and Ba 2015) and AdamW (Loshchilov and Hutter 2019), as in PyTorch. With m, v the moments of
// the gradient and t the parameter's number of steps:
//
//   w <- w - rate / (1 - beta1^t) m / (sqrt(v) / sqrt(1 - beta2^t) + eps)
//
// Adam adds weight_decay w to the gradient beforehand; AdamW multiplies w by 1 - rate weight_decay instead.
// With amsgrad (Reddi et al. 2018) the largest v so far replaces v.
//
// float32 in main memory takes a fused path, whose bits do not depend on the number of threads; everything
// else uses libtorch's operations.
#pragma once

#include <histokt/optimizer.hpp>

#include <cstdint>
#include <string>

#include "common/optimizers/moments.hpp"

namespace histokt {

class AdamRule : public MomentOptimizer {
 public:
  static constexpr histokt_option kAmsgrad =
      boolean_option("amsgrad", "false", "Divide by the largest second moment so far.");

  void step(double rate_factor) override;

 protected:
  enum class Decay { kInGradient, kOfWeights };
  AdamRule(std::string name, Decay decay, const OptimizerRequest& request);

 private:
  // Some entries of one parameter, in plain memory.
  struct PlainTask {
    Moments* moments;
    torch::Tensor gradient;  // the whole parameter's, laid out as the weights
    MomentScales scales;
    std::int64_t begin, count;
  };

  void step_plain(const PlainTask& task) const;
  void step_general(Moments& moments, torch::Tensor gradient, const MomentScales& scales) const;

  Decay decay_;
};

class Adam final : public AdamRule {
 public:
  static constexpr histokt_option kOptions[] = {
      MomentSettings::kBetas,
      MomentSettings::kEps,
      number_option("weight_decay", "0", 0, 1e6,
                    "Weight decay: this times the weights is added to the gradient."),
      kAmsgrad,
  };

  explicit Adam(const OptimizerRequest& request) : AdamRule("adam", Decay::kInGradient, request) {}
};

}  // namespace histokt
