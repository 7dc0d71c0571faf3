#include "models/resnet18/fused_norm.hpp"

#include <cmath>
#include <stdexcept>
#include <vector>

#include "models/resnet18/vectorised.hpp"

namespace histokt {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;
using vectorised::Element;
using vectorised::for_parts;
using vectorised::Parts;

template <typename T>
using Value = typename Element<T>::Value;

template <typename T>
constexpr at::ScalarType kValueType = std::is_same_v<Value<T>, double> ? at::kDouble : at::kFloat;

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
  const at::ScalarType reckoned = type == at::kBFloat16 ? at::kFloat : type;
  return input.device().is_cpu() && input.dim() == 4 && input.numel() > 0 &&
         input.is_contiguous(at::MemoryFormat::ChannelsLast) && parameter.scalar_type() == reckoned;
}

std::int64_t pixels_of(const Tensor& input) {
  return input.size(0) * input.size(2) * input.size(3);
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

// What the norm subtracts and multiplies by before weight and bias: (C), in the type that is reckoned in.
struct Statistics {
  Tensor mean, inverse_deviation;
};

// mean and variance over all pixels. Each part is summed relative to its first pixel, so that a mean far from
// 0 costs no precision, and the parts are joined after Chan, Golub and LeVeque 1979.
template <typename T>
void moments(const Tensor& input, std::vector<double>& mean, std::vector<double>& variance) {
  const std::int64_t channels = input.size(1);
  const Parts parts(pixels_of(input), channels, 16);
  const T* const all = input.data_ptr<T>();
  const Tensor kept = torch::zeros({parts.count(), 2, channels}, kValueType<T>);
  auto* const sums = kept.data_ptr<Value<T>>();
  for_parts(
      parts, [=](std::int64_t part) __attribute__((always_inline)) {
        const T* const first = all + parts.begin(part) * channels;
        Value<T>* __restrict const sum = sums + part * 2 * channels;
        Value<T>* __restrict const squares = sum + channels;
        for (std::int64_t row = parts.begin(part); row < parts.end(part); ++row) {
          const T* const pixel = all + row * channels;
#pragma GCC ivdep
          for (std::int64_t c = 0; c < channels; ++c) {
            const Value<T> value = Element<T>::load(pixel[c]) - Element<T>::load(first[c]);
            sum[c] += value;
            squares[c] += value * value;
          }
        }
      });
  mean.assign(channels, 0);
  variance.assign(channels, 0);
  double before = 0;
  for (std::int64_t part = 0; part < parts.count(); ++part) {
    const auto rows = static_cast<double>(parts.end(part) - parts.begin(part));
    const T* const first = all + parts.begin(part) * channels;
    const Value<T>* const sum = sums + part * 2 * channels;
    const double share = rows / (before + rows);
    for (std::int64_t c = 0; c < channels; ++c) {
      const double own_mean = sum[c] / rows;
      const double squares = sum[channels + c] - own_mean * sum[c];
      const double difference = static_cast<double>(Element<T>::load(first[c])) + own_mean - mean[c];
      mean[c] += difference * share;
      variance[c] += squares + difference * difference * before * share;
    }
    before += rows;
  }
  for (double& v : variance) v /= before;
}

template <typename T>
Statistics batch_statistics_of(const BatchNorm& norm, const Tensor& input) {
  std::vector<double> mean, variance;
  moments<T>(input, mean, variance);
  const auto count = static_cast<double>(pixels_of(input));
  const Tensor means = from_doubles(mean, kValueType<T>);
  const Tensor unbiased = from_doubles(variance, torch::kDouble) * (count / (count - 1));
  norm.mean.mul_(1 - BatchNorm::kMomentum).add_(means, BatchNorm::kMomentum);
  norm.variance.mul_(1 - BatchNorm::kMomentum).add_(unbiased.to(norm.variance.dtype()), BatchNorm::kMomentum);
  for (double& v : variance) v = 1 / std::sqrt(v + BatchNorm::kEpsilon);
  return {means, from_doubles(variance, kValueType<T>)};
}

Statistics statistics_of(const BatchNorm& norm, const Tensor& input, bool batch_statistics) {
  if (!batch_statistics) return {norm.mean.clone(), (norm.variance + BatchNorm::kEpsilon).rsqrt()};
  return with_type_of(input, [&](auto t) { return batch_statistics_of<decltype(t)>(norm, input); });
}

// norm(x) = scale x + shift, channel by channel.
template <typename T>
struct Affine {
  std::vector<Value<T>> scale, shift;

  Affine(const Statistics& statistics, const Tensor& weight, const Tensor& bias)
      : scale(channel_values<T>(weight.detach() * statistics.inverse_deviation)),
        shift(channel_values<T>(bias.detach() -
                                statistics.mean * weight.detach() * statistics.inverse_deviation)) {}
};

// NaN passes, so that a network that fails is seen to.
template <typename V>
HISTOKT_INLINE V relu(V value) {
  return value <= 0 ? V(0) : value;
}

// output may be input.
template <typename T, bool kRelu, bool kAdd>
void normalise(const Tensor& input, const Affine<T>& affine, const Tensor& shortcut, const Tensor& output) {
  const std::int64_t channels = input.size(1);
  const Parts parts(pixels_of(input), channels);
  const T* const from = input.data_ptr<T>();
  const T* const add = kAdd ? shortcut.data_ptr<T>() : nullptr;
  T* const to = output.data_ptr<T>();
  const Value<T>* const scale = affine.scale.data();
  const Value<T>* const shift = affine.shift.data();
  for_parts(
      parts, [=](std::int64_t part) __attribute__((always_inline)) {
        for (std::int64_t row = parts.begin(part); row < parts.end(part); ++row) {
          const std::int64_t at = row * channels;
#pragma GCC ivdep
          for (std::int64_t c = 0; c < channels; ++c) {
            Value<T> value = Element<T>::load(from[at + c]) * scale[c] + shift[c];
            if constexpr (kAdd) value += Element<T>::load(add[at + c]);
            if constexpr (kRelu) value = relu(value);
            Element<T>::store(to[at + c], value);
          }
        }
      });
}

// The gradients of the norm's output z summed over pixels: of dz, and of dz (x - mean).
struct GradientSums {
  std::vector<double> plain, with_input;
};

// What becomes of the sums: the gradients of weight and bias, and with A dz + B (x - mean) + D that of x.
// Through batch statistics dx = weight / deviation (dz - mean(dz) - xhat mean(dz xhat)); running ones are
// constants.
template <typename T>
struct InputGradient {
  std::vector<Value<T>> a, b, d;
  Tensor weight, bias;

  InputGradient(const GradientSums& sums, const Statistics& statistics, const Tensor& norm_weight,
                double pixels, bool batch_statistics) {
    const Tensor plain = from_doubles(sums.plain, torch::kDouble);
    const Tensor with_input = from_doubles(sums.with_input, torch::kDouble);
    const Tensor inverse = statistics.inverse_deviation.to(torch::kDouble);
    const Tensor factor = norm_weight.detach().to(torch::kDouble) * inverse;
    const double share = batch_statistics ? -1 / pixels : 0;
    a = channel_values<T>(factor);
    b = channel_values<T>(factor * inverse * inverse * with_input * share);
    d = channel_values<T>(factor * plain * share);
    weight = (with_input * inverse).to(norm_weight.dtype());
    bias = plain.to(norm_weight.dtype());
  }
};

template <typename V>
GradientSums joined(const V* sums, std::int64_t parts, std::int64_t stride, std::int64_t channels) {
  GradientSums all{std::vector<double>(channels), std::vector<double>(channels)};
  for (std::int64_t part = 0; part < parts; ++part) {
    for (std::int64_t c = 0; c < channels; ++c) {
      all.plain[c] += sums[part * stride + c];
      all.with_input[c] += sums[part * stride + channels + c];
    }
  }
  return all;
}

// Where the output of the ReLU is known it says what passed; without a shortcut that is seen from the input.
template <typename T, bool kRelu, bool kAdd>
variable_list norm_gradients(const Tensor& input, const Tensor& output, const Tensor& output_gradient,
                             const Statistics& statistics, const Tensor& weight, const Tensor& bias,
                             bool batch_statistics) {
  using E = Element<T>;
  using V = Value<T>;
  const std::int64_t channels = input.size(1);
  const Parts parts(pixels_of(input), channels, 16);
  const Affine<T> affine(statistics, weight, bias);
  const std::vector<V> means = channel_values<T>(statistics.mean);
  const Tensor shortcut_gradient = kAdd ? torch::empty_like(input) : Tensor();
  const Tensor input_gradient = torch::empty_like(input);
  const Tensor kept = torch::zeros({parts.count(), 2, channels}, kValueType<T>);

  const T* const x = input.data_ptr<T>();
  const T* const y = kAdd ? output.data_ptr<T>() : nullptr;
  const T* const dy = output_gradient.data_ptr<T>();
  T* const dz = kAdd ? shortcut_gradient.data_ptr<T>() : nullptr;
  T* const dx = input_gradient.data_ptr<T>();
  V* const sums = kept.data_ptr<V>();
  const V *const scale = affine.scale.data(), *const shift = affine.shift.data(), *const mean = means.data();

  for_parts(
      parts, [=](std::int64_t part) __attribute__((always_inline)) {
        V* __restrict const plain = sums + part * 2 * channels;
        V* __restrict const with_input = plain + channels;
        for (std::int64_t row = parts.begin(part); row < parts.end(part); ++row) {
          const std::int64_t at = row * channels;
#pragma GCC ivdep
          for (std::int64_t c = 0; c < channels; ++c) {
            const V value = E::load(x[at + c]);
            V gradient = E::load(dy[at + c]);
            if constexpr (kRelu && kAdd) gradient = E::load(y[at + c]) <= 0 ? V(0) : gradient;
            if constexpr (kRelu && !kAdd) gradient = value * scale[c] + shift[c] <= 0 ? V(0) : gradient;
            if constexpr (kAdd) E::store(dz[at + c], gradient);
            plain[c] += gradient;
            with_input[c] += gradient * (value - mean[c]);
          }
        }
      });
  const InputGradient<T> result(joined(sums, parts.count(), 2 * channels, channels), statistics, weight,
                                static_cast<double>(parts.rows), batch_statistics);
  const V *const a = result.a.data(), *const b = result.b.data(), *const d = result.d.data();
  for_parts(
      parts, [=](std::int64_t part) __attribute__((always_inline)) {
        for (std::int64_t row = parts.begin(part); row < parts.end(part); ++row) {
          const std::int64_t at = row * channels;
#pragma GCC ivdep
          for (std::int64_t c = 0; c < channels; ++c) {
            const V value = E::load(x[at + c]);
            V gradient = E::load(kAdd ? dz[at + c] : dy[at + c]);
            if constexpr (kRelu && !kAdd) gradient = value * scale[c] + shift[c] <= 0 ? V(0) : gradient;
            E::store(dx[at + c], a[c] * gradient + (b[c] * (value - mean[c]) + d[c]));
          }
        }
      });
  return {input_gradient, result.weight, result.bias, shortcut_gradient};
}

constexpr std::uint8_t kNothing = 255;  // of a window whose values are all at most 0

std::int64_t pooled(std::int64_t size) {
  return (size - 1) / 2 + 1;
}

// winners (N, C, h, w), bytes in channels-last order: which of its window's nine pixels each output is, row
// by row.
template <typename T>
void normalise_and_pool(const Tensor& input, const Affine<T>& affine, const Tensor& output,
                        const Tensor& winners) {
  using V = Value<T>;
  const std::int64_t channels = input.size(1), height = input.size(2), width = input.size(3);
  const std::int64_t out_height = output.size(2), out_width = output.size(3);
  const Parts parts(input.size(0) * out_height, out_width * channels);
  // Of one pixel: the largest values so far, and in numbers as wide, which vectorise, where they stand.
  using Index = std::conditional_t<sizeof(V) == 8, std::int64_t, std::int32_t>;
  const Tensor kept = torch::empty({parts.count(), channels}, kValueType<T>);
  const Tensor kept_winners = torch::empty({parts.count(), channels}, sizeof(V) == 8 ? at::kLong : at::kInt);
  const T* const from = input.data_ptr<T>();
  T* const to = output.data_ptr<T>();
  std::uint8_t* const which = winners.data_ptr<std::uint8_t>();
  V* const scratch = kept.data_ptr<V>();
  Index* const scratch_winners = kept_winners.data_ptr<Index>();
  const V *const scale = affine.scale.data(), *const shift = affine.shift.data();
  for_parts(
      parts, [=](std::int64_t part) __attribute__((always_inline)) {
        V* __restrict const best = scratch + part * channels;
        Index* __restrict const winner = scratch_winners + part * channels;
        for (std::int64_t row = parts.begin(part); row < parts.end(part); ++row) {
          const std::int64_t picture = row / out_height, top = row % out_height * 2 - 1;
          for (std::int64_t column = 0; column < out_width; ++column) {
            for (std::int64_t c = 0; c < channels; ++c) {
              best[c] = 0;
              winner[c] = kNothing;
            }
            for (Index tap = 0; tap < 9; ++tap) {
              const std::int64_t y = top + tap / 3, x = column * 2 - 1 + tap % 3;
              if (y < 0 || y >= height || x < 0 || x >= width) continue;
              const T* __restrict const pixel = from + ((picture * height + y) * width + x) * channels;
#pragma GCC ivdep
              for (std::int64_t c = 0; c < channels; ++c) {
                const V value = Element<T>::load(pixel[c]) * scale[c] + shift[c];
                const bool better = static_cast<bool>(int(value > best[c]) | int(value != value));
                best[c] = better ? value : best[c];
                winner[c] = better ? tap : winner[c];
              }
            }
            const std::int64_t at = (row * out_width + column) * channels;
#pragma GCC ivdep
            for (std::int64_t c = 0; c < channels; ++c) {
              Element<T>::store(to[at + c], best[c]);
              which[at + c] = static_cast<std::uint8_t>(winner[c]);
            }
          }
        }
      });
}

// Pixel by pixel: the sum of the gradients of those windows that it won.
template <typename T>
struct Unpooling {
  const T* gradient;
  const std::uint8_t* winners;
  std::int64_t channels, height, width, out_height, out_width;

  // (picture, y) -> row.
  HISTOKT_INLINE void collect(std::int64_t row, std::int64_t x, Value<T>* __restrict sum) const {
    const std::int64_t picture = row / height, y = row % height;
    for (std::int64_t c = 0; c < channels; ++c) sum[c] = 0;
    for (std::int64_t oy = y / 2; oy <= (y + 1) / 2 && oy < out_height; ++oy) {
      for (std::int64_t ox = x / 2; ox <= (x + 1) / 2 && ox < out_width; ++ox) {
        const auto tap = static_cast<std::int32_t>((y - (oy * 2 - 1)) * 3 + x - (ox * 2 - 1));
        const std::int64_t at = ((picture * out_height + oy) * out_width + ox) * channels;
        const T* __restrict const from = gradient + at;
        const std::uint8_t* __restrict const winner = winners + at;
        for (std::int64_t c = 0; c < channels; ++c) {
          sum[c] += static_cast<std::int32_t>(winner[c]) == tap ? Element<T>::load(from[c]) : Value<T>(0);
        }
      }
    }
  }
};

template <typename T>
variable_list norm_pool_gradients(const Tensor& input, const Tensor& winners, const Tensor& output_gradient,
                                  const Statistics& statistics, const Tensor& weight, bool batch_statistics) {
  using E = Element<T>;
  using V = Value<T>;
  const std::int64_t channels = input.size(1), height = input.size(2), width = input.size(3);
  const Parts parts(input.size(0) * height, width * channels);
  const Tensor input_gradient = torch::empty_like(input);
  const Tensor kept = torch::zeros({parts.count(), 3, channels}, kValueType<T>);
  const std::vector<V> means = channel_values<T>(statistics.mean);
  const Unpooling<T> unpooling{output_gradient.data_ptr<T>(),
                               winners.data_ptr<std::uint8_t>(),
                               channels,
                               height,
                               width,
                               winners.size(2),
                               winners.size(3)};
  const T* const x = input.data_ptr<T>();
  T* const dx = input_gradient.data_ptr<T>();
  V* const sums = kept.data_ptr<V>();
  const V* const mean = means.data();

  for_parts(
      parts, [=](std::int64_t part) __attribute__((always_inline)) {
        V* __restrict const plain = sums + part * 3 * channels;
        V* __restrict const with_input = plain + channels;
        V* __restrict const gradient = with_input + channels;
        for (std::int64_t row = parts.begin(part); row < parts.end(part); ++row) {
          for (std::int64_t column = 0; column < width; ++column) {
            unpooling.collect(row, column, gradient);
            const T* const pixel = x + (row * width + column) * channels;
#pragma GCC ivdep
            for (std::int64_t c = 0; c < channels; ++c) {
              plain[c] += gradient[c];
              with_input[c] += gradient[c] * (E::load(pixel[c]) - mean[c]);
            }
          }
        }
      });
  const InputGradient<T> result(joined(sums, parts.count(), 3 * channels, channels), statistics, weight,
                                static_cast<double>(pixels_of(input)), batch_statistics);
  const V *const a = result.a.data(), *const b = result.b.data(), *const d = result.d.data();
  for_parts(
      parts, [=](std::int64_t part) __attribute__((always_inline)) {
        V* __restrict const gradient = sums + (part * 3 + 2) * channels;
        for (std::int64_t row = parts.begin(part); row < parts.end(part); ++row) {
          for (std::int64_t column = 0; column < width; ++column) {
            unpooling.collect(row, column, gradient);
            const std::int64_t at = (row * width + column) * channels;
#pragma GCC ivdep
            for (std::int64_t c = 0; c < channels; ++c) {
              E::store(dx[at + c], a[c] * gradient[c] + (b[c] * (E::load(x[at + c]) - mean[c]) + d[c]));
            }
          }
        }
      });
  return {input_gradient, result.weight, result.bias};
}

Tensor normalised(const BatchNorm& norm, const Statistics& statistics, const Tensor& input,
                  const Tensor& shortcut, bool with_relu, const Tensor& output) {
  with_type_of(input, [&](auto t) {
    using T = decltype(t);
    const Affine<T> affine(statistics, norm.weight, norm.bias);
    if (shortcut.defined()) {
      normalise<T, true, true>(input, affine, shortcut, output);
    } else if (with_relu) {
      normalise<T, true, false>(input, affine, shortcut, output);
    } else {
      normalise<T, false, false>(input, affine, shortcut, output);
    }
  });
  return output;
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
    const Tensor output = normalised(norm, statistics, input, added, with_relu, torch::empty_like(input));
    context->save_for_backward({input, added.defined() ? output : Tensor(), weight, bias, statistics.mean,
                                statistics.inverse_deviation});
    context->saved_data["relu"] = with_relu;
    context->saved_data["batch"] = batch_statistics;
    return output;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    refuse_second_derivatives();
    const variable_list saved = context->get_saved_variables();
    const Tensor &input = saved[0], &output = saved[1];
    const Statistics statistics{saved[4], saved[5]};
    const bool relu = context->saved_data["relu"].toBool(), batch = context->saved_data["batch"].toBool();
    const Tensor gradient = like(gradients[0], input);
    variable_list results = with_type_of(input, [&](auto t) {
      using T = decltype(t);
      const auto of = [&](auto function) {
        return function(input, output, gradient, statistics, saved[2], saved[3], batch);
      };
      if (output.defined()) return of(norm_gradients<T, true, true>);
      return relu ? of(norm_gradients<T, true, false>) : of(norm_gradients<T, false, false>);
    });
    results.resize(7);
    return results;
  }
};

