// SPDX-License-Identifier: MIT
// AdamP (Heo et al. 2021). With m, v the moments of Adam and t the parameter's number of steps:
//
//   p = m / (sqrt(v) / sqrt(1 - beta2^t) + eps)        with nesterov: beta1 m + (1 - beta1) g for m
//   w <- (1 - rate weight_decay ratio) w - rate / (1 - beta1^t) p
//
// For tensors of more than one dimension the rows of w are examined, first one per output channel, then the
// whole tensor as one: if the largest |cosine(g, w)| of a view is below delta / sqrt(row length), the part of
// p along w is taken out row by row, ratio becomes wd_ratio, and the second view is skipped.
//
// float32 in main memory takes a fused path, whose bits do not depend on the number of threads; everything
// else uses libtorch's operations.
#pragma once

#include <histokt/optimizer.hpp>

#include <cstdint>
#include <vector>

#include "common/optimizers/moments.hpp"

namespace histokt {

class AdamP final : public MomentOptimizer {
 public:
  static constexpr histokt_option kOptions[] = {
      MomentSettings::kBetas,
      MomentSettings::kEps,
      number_option("weight_decay", "0", 0, 1e6, "Decoupled decay: the weights shrink by rate x this."),
      number_option("delta", "0.1", 0, 1e6, "Cosine threshold of scale-invariant weights."),
      number_option("wd_ratio", "0.1", 0, 1e6, "Factor on the weight decay of scale-invariant weights."),
      boolean_option("nesterov", "false", "Use Nesterov momentum for the first moment."),
  };

  explicit AdamP(const OptimizerRequest& request);

  void step(double rate_factor) override;

 private:
  // One parameter's step over plain memory, by one thread.
  struct PlainTask {
    Moments* moments;
    torch::Tensor gradient;  // laid out as the weights
    MomentScales scales;
  };

  void step_plain(const PlainTask& task) const;
  void step_general(Moments& moments, const torch::Tensor& gradient, const MomentScales& scales) const;

  double delta_, wd_ratio_;
  bool nesterov_;
};

}  // namespace histokt
