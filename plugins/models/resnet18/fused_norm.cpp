// SPDX-License-Identifier: MIT
#include "models/resnet18/fused_norm.hpp"

#include <torch/autograd.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

#include "models/resnet18/norm_loops.hpp"
#include "models/resnet18/pool_loops.hpp"

namespace histokt {
namespace {

using norm_loops::Affine;
using norm_loops::Backward;
using norm_loops::GradientSums;
using norm_loops::InputGradient;
using norm_loops::Moments;
using norm_loops::PoolBackward;
using norm_loops::PoolShape;
using norm_loops::Rows;
using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

template <typename T>
using Value = norm_loops::Value<T>;

template <typename T>
constexpr at::ScalarType kValueType = norm_loops::kScalarType<Value<T>>;

// body(T()) for the type of the tensor's elements.
template <typename Body>
auto with_type_of(const Tensor& tensor, const Body& body) {
  switch (tensor.scalar_type()) {
    case at::kDouble:
      return body(double());
    case at::kBFloat16:
      return body(c10::BFloat16());
    default:
      return body(float());
  }
}

bool is_fusable(const Tensor& input, const Tensor& parameter) {
  const at::ScalarType type = input.scalar_type();
  if (type != at::kFloat && type != at::kBFloat16 && type != at::kDouble) return false;
  const at::ScalarType compute_type = type == at::kBFloat16 ? at::kFloat : type;
  return input.device().is_cpu() && input.dim() == 4 && input.numel() > 0 &&
         input.is_contiguous(at::MemoryFormat::ChannelsLast) && parameter.scalar_type() == compute_type;
}

std::int64_t pixels_of(const Tensor& input) {
  return input.size(0) * input.size(2) * input.size(3);
}

// The memory of a channels-last tensor; nothing of one that is not defined.
template <typename T>
Rows<T> rows_of(const Tensor& tensor) {
  if (!tensor.defined()) return {};
  return {tensor.data_ptr<std::remove_const_t<T>>(), pixels_of(tensor), tensor.size(1)};
}

// A value for each channel.
template <typename T>
std::vector<Value<T>> channel_values(const Tensor& tensor) {
  const Tensor values = tensor.to(kValueType<T>).contiguous();
  const auto* begin = values.data_ptr<Value<T>>();
  return {begin, begin + values.numel()};
}

Tensor from_doubles(const std::vector<double>& values, at::ScalarType type) {
  return torch::tensor(values, torch::kDouble).to(type);
}

// m and 1 / s of the formulas in norm_loops.hpp: (C), in the type used for computing.
struct Statistics {
  Tensor mean, inverse_deviation;
};

// Moves the running ones, too.
template <typename T>
Statistics batch_statistics_of(const BatchNorm& norm, const Tensor& input) {
  Moments moments = norm_loops::moments(rows_of<const T>(input));
  const auto count = static_cast<double>(pixels_of(input));
  const Tensor means = from_doubles(moments.mean, kValueType<T>);
  const Tensor unbiased = from_doubles(moments.variance, torch::kDouble) * (count / (count - 1));
  norm.mean.mul_(1 - BatchNorm::kMomentum).add_(means, BatchNorm::kMomentum);
  norm.variance.mul_(1 - BatchNorm::kMomentum).add_(unbiased.to(norm.variance.dtype()), BatchNorm::kMomentum);
  for (double& v : moments.variance) v = 1 / std::sqrt(v + BatchNorm::kEpsilon);
  return {means, from_doubles(moments.variance, kValueType<T>)};
}

Statistics statistics_of(const BatchNorm& norm, const Tensor& input, bool batch_statistics) {
  if (!batch_statistics) return {norm.mean.clone(), (norm.variance + BatchNorm::kEpsilon).rsqrt()};
  return with_type_of(input, [&](auto t) { return batch_statistics_of<decltype(t)>(norm, input); });
}

template <typename T>
Affine<Value<T>> affine_of(const Statistics& statistics, const Tensor& weight, const Tensor& bias) {
  return {
      channel_values<T>(weight.detach() * statistics.inverse_deviation),
      channel_values<T>(bias.detach() - statistics.mean * weight.detach() * statistics.inverse_deviation)};
}

// What the sums over pixels come to: the gradients of weight and bias, and A, B, D of that of the input.
template <typename T>
struct NormGradients {
  InputGradient<Value<T>> input;
  Tensor weight, bias;

