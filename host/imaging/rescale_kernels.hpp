// SPDX-License-Identifier: MIT
// The inner loops of rescaling, in a portable form and one for x86-64 processors with AVX2 and FMA, chosen at
// run time. The two differ by rounding alone (below 1e-4 grey levels).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "imaging/polyphase.hpp"

namespace histokt {

// out[x] = sum over k < taps of weights[k] * rows[k * stride + x], for x < count.
void blend_rows(const std::uint8_t* rows, std::size_t stride, const float* weights, int taps,
                std::size_t count, float* out);

// An axis' weights laid out for rows of RGB pixels: two neighbouring pixels are six floats, so each pair of
// taps has eight lanes, w w w v v v 0 0.
struct ColumnWeights {
  static constexpr int kLanes = 8;

  int pairs = 0;  // of each output
  std::vector<int> first;
  std::vector<float> lanes;  // (outputs, pairs, kLanes)
};
ColumnWeights column_weights(const AxisWeights& axis);

// One row of RGB pixels through the weights: out has as many pixels as `weights` has outputs. Beyond its last
// pixel `row` must hold kLanes finite floats, which are ignored, and `out` must have room for one.
void blend_columns(const float* row, const ColumnWeights& weights, float* out);

// out[x] = row[x] + bias, truncated to an integer and clamped to 0..255.
void to_bytes(const float* row, float bias, std::size_t count, std::uint8_t* out);

// The portable forms by themselves, for processors without AVX2 and for tests.
namespace portable {
void blend_rows(const std::uint8_t* rows, std::size_t stride, const float* weights, int taps,
                std::size_t count, float* out);
void blend_columns(const float* row, const ColumnWeights& weights, float* out);
}  // namespace portable

}  // namespace histokt
