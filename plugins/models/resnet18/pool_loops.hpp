// SPDX-License-Identifier: MIT
// The loops below norm_relu_pool: normalisation, ReLU and max pooling (3 x 3, stride 2, padding 1) in one
// pass. Formulas and conventions are those of norm_loops.hpp, and so is why `ivdep` is sound.
//
// Output (oy, ox) looks at the inputs (2 oy - 1 + i, 2 ox - 1 + j), 0 <= i, j < 3, as far as they are in the
// image; its winner is 3 i + j of the first of the largest. Only the winner gets the output's gradient, and
// an input may win up to four windows:
//
//   dz(y, x) = sum of dy(oy, ox) over the windows whose winner (y, x) is
#pragma once

#include <cstdint>
#include <type_traits>
#include <vector>

#include "models/resnet18/norm_loops.hpp"

namespace histokt::norm_loops {

constexpr std::uint8_t kNothing = 255;  // the winner of a window whose values are all at most 0

// Sides of the images before and after.
struct PoolShape {
  std::int64_t height, width, out_height, out_width;
};

// One row of output windows at a time. winners is shaped as output. NaN wins over all before it.
template <typename T>
void normalise_and_pool(Rows<const T> input, const Affine<Value<T>>& affine, PoolShape shape, Rows<T> output,
                        Rows<std::uint8_t> winners) {
  using V = Value<T>;
  // Winners in numbers as wide as the values vectorise together with them.
  using Index = std::conditional_t<sizeof(V) == 8, std::int64_t, std::int32_t>;
  const std::int64_t channels = input.channels;
  const Parts parts(output.count / shape.out_width, shape.out_width * channels);
  const PartArrays<V> kept(parts, 1, channels);
  const PartArrays<Index> kept_winners(parts, 1, channels);
  const auto largest = kept.view();
  const auto where = kept_winners.view();
  const V *const scale = affine.scale.data(), *const shift = affine.shift.data();
  for_parts(
      parts, [=](std::int64_t part) __attribute__((always_inline)) {
        V* __restrict const best = largest.of(part, 0);
        Index* __restrict const winner = where.of(part, 0);
        for (std::int64_t row = parts.begin(part); row < parts.end(part); ++row) {
          const std::int64_t image = row / shape.out_height, top = row % shape.out_height * 2 - 1;
          for (std::int64_t column = 0; column < shape.out_width; ++column) {
            for (std::int64_t c = 0; c < channels; ++c) {
              best[c] = 0;
              winner[c] = kNothing;
            }
            for (Index tap = 0; tap < 9; ++tap) {
              const std::int64_t y = top + tap / 3, x = column * 2 - 1 + tap % 3;
              if (y < 0 || y >= shape.height || x < 0 || x >= shape.width) continue;
              const T* __restrict const pixel = input[(image * shape.height + y) * shape.width + x];
#pragma GCC ivdep
              for (std::int64_t c = 0; c < channels; ++c) {
                const V value = Element<T>::load(pixel[c]) * scale[c] + shift[c];
                const bool better = static_cast<bool>(int(value > best[c]) | int(value != value));
                best[c] = better ? value : best[c];
                winner[c] = better ? tap : winner[c];
              }
            }
            const std::int64_t at = row * shape.out_width + column;
            T* const to = output[at];
            std::uint8_t* const which = winners[at];
#pragma GCC ivdep
            for (std::int64_t c = 0; c < channels; ++c) {
              Element<T>::store(to[c], best[c]);
              which[c] = static_cast<std::uint8_t>(winner[c]);
            }
          }
        }
      });
}

// The gradient through pooling, ReLU and norm.
template <typename T>
struct PoolBackward {
  Rows<const T> input, output_gradient;
  Rows<const std::uint8_t> winners;
  PoolShape shape;
  Rows<T> input_gradient;
  const std::vector<Value<T>>& mean;  // (C)

  GradientSums sums() const;
  // Fills in input_gradient.
  void finish(const InputGradient<Value<T>>& result) const;