class NormPoolFunction : public torch::autograd::Function<NormPoolFunction> {
 public:
  static Tensor forward(AutogradContext* context, const Tensor& input, const Tensor& weight,
                        const Tensor& bias, const BatchNorm& norm, bool batch_statistics) {
    const Statistics statistics = statistics_of(norm, input, batch_statistics);
    const auto [output, winners] = pool(norm, statistics, input);
    (void)bias;
    context->save_for_backward({input, winners, weight, statistics.mean, statistics.inverse_deviation});
    context->saved_data["batch"] = batch_statistics;
    return output;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    refuse_second_derivatives();
    const variable_list saved = context->get_saved_variables();
    const Tensor& input = saved[0];
    variable_list results = with_type_of(input, [&](auto t) {
      return norm_pool_gradients<decltype(t)>(input, saved[1], like(gradients[0], input),
                                              {saved[3], saved[4]}, saved[2],
                                              context->saved_data["batch"].toBool());
    });
    results.resize(5);
    return results;
  }

  static std::pair<Tensor, Tensor> pool(const BatchNorm& norm, const Statistics& statistics,
                                        const Tensor& input) {
    const auto like_input = [&](at::ScalarType type) {
      return torch::empty({input.size(0), input.size(1), pooled(input.size(2)), pooled(input.size(3))},
                          torch::dtype(type).memory_format(at::MemoryFormat::ChannelsLast));
    };
    const Tensor output = like_input(input.scalar_type()), winners = like_input(at::kByte);
    with_type_of(input, [&](auto t) {
      normalise_and_pool<decltype(t)>(input, {statistics, norm.weight, norm.bias}, output, winners);
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
  return normalised(norm, statistics_of(norm, input, batch_statistics), input, shortcut, with_relu, input);
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
