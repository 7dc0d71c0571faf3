// The inner loops of rescaling, in a portable form and one for x86-64 processors with AVX2 and FMA, chosen
// when the program runs. The two differ by rounding alone (below 1e-4 grey levels).
#pragma once

#include <cstddef>
#include <cstdint>

#include "imaging/polyphase.hpp"

namespace histokt {

// out[x] = sum over k < taps of weights[k] * rows[k * stride + x], for x < count.
void blend_rows(const std::uint8_t* rows, std::size_t stride, const float* weights, int taps,
                std::size_t count, float* out);

// One row of RGB pixels through the axis' weights: out has axis.size() pixels. Both rows need room for one
// float beyond their last pixel, which may be read or written.
void blend_columns(const float* row, const AxisWeights& axis, float* out);

// out[x] = row[x] + bias, cut off to an integer and kept in 0..255.
void to_bytes(const float* row, float bias, std::size_t count, std::uint8_t* out);

}  // namespace histokt
