// SPDX-License-Identifier: MIT
// The loops of Adam and its variants over plain float memory. Each sum is formed in one fixed order, whatever
// the vector width. Safe from any thread; no allocation.
#pragma once

#include <cstdint>

namespace histokt::moment_kernels {

// The coefficients that turn moments into a step, t being the parameter's number of steps.
struct Coefficients {
  float beta1, beta2;
  float rest1, rest2;           // 1 - beta1, 1 - beta2
  float inverse_root_of_bias2;  // 1 / sqrt(1 - beta2^t)
  float epsilon;
  bool nesterov;
};

// Updates the moments m, v and writes the perturbation m / (sqrt(v) / sqrt(1 - beta2^t) + eps); with nesterov
// beta1 m + (1 - beta1) g stands for m.
void advance(const Coefficients& coefficients, const float* gradient, float* moment1, float* moment2,
             float* perturbation, std::int64_t count);

// The same with the largest v so far, which is updated too, in the denominator; nesterov is ignored.
void advance_to_largest(const Coefficients& coefficients, const float* gradient, float* moment1,
                        float* moment2, float* largest, float* perturbation, std::int64_t count);

// <left, right>
float product(const float* left, const float* right, std::int64_t count);

struct Products {
  float gradient_weight;   // <g, w>
  float gradient_squared;  // <g, g>
  float weight_squared;    // <w, w>
};
Products products(const float* gradient, const float* weight, std::int64_t count);

// to = gradient + decay w.
void add_decay(const float* gradient, const float* weight, float decay, float* to, std::int64_t count);

// w <- decay w - step (perturbation - along w).
void move(float* weight, const float* perturbation, float along, float decay, float step, std::int64_t count);

}  // namespace histokt::moment_kernels
