// The loops of AdamP over plain float memory, one row (an output channel, or a whole tensor) at a time. Each
// sum is formed in one fixed order, whatever the vector width. Safe from any thread; no allocation.
#pragma once

#include <cstdint>

namespace histokt::adamp {

struct RowProducts {
  float gradient_weight;   // <g, w>
  float gradient_squared;  // <g, g>
  float weight_squared;    // <w, w>
};
RowProducts row_products(const float* gradient, const float* weight, std::int64_t count);

// What turns moments into a step; see AdamP for the rule.
struct Coefficients {
  float beta1, beta2;
  float rest1, rest2;           // 1 - beta1, 1 - beta2
  float inverse_root_of_bias2;  // 1 / sqrt(1 - beta2^t)
  float epsilon;
  bool nesterov;
};

// Renews the moments and writes the perturbation m / (sqrt(v) / sqrt(bias2) + eps). Returns <w,
// perturbation>.
float advance_row(const Coefficients& coefficients, const float* gradient, const float* weight,
                  float* moment1, float* moment2, float* perturbation, std::int64_t count);

// w <- decay w - step (perturbation - along w).
void apply_row(float* weight, const float* perturbation, float along, float decay, float step,
               std::int64_t count);

}  // namespace histokt::adamp
