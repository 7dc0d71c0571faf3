// SPDX-License-Identifier: MIT
#include "common/optimizers/moments.hpp"

#include <torch/utils.h>

#include <cmath>

#include "common/optimizers/layout.hpp"

namespace histokt {

MomentSettings::MomentSettings(const std::string& optimizer, const Settings& settings)
    : eps(settings.number("eps")) {
  const std::vector<double> betas = settings.numbers("betas");
  if (betas.size() != 2 || betas[0] < 0 || betas[0] >= 1 || betas[1] < 0 || betas[1] >= 1) {
    throw BadRequest(optimizer +
                     ": betas must be two numbers from 0 up to but not including 1, such as [0.9, 0.999]");
  }
  beta1 = betas[0];
  beta2 = betas[1];
}

void Moments::follow_parameter() {
  for (torch::Tensor* moment : {&first, &second, &largest}) {
    if (moment->defined()) *moment = in_layout_of(moment->to(parameter.tensor.device()), parameter.tensor);
  }
}

MomentScales next_scales(Moments& moments, const MomentSettings& settings, double rate) {
  const double steps = static_cast<double>(++moments.steps);
  return {std::sqrt(1 - std::pow(settings.beta2, steps)), rate, rate / (1 - std::pow(settings.beta1, steps))};
}

moment_kernels::Coefficients coefficients_of(const MomentSettings& settings, const MomentScales& scales,
                                             bool nesterov) {
  return {static_cast<float>(settings.beta1),
          static_cast<float>(settings.beta2),
          static_cast<float>(1 - settings.beta1),
          static_cast<float>(1 - settings.beta2),
          static_cast<float>(1 / scales.root_of_bias2),
          static_cast<float>(settings.eps),
          nesterov};
}

void renew(Moments& moments, const torch::Tensor& gradient, const MomentSettings& settings) {
  moments.first.mul_(settings.beta1).add_(gradient, 1 - settings.beta1);
  moments.second.mul_(settings.beta2).addcmul_(gradient, gradient, 1 - settings.beta2);
}

float* moment_scratch(std::int64_t count) {
  thread_local std::vector<float> room;
  if (room.size() < static_cast<std::size_t>(count)) room.resize(static_cast<std::size_t>(count));
  return room.data();
}

std::vector<Moments> zero_moments(const std::vector<NamedParameter>& parameters, bool keep_largest) {
  torch::NoGradGuard no_grad;
  std::vector<Moments> all;
  for (const NamedParameter& parameter : parameters) {
    all.push_back({parameter, torch::zeros_like(parameter.tensor), torch::zeros_like(parameter.tensor)});
    if (keep_largest) all.back().largest = torch::zeros_like(parameter.tensor);
  }
  return all;
}

OptimizerState saved(const std::vector<Moments>& all) {
  torch::NoGradGuard no_grad;
  OptimizerState state;
  torch::Tensor steps = torch::empty({static_cast<std::int64_t>(all.size())}, torch::kInt64);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Moments& moments = all[i];
    steps.data_ptr<std::int64_t>()[i] = moments.steps;
    state["exp_avg/" + moments.parameter.name] = moments.first.clone();
    state["exp_avg_sq/" + moments.parameter.name] = moments.second.clone();
    if (moments.largest.defined()) {
      state["max_exp_avg_sq/" + moments.parameter.name] = moments.largest.clone();
    }
  }
  state["steps"] = steps;
  return state;
}

std::vector<Moments> loaded(const std::string& optimizer, const OptimizerState& state,
                            std::vector<Moments> all) {
  const bool keeps_largest = !all.empty() && all[0].largest.defined();
  require_size(optimizer, state, (keeps_largest ? 3 : 2) * all.size() + 1);
  const torch::Tensor like = torch::empty({static_cast<std::int64_t>(all.size())}, torch::kInt64);
  const torch::Tensor steps = state_like(optimizer, state, "steps", like);
  for (std::size_t i = 0; i < all.size(); ++i) {
    Moments& moments = all[i];
    const auto read = [&](const std::string& key) {
      return state_like(optimizer, state, key + "/" + moments.parameter.name, moments.parameter.tensor);
    };
    moments.steps = steps.data_ptr<std::int64_t>()[i];
    moments.first = read("exp_avg");
    moments.second = read("exp_avg_sq");
    if (keeps_largest) moments.largest = read("max_exp_avg_sq");
  }
  return all;
}

MomentOptimizer::MomentOptimizer(std::string name, const OptimizerRequest& request, bool keep_largest)
    : name_(std::move(name)),
      settings_(name_, request.settings),
      learning_rate_(request.learning_rate),
      weight_decay_(request.settings.number("weight_decay")),
      moments_(zero_moments(request.parameters, keep_largest)) {}

std::vector<double> MomentOptimizer::learning_rates() const {
  return std::vector<double>(moments_.size(), learning_rate_);
}

}  // namespace histokt
