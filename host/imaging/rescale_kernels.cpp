#include "imaging/rescale_kernels.hpp"

#include <algorithm>

#if defined(__x86_64__) && defined(__GNUC__)
#define HISTOKT_HAVE_AVX2_KERNELS 1
#include <immintrin.h>
#endif

namespace histokt {
namespace {

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

void blend_columns(const float* row, const AxisWeights& axis, float* out) {
  for (int x = 0; x < axis.size(); ++x) {
    const float* pixel = row + 3 * static_cast<std::size_t>(axis.first[x]);
    float red = 0, green = 0, blue = 0;
    for (const float weight : axis.of(x)) {
      red += weight * pixel[0];
      green += weight * pixel[1];
      blue += weight * pixel[2];
      pixel += 3;
    }
    out[3 * x] = red;
    out[3 * x + 1] = green;
    out[3 * x + 2] = blue;
  }
}

}  // namespace portable

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

// The fourth lane carries the next pixel's red along; the next store, or the spare float, takes it.
[[gnu::target("avx2,fma")]] void blend_columns(const float* row, const AxisWeights& axis, float* out) {
  const float* weight = axis.weights.data();
  for (int x = 0; x < axis.size(); ++x) {
    const float* pixel = row + 3 * static_cast<std::size_t>(axis.first[x]);
    __m128 sum = _mm_setzero_ps();
    for (int k = 0; k < axis.taps; ++k, ++weight, pixel += 3) {
      sum = _mm_fmadd_ps(_mm_broadcast_ss(weight), _mm_loadu_ps(pixel), sum);
    }
    _mm_storeu_ps(out + 3 * static_cast<std::size_t>(x), sum);
  }
}

bool runs_here() {
  static const bool answer = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  return answer;
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

void blend_columns(const float* row, const AxisWeights& axis, float* out) {
#ifdef HISTOKT_HAVE_AVX2_KERNELS
  if (avx2::runs_here()) return avx2::blend_columns(row, axis, out);
#endif
  portable::blend_columns(row, axis, out);
}

void to_bytes(const float* row, float bias, std::size_t count, std::uint8_t* out) {
  for (std::size_t x = 0; x < count; ++x) {
    const int value = static_cast<int>(row[x] + bias);
    out[x] = static_cast<std::uint8_t>(std::clamp(value, 0, 255));
  }
}

}  // namespace histokt
