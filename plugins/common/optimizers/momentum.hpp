// SPDX-License-Identifier: MIT
// The step of SGD with momentum, as in PyTorch: used by `sgd`, and by `rmsgd` with a rate for each tensor.
// With d = g + weight_decay w:
//
//   buffer <- momentum buffer + (1 - dampening) d, but d as it is the first time
//   w <- w - rate buffer, or with nesterov w - rate (d + momentum buffer); without momentum w - rate d
//
// float32 in main memory takes a fused path, whose bits do not depend on the number of threads; everything
// else uses libtorch's operations.
#pragma once

#include <histokt/optimizer.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include "common/optimizers/momentum_kernels.hpp"
#include "common/optimizers/state.hpp"

namespace histokt {

class Momentum {
 public:
  // Declarations of its options, for the optimizers that use it.
  static constexpr histokt_option kMomentum =
      number_option("momentum", "0", 0, 1, "Momentum of the gradient.");
  static constexpr histokt_option kDampening =
      number_option("dampening", "0", 0, 1, "Share of the gradient kept out of the momentum.");
  static constexpr histokt_option kNesterov = boolean_option("nesterov", "false", "Use Nesterov momentum.");
  static constexpr histokt_option kWeightDecay = number_option(
      "weight_decay", "0", 0, 1e6, "Weight decay: this times the weights is added to the gradient.");

  // Throws BadRequest, naming the optimizer, for nesterov without momentum or with dampening.
  Momentum(std::string optimizer, const OptimizerRequest& request);

  const std::vector<NamedParameter>& parameters() const { return parameters_; }

  // One step along each parameter's .grad; parameter i goes at rates[i] x rate_factor. A parameter without a
  // gradient stays as it is.
  void step(const std::vector<double>& rates, double rate_factor);

  // Adds "momentum_buffer/NAME" of each parameter that has had a step with momentum.
  void save(OptimizerState& state) const;
  // A copy with the buffers of a saved state, which holds `others` entries besides them. Throws
  // std::runtime_error, naming the optimizer, if the state belongs to other parameters.
  Momentum loaded(const OptimizerState& state, std::size_t others) const;

 private:
  // Some entries of one parameter, in plain memory.
  struct PlainTask {
    momentum_kernels::Coefficients coefficients;
    float* weight;
    float* buffer;           // nullptr without momentum
    torch::Tensor gradient;  // the whole parameter's, laid out as the weights
    std::int64_t begin, count;
  };

  void add_plain_tasks(std::size_t index, double rate, std::vector<PlainTask>& tasks);
  void step_general(std::size_t index, double rate);

  std::string optimizer_;
  std::vector<NamedParameter> parameters_;
  double momentum_, dampening_, weight_decay_;
  bool nesterov_;
  std::vector<torch::Tensor> buffers_;  // undefined before the first step
};

}  // namespace histokt
