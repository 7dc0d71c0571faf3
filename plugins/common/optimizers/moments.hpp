// SPDX-License-Identifier: MIT
// The running moments of Adam and its variants for each parameter, m of the gradient and v of its square,
// with their options and saved state. Values: one thread at a time.
#pragma once

#include <histokt/optimizer.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include "common/optimizers/moments_kernels.hpp"
#include "common/optimizers/state.hpp"

namespace histokt {

// Settings shared by the moments of all parameters.
struct MomentSettings {
  static constexpr histokt_option kBetas =
      list_of(number_option("betas", "[0.9, 0.999]", 0, 1, "Decay of the two moments, each below 1."));
  static constexpr histokt_option kEps = number_option("eps", "1e-8", 0, 1, "Added to the denominator.");

  // Throws BadRequest, naming the optimizer, unless betas are two numbers from 0 up to but not including 1.
  MomentSettings(const std::string& optimizer, const Settings& settings);

  double beta1, beta2, eps;
};

// One parameter and its moments.
struct Moments {
  NamedParameter parameter;
  torch::Tensor first, second;  // m and v
  torch::Tensor largest = {};   // the largest v so far; undefined if it is not kept
  std::int64_t steps = 0;       // of the parameter so far

  // Moves the moments to the parameter's device and layout, which the host may have changed.
  void follow_parameter();
};

// Scale factors of one step of one parameter.
struct MomentScales {
  double root_of_bias2;  // sqrt(1 - beta2^t)
  double rate;           // for weight decay
  double step;           // of the step: rate / (1 - beta1^t)
};

// Counts one more step.
MomentScales next_scales(Moments& moments, const MomentSettings& settings, double rate);

moment_kernels::Coefficients coefficients_of(const MomentSettings& settings, const MomentScales& scales,
                                             bool nesterov);

// Updates the moments m, v with libtorch's operations.
void renew(Moments& moments, const torch::Tensor& gradient, const MomentSettings& settings);

// A scratch buffer of `count` floats for each thread, kept between calls.
float* moment_scratch(std::int64_t count);

// All at zero.
std::vector<Moments> zero_moments(const std::vector<NamedParameter>& parameters, bool keep_largest);

// "exp_avg/NAME", "exp_avg_sq/NAME", "max_exp_avg_sq/NAME" if it is kept, and "steps".
OptimizerState saved(const std::vector<Moments>& all);
// The moments of a saved state. Throws std::runtime_error, naming the optimizer, if the state belongs to
// other parameters.
std::vector<Moments> loaded(const std::string& optimizer, const OptimizerState& state,
                            std::vector<Moments> all);

// An optimizer whose whole state is moments, and which moves every parameter at one rate.
class MomentOptimizer : public Optimizer {
 public:
  std::vector<double> learning_rates() const override;
  OptimizerState state() const override { return saved(moments_); }
  void load_state(const OptimizerState& state) override { moments_ = loaded(name_, state, moments_); }

 protected:
  MomentOptimizer(std::string name, const OptimizerRequest& request, bool keep_largest);

  // Begins one more step of every parameter that has a gradient: body(moments, their scales).
  template <typename Body>
  void begin_step(double rate_factor, const Body& body) {
    for (Moments& moments : moments_) {
      const torch::Tensor& weight = moments.parameter.tensor;
      if (!weight.grad().defined() || weight.numel() == 0) continue;
      const MomentScales scales = next_scales(moments, settings_, learning_rate_ * rate_factor);
      moments.follow_parameter();
      body(moments, scales);
    }
  }

  std::string name_;
  MomentSettings settings_;
  double learning_rate_, weight_decay_;
  std::vector<Moments> moments_;
};

}  // namespace histokt