  NormGradients(const GradientSums& sums, const Statistics& statistics, const Tensor& norm_weight,
                std::int64_t pixels, bool batch_statistics) {
    const Tensor plain = from_doubles(sums.plain, torch::kDouble);
    const Tensor with_input = from_doubles(sums.with_input, torch::kDouble);
    const Tensor inverse = statistics.inverse_deviation.to(torch::kDouble);
    const Tensor factor = norm_weight.detach().to(torch::kDouble) * inverse;
    const double share = batch_statistics ? -1 / static_cast<double>(pixels) : 0;
    input = {channel_values<T>(factor), channel_values<T>(factor * inverse * inverse * with_input * share),
             channel_values<T>(factor * plain * share)};
    weight = (with_input * inverse).to(norm_weight.dtype());
    bias = plain.to(norm_weight.dtype());
  }
};

// What a forward pass keeps for its backward pass. `output` only where there was a shortcut.
struct Kept {
  Tensor input, output, weight, bias;
  Statistics statistics;
  bool batch_statistics;
};

// The gradients of input, weight, bias and shortcut.
template <typename T, bool kRelu, bool kAdd>
variable_list norm_gradients(const Kept& kept, const Tensor& output_gradient) {
  const Tensor shortcut_gradient = kAdd ? torch::empty_like(kept.input) : Tensor();
  const Tensor input_gradient = torch::empty_like(kept.input);
  const Affine<Value<T>> affine = affine_of<T>(kept.statistics, kept.weight, kept.bias);
  const std::vector<Value<T>> mean = channel_values<T>(kept.statistics.mean);
  const Backward<T, kRelu, kAdd> backward{rows_of<const T>(kept.input),
                                          rows_of<const T>(kept.output),
                                          rows_of<const T>(output_gradient),
                                          rows_of<T>(shortcut_gradient),
                                          rows_of<T>(input_gradient),
                                          affine,
                                          mean};
  const NormGradients<T> result(backward.sums(), kept.statistics, kept.weight, pixels_of(kept.input),
                                kept.batch_statistics);
  backward.finish(result.input);
  return {input_gradient, result.weight, result.bias, shortcut_gradient};
}

std::int64_t pooled(std::int64_t size) {
  return (size - 1) / 2 + 1;
}

PoolShape pool_shape(const Tensor& input) {
  return {input.size(2), input.size(3), pooled(input.size(2)), pooled(input.size(3))};
}

// The gradients of input, weight and bias.
template <typename T>
variable_list norm_pool_gradients(const Kept& kept, const Tensor& winners, const Tensor& output_gradient) {
  const Tensor input_gradient = torch::empty_like(kept.input);
  const std::vector<Value<T>> mean = channel_values<T>(kept.statistics.mean);
  const PoolBackward<T> backward{rows_of<const T>(kept.input),         rows_of<const T>(output_gradient),
                                 rows_of<const std::uint8_t>(winners), pool_shape(kept.input),
                                 rows_of<T>(input_gradient),           mean};
  const NormGradients<T> result(backward.sums(), kept.statistics, kept.weight, pixels_of(kept.input),
                                kept.batch_statistics);
  backward.finish(result.input);
  return {input_gradient, result.weight, result.bias};
}

// Without a shortcut or, where it is defined, with; a shortcut goes through the ReLU.
void normalise(const BatchNorm& norm, const Statistics& statistics, const Tensor& input,
               const Tensor& shortcut, bool with_relu, const Tensor& output) {
  with_type_of(input, [&](auto t) {
    using T = decltype(t);
    const auto of = [&](auto function) {
      function(rows_of<const T>(input), affine_of<T>(statistics, norm.weight, norm.bias),
               rows_of<const T>(shortcut), rows_of<T>(output));
    };
    if (shortcut.defined()) {
      of(norm_loops::normalise<T, true, true>);
    } else if (with_relu) {
      of(norm_loops::normalise<T, true, false>);
    } else {
      of(norm_loops::normalise<T, false, false>);
    }
  });
}

void refuse_second_derivatives() {
  if (at::GradMode::is_enabled()) {
    throw std::runtime_error("resnet18: the gradients of its fused norms cannot be differentiated again");
  }
}

// Gradients come in whatever order of memory the next operation made them.
Tensor like(const Tensor& gradient, const Tensor& tensor) {
  return gradient.to(tensor.scalar_type()).contiguous(at::MemoryFormat::ChannelsLast);
}

class NormFunction : public torch::autograd::Function<NormFunction> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& input, const Tensor& weight,
                        const Tensor& bias, const c10::optional<Tensor>& shortcut, const BatchNorm& norm,
                        bool with_relu, bool batch_statistics) {
    const Statistics statistics = statistics_of(norm, input, batch_statistics);
    const Tensor added = shortcut.value_or(Tensor());
    const Tensor output = torch::empty_like(input);
    normalise(norm, statistics, input, added, with_relu, output);
    context->save_for_backward({input, added.defined() ? output : Tensor(), weight, bias, statistics.mean,
                                statistics.inverse_deviation});
    context->saved_data["relu"] = with_relu;
    context->saved_data["batch"] = batch_statistics;
    return output;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    refuse_second_derivatives();
    const variable_list saved = context->get_saved_variables();
    const Kept kept{
        saved[0], saved[1], saved[2], saved[3], {saved[4], saved[5]}, context->saved_data["batch"].toBool()};
    const bool relu = context->saved_data["relu"].toBool();
    const Tensor gradient = like(gradients[0], kept.input);
    variable_list results = with_type_of(kept.input, [&](auto t) {
      using T = decltype(t);
      if (kept.output.defined()) return norm_gradients<T, true, true>(kept, gradient);
      return relu ? norm_gradients<T, true, false>(kept, gradient)
                  : norm_gradients<T, false, false>(kept, gradient);
    });
    results.resize(7);
    return results;
  }
};

