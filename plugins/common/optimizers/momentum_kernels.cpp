// SPDX-License-Identifier: MIT
#include "common/optimizers/momentum_kernels.hpp"

namespace histokt::momentum_kernels {

void step_with_momentum(const Coefficients& c, float* __restrict weight, const float* __restrict gradient,
                        float* __restrict buffer, std::int64_t count) {
  const float of_gradient = c.nesterov ? 1.0f : 0.0f;
  const float of_buffer = c.nesterov ? c.momentum : 1.0f;
  for (std::int64_t i = 0; i < count; ++i) {
    const float d = gradient[i] + c.weight_decay * weight[i];
    const float moved = c.momentum * buffer[i] + c.kept * d;
    buffer[i] = moved;
    weight[i] -= c.rate * (of_gradient * d + of_buffer * moved);
  }
}

void step_without_momentum(const Coefficients& c, float* __restrict weight, const float* __restrict gradient,
                           std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    weight[i] -= c.rate * (gradient[i] + c.weight_decay * weight[i]);
  }
}

}  // namespace histokt::momentum_kernels
