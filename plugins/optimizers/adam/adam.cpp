// SPDX-License-Identifier: MIT
#include "optimizers/adam/adam.hpp"

#include <torch/utils.h>

#include <algorithm>

#include "common/optimizers/layout.hpp"
#include "common/optimizers/parallel.hpp"

namespace histokt {
namespace {

// So many entries are done before the next: what is written in one loop is still in the cache for the next.
constexpr std::int64_t kBlock = 1024;

}  // namespace

AdamRule::AdamRule(std::string name, Decay decay, const OptimizerRequest& request)
    : MomentOptimizer(std::move(name), request, request.settings.boolean("amsgrad")), decay_(decay) {}

void AdamRule::step(double rate_factor) {
  torch::NoGradGuard no_grad;
  std::vector<PlainTask> tasks;
  begin_step(rate_factor, [&](Moments& moments, const MomentScales& scales) {
    const torch::Tensor& weight = moments.parameter.tensor;
    if (is_plain_float(weight) && weight.grad().layout() == torch::kStrided) {
      const torch::Tensor gradient = in_layout_of(weight.grad(), weight);
      for_each_piece(weight.numel(), [&](std::int64_t begin, std::int64_t count) {
        tasks.push_back({&moments, gradient, scales, begin, count});
      });
    } else {
      step_general(moments, weight.grad(), scales);
    }
  });
  hand_out(tasks.size(), [&](std::size_t i) { step_plain(tasks[i]); });
}

void AdamRule::step_plain(const PlainTask& task) const {
  Moments& moments = *task.moments;
  const bool in_gradient = decay_ == Decay::kInGradient && weight_decay_ > 0;
  const float decay =
      decay_ == Decay::kOfWeights ? static_cast<float>(1 - task.scales.rate * weight_decay_) : 1.0f;
  const moment_kernels::Coefficients coefficients = coefficients_of(settings_, task.scales, false);
  float* const perturbation = moment_scratch(2 * kBlock);
  float* const decayed = perturbation + kBlock;

  const std::int64_t end = task.begin + task.count;
  for (std::int64_t at = task.begin; at < end; at += kBlock) {
    const std::int64_t count = std::min(kBlock, end - at);
    const float* gradient = task.gradient.data_ptr<float>() + at;
    float* const weight = moments.parameter.tensor.data_ptr<float>() + at;
    float* const first = moments.first.data_ptr<float>() + at;
    float* const second = moments.second.data_ptr<float>() + at;
    if (in_gradient) {
      moment_kernels::add_decay(gradient, weight, static_cast<float>(weight_decay_), decayed, count);
      gradient = decayed;
    }
    if (moments.largest.defined()) {
      float* const largest = moments.largest.data_ptr<float>() + at;
      moment_kernels::advance_to_largest(coefficients, gradient, first, second, largest, perturbation, count);
    } else {
      moment_kernels::advance(coefficients, gradient, first, second, perturbation, count);
    }
    moment_kernels::move(weight, perturbation, 0, decay, static_cast<float>(task.scales.step), count);
  }
}

// The same with libtorch's operations.
void AdamRule::step_general(Moments& moments, torch::Tensor gradient, const MomentScales& scales) const {
  torch::Tensor weight = moments.parameter.tensor.detach();
  if (decay_ == Decay::kOfWeights) {
    weight.mul_(1 - scales.rate * weight_decay_);
  } else if (weight_decay_ > 0) {
    gradient = gradient.add(weight, weight_decay_);
  }
  renew(moments, gradient, settings_);
  if (moments.largest.defined()) moments.largest.copy_(torch::maximum(moments.largest, moments.second));
  const torch::Tensor& second = moments.largest.defined() ? moments.largest : moments.second;
  weight.addcdiv_(moments.first, (second.sqrt() / scales.root_of_bias2).add_(settings_.eps), -scales.step);
}

}  // namespace histokt
