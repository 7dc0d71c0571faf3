// SPDX-License-Identifier: MIT
#include "common/optimizers/momentum.hpp"

#include <torch/utils.h>

#include <algorithm>

#include "common/optimizers/layout.hpp"
#include "common/optimizers/parallel.hpp"

namespace histokt {
namespace {

constexpr const char* kBufferPrefix = "momentum_buffer/";

}  // namespace

Momentum::Momentum(std::string optimizer, const OptimizerRequest& request)
    : optimizer_(std::move(optimizer)),
      parameters_(request.parameters),
      momentum_(request.settings.number("momentum")),
      dampening_(request.settings.number("dampening")),
      weight_decay_(request.settings.number("weight_decay")),
      nesterov_(request.settings.boolean("nesterov")),
      buffers_(request.parameters.size()) {
  if (nesterov_ && (momentum_ <= 0 || dampening_ != 0)) {
    throw BadRequest(optimizer_ + ": nesterov needs a momentum above 0 and a dampening of 0");
  }
}

void Momentum::step(const std::vector<double>& rates, double rate_factor) {
  torch::NoGradGuard no_grad;
  std::vector<PlainTask> tasks;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const torch::Tensor& weight = parameters_[i].tensor;
    if (!weight.grad().defined() || weight.numel() == 0) continue;
    const double rate = rates[i] * rate_factor;
    // The host may have changed device or memory format since the last step.
    if (buffers_[i].defined()) buffers_[i] = in_layout_of(buffers_[i].to(weight.device()), weight);
    if (is_plain_float(weight) && weight.grad().layout() == torch::kStrided) {
      add_plain_tasks(i, rate, tasks);
    } else {
      step_general(i, rate);
    }
  }
  hand_out(tasks.size(), [&](std::size_t i) {
    const PlainTask& task = tasks[i];
    const float* gradient = task.gradient.data_ptr<float>() + task.begin;
    if (task.buffer) {
      momentum_kernels::step_with_momentum(task.coefficients, task.weight, gradient, task.buffer, task.count);
    } else {
      momentum_kernels::step_without_momentum(task.coefficients, task.weight, gradient, task.count);
    }
  });
}

void Momentum::add_plain_tasks(std::size_t index, double rate, std::vector<PlainTask>& tasks) {
  const torch::Tensor& weight = parameters_[index].tensor;
  momentum_kernels::Coefficients coefficients{
      static_cast<float>(weight_decay_), static_cast<float>(momentum_), static_cast<float>(1 - dampening_),
      static_cast<float>(rate), nesterov_};
  if (momentum_ > 0 && !buffers_[index].defined()) {
    buffers_[index] = torch::zeros_like(weight);
    coefficients.kept = 1;  // the first gradient goes in whole
  }
  const torch::Tensor gradient = in_layout_of(weight.grad(), weight);
  float* weights = weight.data_ptr<float>();
  float* buffer = momentum_ > 0 ? buffers_[index].data_ptr<float>() : nullptr;
  for_each_piece(weight.numel(), [&](std::int64_t begin, std::int64_t count) {
    tasks.push_back(
        {coefficients, weights + begin, buffer ? buffer + begin : nullptr, gradient, begin, count});
  });
}

// The same with libtorch's operations.
void Momentum::step_general(std::size_t index, double rate) {
  torch::Tensor weight = parameters_[index].tensor.detach();
  const torch::Tensor& gradient = parameters_[index].tensor.grad();
  torch::Tensor& buffer = buffers_[index];
  torch::Tensor change = weight_decay_ > 0 ? gradient.add(weight, weight_decay_) : gradient;
  if (momentum_ > 0) {
    if (buffer.defined()) {
      buffer.mul_(momentum_).add_(change, 1 - dampening_);
    } else {
      buffer = torch::empty_like(weight).copy_(change);
    }
    change = nesterov_ ? change.add(buffer, momentum_) : buffer;
  }
  weight.add_(change, -rate);
}

void Momentum::save(OptimizerState& state) const {
  torch::NoGradGuard no_grad;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    if (buffers_[i].defined()) state[kBufferPrefix + parameters_[i].name] = buffers_[i].clone();
  }
}

Momentum Momentum::loaded(const OptimizerState& state, std::size_t others) const {
  Momentum result = *this;
  std::size_t entries = others;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const std::string key = kBufferPrefix + parameters_[i].name;
    result.buffers_[i] = torch::Tensor();
    if (!state.count(key)) continue;  // a parameter that has had no step has no momentum yet
    result.buffers_[i] = state_like(optimizer_, state, key, parameters_[i].tensor);
    ++entries;
  }
  require_size(optimizer_, state, entries);
  return result;
}

}  // namespace histokt
