// SPDX-License-Identifier: MIT
// The loops below the fused norms, over plain memory: a channels-last image is an array of rows, one for each
// pixel, of one value for each channel.
//
// Let x be the input, w and b weight and bias, m and s = sqrt(v + epsilon) the mean and the deviation that
// normalise; all but x have one value a channel, and sums run over the n pixels of all images. Forwards
//
//   z = w (x - m) / s + b = scale x + shift        scale = w / s,  shift = b - m w / s
//   y = relu(z + shortcut)
//
// and backwards, dz being dy where y > 0 and 0 elsewhere (Ioffe and Szegedy 2015, section 3),
//
//   d shortcut = dz        db = sum dz        dw = sum dz (x - m) / s
//   dx = scale (dz - sum dz / n - (x - m) / s^2 sum dz (x - m) / n) = A dz + B (x - m) + D
//
// with A = scale, B = -scale / s^2 sum dz (x - m) / n, D = -scale sum dz / n. Running statistics do not move
// with x, so through them B = D = 0.
//
// Each loop over channels has `#pragma GCC ivdep`, which lets it be vectorised although the compiler cannot
// see that its arrays do not overlap. That is sound because iteration c touches element c alone of each
// array: two of them are either disjoint or the same (an output may take its input's memory), and where they
// are the same, the element is read before it is written, by its own iteration.
//
// Pixels are cut into parts by their number alone, each part is summed by one thread, and the parts' sums are
// added in order: the same input gives the same bits whatever the number of threads.
#pragma once

#include <torch/types.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/resnet18/vectorised.hpp"

namespace histokt::norm_loops {

using vectorised::Element;
using vectorised::for_parts;
using vectorised::Parts;

// The type in which elements of type T are computed.
template <typename T>
using Value = typename Element<T>::Value;

template <typename V>
constexpr at::ScalarType kScalarType = c10::CppTypeToScalarType<V>::value;

// A view of memory owned elsewhere, (count, channels), rows one after the other. Empty if there is no array.
template <typename T>
struct Rows {
  T* data = nullptr;
  std::int64_t count = 0, channels = 0;

  HISTOKT_INLINE T* operator[](std::int64_t row) const { return data + row * channels; }
};

// For each part so many arrays of one value a channel, 0 at first.
template <typename V>
class PartArrays {
 public:
  struct View {
    V* data;
    std::int64_t arrays, channels;

    HISTOKT_INLINE V* of(std::int64_t part, std::int64_t array) const {
      return data + (part * arrays + array) * channels;
    }
  };

  PartArrays(const Parts& parts, std::int64_t arrays, std::int64_t channels)
      : kept_(torch::zeros({parts.count(), arrays, channels}, kScalarType<V>)),
        view_{kept_.data_ptr<V>(), arrays, channels} {}

  View view() const { return view_; }

