#include "optimizers/adamp/kernels.hpp"

#include <cmath>

// Two bodies of each loop, chosen when the library is loaded. Neither fuses multiply and add, so both give
// the same bits.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define HISTOKT_WIDE __attribute__((target_clones("avx2", "default")))
#else
#define HISTOKT_WIDE
#endif

namespace histokt::adamp {
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
RowProducts row_products(const float* __restrict gradient, const float* __restrict weight,
                         std::int64_t count) {
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
float advance_row(const Coefficients& c, const float* __restrict gradient, const float* __restrict weight,
                  float* __restrict moment1, float* __restrict moment2, float* __restrict perturbation,
                  std::int64_t count) {
  // With Nesterov's look ahead the numerator is beta1 m + (1 - beta1) g, without it m.
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
  float sums[kLanes] = {};
  std::int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (std::int64_t lane = 0; lane < kLanes; ++lane)
      sums[lane] += weight[i + lane] * perturbation[i + lane];
  }
  for (std::int64_t lane = 0; i < count; ++i, ++lane) sums[lane] += weight[i] * perturbation[i];
  return total(sums);
}

HISTOKT_WIDE
void apply_row(float* __restrict weight, const float* __restrict perturbation, float along, float decay,
               float step, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    weight[i] = decay * weight[i] - step * (perturbation[i] - along * weight[i]);
  }
}

}  // namespace histokt::adamp
