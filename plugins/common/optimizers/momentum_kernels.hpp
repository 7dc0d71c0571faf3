// SPDX-License-Identifier: MIT
// The step of SGD with momentum over plain float memory. Safe from any thread; no allocation.
#pragma once

#include <cstdint>

namespace histokt::momentum_kernels {

struct Coefficients {
  float weight_decay, momentum;
  float kept;  // 1 - dampening
  float rate;
  bool nesterov;
};

// d = g + weight_decay w; buffer <- momentum buffer + kept d; w <- w - rate buffer, or with nesterov
// w - rate (d + momentum buffer).
void step_with_momentum(const Coefficients& coefficients, float* weight, const float* gradient, float* buffer,
                        std::int64_t count);

// w <- w - rate (g + weight_decay w).
void step_without_momentum(const Coefficients& coefficients, float* weight, const float* gradient,
                           std::int64_t count);

}  // namespace histokt::momentum_kernels