 private:
  torch::Tensor kept_;  // aligned as vectors like it
  View view_;
};

// Sums are made by part, of so many rows at least.
constexpr std::int64_t kLeastRowsOfASum = 16;

struct Moments {
  std::vector<double> mean, variance;  // (C), over all rows
};

// Adds a part's sums of x - first and (x - first)^2 over `rows` to the moments of `before` rows, of which
// `moments` has the variance times their number. Chan, Golub and LeVeque 1979: with d = mean - mean_before,
//   mean += d rows / (before + rows)
//   squares += squares_of_the_part + d^2 before rows / (before + rows)
template <typename T>
void join(Moments& moments, const T* first, const Value<T>* sum, const Value<T>* squared_sum, double before,
          double rows) {
  const double share = rows / (before + rows);
  for (std::size_t c = 0; c < moments.mean.size(); ++c) {
    const double own_mean = sum[c] / rows;
    const double squares = squared_sum[c] - own_mean * sum[c];
    const double difference = static_cast<double>(Element<T>::load(first[c])) + own_mean - moments.mean[c];
    moments.mean[c] += difference * share;
    moments.variance[c] += squares + difference * difference * before * share;
  }
}

// Each part is summed relative to its first row, so that a mean far from 0 costs no precision.
template <typename T>
Moments moments(Rows<const T> input) {
  const std::int64_t channels = input.channels;
  const Parts parts(input.count, channels, kLeastRowsOfASum);
  const PartArrays<Value<T>> kept(parts, 2, channels);
  const auto sums = kept.view();
  const T* const x = input.data;
  for_parts(
      parts, [=](std::int64_t part) __attribute__((always_inline)) {
        const T* const first = x + parts.begin(part) * channels;
        Value<T>* __restrict const sum = sums.of(part, 0);
        Value<T>* __restrict const squares = sums.of(part, 1);
        for (std::int64_t row = parts.begin(part); row < parts.end(part); ++row) {
          const T* const pixel = x + row * channels;
#pragma GCC ivdep
          for (std::int64_t c = 0; c < channels; ++c) {
            const Value<T> value = Element<T>::load(pixel[c]) - Element<T>::load(first[c]);
            sum[c] += value;
            squares[c] += value * value;
          }
        }
      });
  const auto size = static_cast<std::size_t>(channels);
  Moments all{std::vector<double>(size), std::vector<double>(size)};
  double before = 0;
  for (std::int64_t part = 0; part < parts.count(); ++part) {
    const auto rows = static_cast<double>(parts.end(part) - parts.begin(part));
    join(all, input[parts.begin(part)], sums.of(part, 0), sums.of(part, 1), before, rows);
    before += rows;
  }
  for (double& variance : all.variance) variance /= before;
  return all;
}

// norm(x) = scale x + shift.
template <typename V>
struct Affine {
  std::vector<V> scale, shift;  // (C)
};

// NaN passes, so that a diverging network is noticed.
template <typename V>
HISTOKT_INLINE V relu(V value) {
  return value <= 0 ? V(0) : value;
}

// output = norm(input), with kAdd + shortcut, with kRelu through the ReLU. output may be input.
template <typename T, bool kRelu, bool kAdd>
void normalise(Rows<const T> input, const Affine<Value<T>>& affine, Rows<const T> shortcut, Rows<T> output) {
  const std::int64_t channels = input.channels;
  const Parts parts(input.count, channels);
  const Value<T>* const scale = affine.scale.data();
  const Value<T>* const shift = affine.shift.data();
  const T *const x = input.data, *const add = shortcut.data;
  T* const y = output.data;
  for_parts(
      parts, [=](std::int64_t part) __attribute__((always_inline)) {
        for (std::int64_t row = parts.begin(part); row < parts.end(part); ++row) {
          const std::int64_t at = row * channels;
#pragma GCC ivdep
          for (std::int64_t c = 0; c < channels; ++c) {
            Value<T> value = Element<T>::load(x[at + c]) * scale[c] + shift[c];
            if constexpr (kAdd) value += Element<T>::load(add[at + c]);
            if constexpr (kRelu) value = relu(value);
            Element<T>::store(y[at + c], value);
          }
        }
      });
}

struct GradientSums {
  std::vector<double> plain, with_input;  // (C): sum dz and sum dz (x - m)
};

template <typename V>
GradientSums joined(const Parts& parts, const typename PartArrays<V>::View& sums) {
  const auto channels = static_cast<std::size_t>(sums.channels);
  GradientSums all{std::vector<double>(channels), std::vector<double>(channels)};
  for (std::int64_t part = 0; part < parts.count(); ++part) {
    const V *const plain = sums.of(part, 0), *const with_input = sums.of(part, 1);
    for (std::size_t c = 0; c < channels; ++c) {
      all.plain[c] += plain[c];
      all.with_input[c] += with_input[c];
    }
  }
  return all;
}

// dx = a dz + b (x - m) + d.
template <typename V>
struct InputGradient {
  std::vector<V> a, b, d;  // (C)
};

// The gradient through norm, shortcut and ReLU. With a shortcut, the output shows what the ReLU let pass, and
// dz is kept as the shortcut's gradient; without one, the input shows it.
template <typename T, bool kRelu, bool kAdd>
struct Backward {
  Rows<const T> input, output, output_gradient;
  Rows<T> shortcut_gradient, input_gradient;
  const Affine<Value<T>>& affine;
  const std::vector<Value<T>>& mean;  // (C)

  // Fills in shortcut_gradient, if there is one.
  GradientSums sums() const;
  // After sums(): fills in input_gradient.
  void finish(const InputGradient<Value<T>>& result) const;
};

template <typename T, bool kRelu, bool kAdd>
GradientSums Backward<T, kRelu, kAdd>::sums() const {
  using E = Element<T>;
  using V = Value<T>;
  const std::int64_t channels = input.channels;
  const Parts parts(input.count, channels, kLeastRowsOfASum);
  const PartArrays<V> kept(parts, 2, channels);
  const auto view = kept.view();
  const V *const scale = affine.scale.data(), *const shift = affine.shift.data(), *const m = mean.data();
  const T *const x = input.data, *const y = output.data, *const dy = output_gradient.data;
  T* const dz = shortcut_gradient.data;
  for_parts(
      parts, [=](std::int64_t part) __attribute__((always_inline)) {
        V* __restrict const plain = view.of(part, 0);
        V* __restrict const with_input = view.of(part, 1);
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
            with_input[c] += gradient * (value - m[c]);
          }
        }
      });
  return joined<V>(parts, view);
}

template <typename T, bool kRelu, bool kAdd>
void Backward<T, kRelu, kAdd>::finish(const InputGradient<Value<T>>& result) const {
  using E = Element<T>;
  using V = Value<T>;
  const std::int64_t channels = input.channels;
  const Parts parts(input.count, channels, kLeastRowsOfASum);
  const V *const scale = affine.scale.data(), *const shift = affine.shift.data(), *const m = mean.data();
  const V *const a = result.a.data(), *const b = result.b.data(), *const d = result.d.data();
  const T* const x = input.data;
  const T* const gradients = kAdd ? shortcut_gradient.data : output_gradient.data;
  T* const dx = input_gradient.data;
  for_parts(
      parts, [=](std::int64_t part) __attribute__((always_inline)) {
        for (std::int64_t row = parts.begin(part); row < parts.end(part); ++row) {
          const std::int64_t at = row * channels;
#pragma GCC ivdep
          for (std::int64_t c = 0; c < channels; ++c) {
            const V value = E::load(x[at + c]);
            V gradient = E::load(gradients[at + c]);
            if constexpr (kRelu && !kAdd) gradient = value * scale[c] + shift[c] <= 0 ? V(0) : gradient;
            E::store(dx[at + c], a[c] * gradient + (b[c] * (value - m[c]) + d[c]));
          }
        }
      });
}

}  // namespace histokt::norm_loops
