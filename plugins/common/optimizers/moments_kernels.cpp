// SPDX-License-Identifier: MIT
#include "common/optimizers/moments_kernels.hpp"

#include <cmath>

// Two bodies of each loop, chosen when the library is loaded. Neither fuses multiply and add, so both give
// the same bits.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define HISTOKT_WIDE __attribute__((target_clones("avx2", "default")))
#else
#define HISTOKT_WIDE
#endif

namespace histokt::moment_kernels {
namespace {

constexpr std::int64_t kLanes = 16;

// A sum kept in lanes: entry i goes to lane i mod kLanes.
float total(const float (&lanes)[kLanes]) {
  float sum = 0;
  for (const float lane : lanes) sum += lane;
  return sum;
}

}  // namespace

HISTOKT_WIDE
void advance(const Coefficients& c, const float* __restrict gradient, float* __restrict moment1,
             float* __restrict moment2, float* __restrict perturbation, std::int64_t count) {
  const float of_moment = c.nesterov ? c.beta1 : 1.0f;
  const float of_gradient = c.nesterov ? c.rest1 : 0.0f;
  for (std::int64_t i = 0; i < count; ++i) {
    const float g = gradient[i];
    const float m = c.beta1 * moment1[i] + c.rest1 * g;
    const float v = c.beta2 * moment2[i] + c.rest2 * g * g;
    moment1[i] = m;
    moment2[i] = v;
    perturbation[i] =
        (of_moment * m + of_gradient * g) / (std::sqrt(v) * c.inverse_root_of_bias2 + c.epsilon);
  }
}

HISTOKT_WIDE
void advance_to_largest(const Coefficients& c, const float* __restrict gradient, float* __restrict moment1,
                        float* __restrict moment2, float* __restrict largest, float* __restrict perturbation,
                        std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    const float g = gradient[i];
    const float m = c.beta1 * moment1[i] + c.rest1 * g;
    const float v = c.beta2 * moment2[i] + c.rest2 * g * g;
    const float most = largest[i] > v ? largest[i] : v;
    moment1[i] = m;
    moment2[i] = v;
    largest[i] = most;
    perturbation[i] = m / (std::sqrt(most) * c.inverse_root_of_bias2 + c.epsilon);
  }
}

HISTOKT_WIDE
float product(const float* __restrict left, const float* __restrict right, std::int64_t count) {
  float sums[kLanes] = {};
  std::int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (std::int64_t lane = 0; lane < kLanes; ++lane) sums[lane] += left[i + lane] * right[i + lane];
  }
  for (std::int64_t lane = 0; i < count; ++i, ++lane) sums[lane] += left[i] * right[i];
  return total(sums);
}

HISTOKT_WIDE
Products products(const float* __restrict gradient, const float* __restrict weight, std::int64_t count) {
  float gw[kLanes] = {}, gg[kLanes] = {}, ww[kLanes] = {};
  std::int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (std::int64_t lane = 0; lane < kLanes; ++lane) {
      const float g = gradient[i + lane], w = weight[i + lane];
      gw[lane] += g * w;
      gg[lane] += g * g;
      ww[lane] += w * w;
    }
  }
  for (std::int64_t lane = 0; i < count; ++i, ++lane) {
    gw[lane] += gradient[i] * weight[i];
    gg[lane] += gradient[i] * gradient[i];
    ww[lane] += weight[i] * weight[i];
  }
  return {total(gw), total(gg), total(ww)};
}

HISTOKT_WIDE
void add_decay(const float* __restrict gradient, const float* __restrict weight, float decay,
               float* __restrict to, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) to[i] = gradient[i] + decay * weight[i];
}

HISTOKT_WIDE
void move(float* __restrict weight, const float* __restrict perturbation, float along, float decay,
          float step, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    weight[i] = decay * weight[i] - step * (perturbation[i] - along * weight[i]);
  }
}

}  // namespace histokt::moment_kernels