class NormPoolFunction : public torch::autograd::Function<NormPoolFunction> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& input, const Tensor& weight,
                        const Tensor& /*bias*/, const BatchNorm& norm, bool batch_statistics) {
    const Statistics statistics = statistics_of(norm, input, batch_statistics);
    const auto [output, winners] = pool(norm, statistics, input);
    context->save_for_backward({input, winners, weight, statistics.mean, statistics.inverse_deviation});
    context->saved_data["batch"] = batch_statistics;
    return output;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    refuse_second_derivatives();
    const variable_list saved = context->get_saved_variables();
    const Kept kept{
        saved[0], Tensor(), saved[2], Tensor(), {saved[3], saved[4]}, context->saved_data["batch"].toBool()};
    variable_list results = with_type_of(kept.input, [&](auto t) {
      return norm_pool_gradients<decltype(t)>(kept, saved[1], like(gradients[0], kept.input));
    });
    results.resize(5);
    return results;
  }

  // Output and winners.
  static std::pair<Tensor, Tensor> pool(const BatchNorm& norm, const Statistics& statistics,
                                        const Tensor& input) {
    const PoolShape shape = pool_shape(input);
    const auto like_input = [&](at::ScalarType type) {
      return torch::empty({input.size(0), input.size(1), shape.out_height, shape.out_width},
                          torch::dtype(type).memory_format(at::MemoryFormat::ChannelsLast));
    };
    const Tensor output = like_input(input.scalar_type()), winners = like_input(at::kByte);
    with_type_of(input, [&](auto t) {
      using T = decltype(t);
      norm_loops::normalise_and_pool(rows_of<const T>(input),
                                     affine_of<T>(statistics, norm.weight, norm.bias), shape,
                                     rows_of<T>(output), rows_of<std::uint8_t>(winners));
    });
    return {output, winners};
  }
};

bool needs_gradient(std::initializer_list<Tensor> tensors) {
  if (!at::GradMode::is_enabled()) return false;
  return std::any_of(tensors.begin(), tensors.end(),
                     [](const Tensor& tensor) { return tensor.defined() && tensor.requires_grad(); });
}

Tensor fused(const BatchNorm& norm, const Tensor& input, const Tensor& shortcut, bool with_relu,
             bool batch_statistics) {
  if (needs_gradient({input, norm.weight, norm.bias, shortcut})) {
    const auto added = shortcut.defined() ? c10::optional<Tensor>(shortcut) : c10::nullopt;
    return NormFunction::apply(input, norm.weight, norm.bias, added, norm, with_relu, batch_statistics);
  }
  normalise(norm, statistics_of(norm, input, batch_statistics), input, shortcut, with_relu, input);
  return input;
}

}  // namespace

Tensor BatchNorm::unfused(const Tensor& input, bool batch_statistics) const {
  return torch::batch_norm(input, weight, bias, mean, variance, batch_statistics, kMomentum, kEpsilon,
                           /*cudnn_enabled=*/true);
}

Tensor BatchNorm::norm(const Tensor& input, bool batch_statistics) const {
  if (!is_fusable(input, weight)) return unfused(input, batch_statistics);
  return fused(*this, input, {}, false, batch_statistics);
}

Tensor BatchNorm::norm_relu(const Tensor& input, bool batch_statistics) const {
  if (!is_fusable(input, weight)) return unfused(input, batch_statistics).relu_();
  return fused(*this, input, {}, true, batch_statistics);
}

Tensor BatchNorm::norm_relu(const Tensor& input, const Tensor& shortcut, bool batch_statistics) const {
  const bool alike = shortcut.scalar_type() == input.scalar_type() && shortcut.sizes() == input.sizes();
  if (!alike || !is_fusable(input, weight) || !is_fusable(shortcut, weight)) {
    return (unfused(input, batch_statistics) + shortcut).relu_();
  }
  return fused(*this, input, shortcut, true, batch_statistics);
}

Tensor BatchNorm::norm_relu_pool(const Tensor& input, bool batch_statistics) const {
  if (!is_fusable(input, weight)) {
    return torch::max_pool2d(unfused(input, batch_statistics).relu_(), /*kernel_size=*/3, /*stride=*/2,
                             /*padding=*/1);
  }
  if (needs_gradient({input, weight, bias})) {
    return NormPoolFunction::apply(input, weight, bias, *this, batch_statistics);
  }
  return NormPoolFunction::pool(*this, statistics_of(*this, input, batch_statistics), input).first;
}

}  // namespace histokt
