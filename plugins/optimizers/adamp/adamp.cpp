// SPDX-License-Identifier: MIT
#include "optimizers/adamp/adamp.hpp"

#include <torch/utils.h>

#include <algorithm>
#include <cmath>

#include "common/optimizers/layout.hpp"
#include "common/optimizers/parallel.hpp"

namespace histokt {
namespace {

enum class View { kNone, kChannels, kLayer };  // which view the step is projected in

// A tensor as rows of plain memory.
struct Rows {
  std::int64_t count, length;

  template <typename Body>
  void for_each(const Body& body) const {
    for (std::int64_t row = 0; row < count; ++row) body(row);
  }
};

double cosine(double product, double squared1, double squared2, double eps) {
  return std::abs(product) / (std::max(std::sqrt(squared1), eps) * std::max(std::sqrt(squared2), eps));
}

// Which view of the weights is scale-invariant, told by gradients at a right angle. `norms` gets the length
// of each row of that view.
View find_view(const Rows& rows, const float* gradient, const float* weight, double delta, double eps,
               std::vector<float>& norms) {
  std::vector<moment_kernels::Products> products(static_cast<std::size_t>(rows.count));
  rows.for_each([&](std::int64_t row) {
    const std::int64_t at = row * rows.length;
    products[static_cast<std::size_t>(row)] =
        moment_kernels::products(gradient + at, weight + at, rows.length);
  });
  double largest = 0, product = 0, gradient_squared = 0, weight_squared = 0;
  norms.clear();
  for (const moment_kernels::Products& row : products) {
    largest = std::max(largest, cosine(row.gradient_weight, row.gradient_squared, row.weight_squared, eps));
    product += row.gradient_weight;
    gradient_squared += row.gradient_squared;
    weight_squared += row.weight_squared;
    norms.push_back(std::sqrt(row.weight_squared));
  }
  if (largest < delta / std::sqrt(static_cast<double>(rows.length))) return View::kChannels;
  norms.assign(1, static_cast<float>(std::sqrt(weight_squared)));
  const bool layer = cosine(product, gradient_squared, weight_squared, eps) <
                     delta / std::sqrt(static_cast<double>(rows.count * rows.length));
  return layer ? View::kLayer : View::kNone;
}

}  // namespace

AdamP::AdamP(const OptimizerRequest& request)
    : MomentOptimizer("adamp", request, false),
      delta_(request.settings.number("delta")),
      wd_ratio_(request.settings.number("wd_ratio")),
      nesterov_(request.settings.boolean("nesterov")) {}

void AdamP::step(double rate_factor) {
  torch::NoGradGuard no_grad;
  std::vector<PlainTask> tasks;
  begin_step(rate_factor, [&](Moments& moments, const MomentScales& scales) {
    const torch::Tensor& weight = moments.parameter.tensor;
    if (is_plain_float(weight) && has_plain_rows(weight) && weight.grad().layout() == torch::kStrided) {
      tasks.push_back({&moments, in_layout_of(weight.grad(), weight), scales});
    } else {
      step_general(moments, weight.grad(), scales);
    }
  });
  std::stable_sort(tasks.begin(), tasks.end(), [](const PlainTask& left, const PlainTask& right) {
    return left.gradient.numel() > right.gradient.numel();
  });
  hand_out(tasks.size(), [&](std::size_t i) { step_plain(tasks[i]); });
}

// A row is read from memory once: its moments, its perturbation and its new weights are done while it is in
// the cache. Only the search for the view passes over gradient and weight beforehand.
void AdamP::step_plain(const PlainTask& task) const {
  const MomentScales& scales = task.scales;
  const torch::Tensor& tensor = task.moments->parameter.tensor;
  const Rows rows =
      tensor.dim() > 1 ? Rows{tensor.size(0), tensor.numel() / tensor.size(0)} : Rows{1, tensor.numel()};
  const float* gradient = task.gradient.data_ptr<float>();
  float* weight = tensor.data_ptr<float>();
  float* moment1 = task.moments->first.data_ptr<float>();
  float* moment2 = task.moments->second.data_ptr<float>();

  std::vector<float> norms;
  const View view =
      tensor.dim() > 1 ? find_view(rows, gradient, weight, delta_, settings_.eps, norms) : View::kNone;
  const moment_kernels::Coefficients coefficients = coefficients_of(settings_, scales, nesterov_);
  const double ratio = view == View::kNone ? 1 : wd_ratio_;
  const float decay = static_cast<float>(1 - scales.rate * weight_decay_ * ratio);
  const float step = static_cast<float>(scales.step);
  const auto advance = [&](std::int64_t row, float* perturbation) {
    const std::int64_t at = row * rows.length;
    moment_kernels::advance(coefficients, gradient + at, moment1 + at, moment2 + at, perturbation,
                            rows.length);
    return moment_kernels::product(weight + at, perturbation, rows.length);
  };
  // <w, p> w / (|w| + eps)^2 is the part of p along w.
  const auto along = [&](double product, float norm) {
    const double length = static_cast<double>(norm) + settings_.eps;
    return static_cast<float>(product / (length * length));
  };

  if (view != View::kLayer) {
    rows.for_each([&](std::int64_t row) {
      float* perturbation = moment_scratch(rows.length);
      const float product = advance(row, perturbation);
      const float part = view == View::kChannels ? along(product, norms[static_cast<std::size_t>(row)]) : 0;
      moment_kernels::move(weight + row * rows.length, perturbation, part, decay, step, rows.length);
    });
    return;
  }
  std::vector<float> perturbation(static_cast<std::size_t>(tensor.numel()));
  std::vector<float> products(static_cast<std::size_t>(rows.count));
  rows.for_each([&](std::int64_t row) {
    products[static_cast<std::size_t>(row)] = advance(row, perturbation.data() + row * rows.length);
  });
  double product = 0;
  for (const float row : products) product += row;
  const float part = along(product, norms[0]);
  rows.for_each([&](std::int64_t row) {
    const std::int64_t at = row * rows.length;
    moment_kernels::move(weight + at, perturbation.data() + at, part, decay, step, rows.length);
  });
}

// The same with libtorch's operations. Which view applies stays on the device, so nothing waits for it.
void AdamP::step_general(Moments& moments, const torch::Tensor& gradient, const MomentScales& scales) const {
  torch::Tensor weight = moments.parameter.tensor.detach();
  renew(moments, gradient, settings_);
  const torch::Tensor denominator = (moments.second.sqrt() / scales.root_of_bias2).add_(settings_.eps);
  const torch::Tensor numerator =
      nesterov_ ? moments.first * settings_.beta1 + gradient * (1 - settings_.beta1) : moments.first;
  torch::Tensor perturbation = numerator / denominator;
  if (weight.dim() < 2) {
    if (weight_decay_ > 0) weight.mul_(1 - scales.rate * weight_decay_);
    weight.add_(perturbation, -scales.step);
    return;
  }

  const auto measure = [&](std::int64_t rows) {
    const torch::Tensor w = weight.reshape({rows, -1}), g = gradient.reshape({rows, -1});
    const torch::Tensor length = w.norm(2, {1}, true);
    const torch::Tensor cosine = (w * g).sum(1, true).abs() / (length.clamp_min(settings_.eps) *
                                                               g.norm(2, {1}, true).clamp_min(settings_.eps));
    const torch::Tensor unit = w / (length + settings_.eps);
    const torch::Tensor part = unit * (unit * perturbation.reshape({rows, -1})).sum(1, true);
    return std::pair(cosine.max() < delta_ / std::sqrt(static_cast<double>(w.size(1))), part.view_as(weight));
  };
  const auto [channels, channel_part] = measure(weight.size(0));
  const auto [layer, layer_part] = measure(1);
  const torch::Tensor zero = torch::zeros({}, perturbation.options());
  perturbation -= torch::where(channels, channel_part, torch::where(layer, layer_part, zero));
  if (weight_decay_ > 0) {
    const double shrink = scales.rate * weight_decay_;
    const torch::Tensor any = channels.logical_or(layer).to(weight.scalar_type());
    weight.mul_(1 - shrink - any * (shrink * (wd_ratio_ - 1)));
  }
  weight.add_(perturbation, -scales.step);
}

}  // namespace histokt
