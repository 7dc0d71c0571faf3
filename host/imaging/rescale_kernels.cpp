// SPDX-License-Identifier: MIT
#include "imaging/rescale_kernels.hpp"

#include <algorithm>

#if defined(__x86_64__) && defined(__GNUC__)
#define HISTOKT_HAVE_AVX2_KERNELS 1
#include <immintrin.h>
#endif

namespace histokt {

namespace portable {

void blend_rows(const std::uint8_t* rows, std::size_t stride, const float* weights, int taps,
                std::size_t count, float* out) {
  std::fill_n(out, count, 0.0f);
  for (int k = 0; k < taps; ++k) {
    const std::uint8_t* row = rows + k * stride;
    const float weight = weights[k];
    for (std::size_t x = 0; x < count; ++x) out[x] += weight * static_cast<float>(row[x]);
  }
}

void blend_columns(const float* row, const ColumnWeights& weights, float* out) {
  const float* lanes = weights.lanes.data();
  for (const int first : weights.first) {
    const float* pixels = row + 3 * static_cast<std::size_t>(first);
    float sums[6] = {};
    for (int pair = 0; pair < weights.pairs; ++pair, pixels += 6, lanes += ColumnWeights::kLanes) {
      for (int lane = 0; lane < 6; ++lane) sums[lane] += lanes[lane] * pixels[lane];
    }
    for (int c = 0; c < 3; ++c) *out++ = sums[c] + sums[c + 3];
  }
}

}  // namespace portable

namespace {

#ifdef HISTOKT_HAVE_AVX2_KERNELS
namespace avx2 {

[[gnu::target("avx2,fma"), gnu::always_inline]] inline __m256 eight_floats(const std::uint8_t* bytes) {
  return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(bytes))));
}

// 32 columns: four sums stay in registers while the taps go by.
[[gnu::target("avx2,fma")]] inline void blend_32(const std::uint8_t* rows, std::size_t stride,
                                                 const float* weights, int taps, float* out) {
  __m256 a = _mm256_setzero_ps(), b = a, c = a, d = a;
  for (int k = 0; k < taps; ++k, rows += stride) {
    const __m256 weight = _mm256_broadcast_ss(weights + k);
    a = _mm256_fmadd_ps(weight, eight_floats(rows), a);
    b = _mm256_fmadd_ps(weight, eight_floats(rows + 8), b);
    c = _mm256_fmadd_ps(weight, eight_floats(rows + 16), c);
    d = _mm256_fmadd_ps(weight, eight_floats(rows + 24), d);
  }
  _mm256_storeu_ps(out, a);
  _mm256_storeu_ps(out + 8, b);
  _mm256_storeu_ps(out + 16, c);
  _mm256_storeu_ps(out + 24, d);
}

[[gnu::target("avx2,fma")]] void blend_rows(const std::uint8_t* rows, std::size_t stride,
                                            const float* weights, int taps, std::size_t count, float* out) {
  if (count < 32) return portable::blend_rows(rows, stride, weights, taps, count, out);
  for (std::size_t x = 0; x + 32 <= count; x += 32) blend_32(rows + x, stride, weights, taps, out + x);
  blend_32(rows + count - 32, stride, weights, taps, out + count - 32);
}

// Lanes 0 to 2 sum up the even taps, 3 to 5 the odd ones. The fourth float stored is of no meaning; the next
// pixel, or the spare float, takes it.
[[gnu::target("avx2,fma")]] void blend_columns(const float* row, const ColumnWeights& weights, float* out) {
  const __m256i odd_taps = _mm256_setr_epi32(3, 4, 5, 6, 3, 4, 5, 6);
  const float* lanes = weights.lanes.data();
  const int pairs = weights.pairs;
  for (const int first : weights.first) {
    const float* pixels = row + 3 * static_cast<std::size_t>(first);
    __m256 sums = _mm256_setzero_ps();
    for (int pair = 0; pair < pairs; ++pair, pixels += 6, lanes += ColumnWeights::kLanes) {
      sums = _mm256_fmadd_ps(_mm256_loadu_ps(lanes), _mm256_loadu_ps(pixels), sums);
    }
    const __m256 odd = _mm256_permutevar8x32_ps(sums, odd_taps);
    _mm_storeu_ps(out, _mm_add_ps(_mm256_castps256_ps128(sums), _mm256_castps256_ps128(odd)));
    out += 3;
  }
}

bool runs_here() {
  static const bool supported = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  return supported;
}

}  // namespace avx2
#endif

}  // namespace

void blend_rows(const std::uint8_t* rows, std::size_t stride, const float* weights, int taps,
                std::size_t count, float* out) {
#ifdef HISTOKT_HAVE_AVX2_KERNELS
  if (avx2::runs_here()) return avx2::blend_rows(rows, stride, weights, taps, count, out);
#endif
  portable::blend_rows(rows, stride, weights, taps, count, out);
}

ColumnWeights column_weights(const AxisWeights& axis) {
  constexpr int kLanes = ColumnWeights::kLanes;
  ColumnWeights result{.pairs = (axis.taps + 1) / 2, .first = axis.first, .lanes = {}};
  result.lanes.resize(static_cast<std::size_t>(axis.size()) * result.pairs * kLanes);
  for (int output = 0; output < axis.size(); ++output) {
    float* lanes = result.lanes.data() + static_cast<std::size_t>(output) * result.pairs * kLanes;
    for (int tap = 0; tap < axis.taps; ++tap) {
      std::fill_n(lanes + tap / 2 * kLanes + tap % 2 * 3, 3, axis.of(output)[tap]);
    }
  }
  return result;
}

void blend_columns(const float* row, const ColumnWeights& weights, float* out) {
#ifdef HISTOKT_HAVE_AVX2_KERNELS
  if (avx2::runs_here()) return avx2::blend_columns(row, weights, out);
#endif
  portable::blend_columns(row, weights, out);
}

void to_bytes(const float* row, float bias, std::size_t count, std::uint8_t* out) {
  for (std::size_t x = 0; x < count; ++x) {
    const int value = static_cast<int>(row[x] + bias);
    out[x] = static_cast<std::uint8_t>(std::clamp(value, 0, 255));
  }
}

}  // namespace histokt