 private:
  // dz of the input at column x of line `line`, lines counted through all images: written over dz.
  struct Unpooling {
    Rows<const T> gradient;
    Rows<const std::uint8_t> winners;
    PoolShape shape;

    HISTOKT_INLINE void collect(std::int64_t line, std::int64_t x, Value<T>* __restrict dz) const {
      const std::int64_t channels = gradient.channels;
      const std::int64_t image = line / shape.height, y = line % shape.height;
      for (std::int64_t c = 0; c < channels; ++c) dz[c] = 0;
      for (std::int64_t oy = y / 2; oy <= (y + 1) / 2 && oy < shape.out_height; ++oy) {
        for (std::int64_t ox = x / 2; ox <= (x + 1) / 2 && ox < shape.out_width; ++ox) {
          const auto tap = static_cast<std::int32_t>((y - (oy * 2 - 1)) * 3 + x - (ox * 2 - 1));
          const std::int64_t at = (image * shape.out_height + oy) * shape.out_width + ox;
          const T* __restrict const from = gradient[at];
          const std::uint8_t* __restrict const winner = winners[at];
          for (std::int64_t c = 0; c < channels; ++c) {
            dz[c] += static_cast<std::int32_t>(winner[c]) == tap ? Element<T>::load(from[c]) : Value<T>(0);
          }
        }
      }
    }
  };

  Parts lines() const { return {input.count / shape.width, shape.width * input.channels}; }
};

template <typename T>
GradientSums PoolBackward<T>::sums() const {
  using V = Value<T>;
  const std::int64_t channels = input.channels, width = shape.width;
  const Parts parts = lines();
  const PartArrays<V> kept(parts, 3, channels);
  const auto view = kept.view();
  const Unpooling unpooling{output_gradient, winners, shape};
  const T* const x = input.data;
  const V* const m = mean.data();
  for_parts(
      parts, [=](std::int64_t part) __attribute__((always_inline)) {
        V* __restrict const plain = view.of(part, 0);
        V* __restrict const with_input = view.of(part, 1);
        V* __restrict const dz = view.of(part, 2);
        for (std::int64_t line = parts.begin(part); line < parts.end(part); ++line) {
          for (std::int64_t column = 0; column < width; ++column) {
            unpooling.collect(line, column, dz);
            const T* const pixel = x + (line * width + column) * channels;
#pragma GCC ivdep
            for (std::int64_t c = 0; c < channels; ++c) {
              plain[c] += dz[c];
              with_input[c] += dz[c] * (Element<T>::load(pixel[c]) - m[c]);
            }
          }
        }
      });
  return joined<V>(parts, view);
}

template <typename T>
void PoolBackward<T>::finish(const InputGradient<Value<T>>& result) const {
  using V = Value<T>;
  const std::int64_t channels = input.channels, width = shape.width;
  const Parts parts = lines();
  const PartArrays<V> kept(parts, 1, channels);
  const auto view = kept.view();
  const Unpooling unpooling{output_gradient, winners, shape};
  const T* const x = input.data;
  T* const dx = input_gradient.data;
  const V* const m = mean.data();
  const V *const a = result.a.data(), *const b = result.b.data(), *const d = result.d.data();
  for_parts(
      parts, [=](std::int64_t part) __attribute__((always_inline)) {
        V* __restrict const dz = view.of(part, 0);
        for (std::int64_t line = parts.begin(part); line < parts.end(part); ++line) {
          for (std::int64_t column = 0; column < width; ++column) {
            unpooling.collect(line, column, dz);
            const std::int64_t at = (line * width + column) * channels;
#pragma GCC ivdep
            for (std::int64_t c = 0; c < channels; ++c) {
              Element<T>::store(dx[at + c],
                                a[c] * dz[c] + (b[c] * (Element<T>::load(x[at + c]) - m[c]) + d[c]));
            }
          }
        }
      });
}

}  // namespace histokt::norm_loops
