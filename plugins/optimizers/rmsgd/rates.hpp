// SPDX-License-Identifier: MIT
// The learning rates of RMSGD, and of its predecessor Adas, as they follow the knowledge gain. A value: one
// thread at a time. Once an epoch, with k the knowledge gain of each measured tensor:
//
//   u = k - k_before, but (rate - beta v) / zeta for a tensor not yet ready, that is without gain so far
//   v <- max(beta v + zeta u, floor)
//
// and in the first epoch u = rate. Every step_size epochs v and zeta are multiplied by gamma. A measured
// tensor takes v as its rate, any other the rate of the tensor before it in the list.
//
// Adas differs: v starts at 0, not at the rate; its floor is 1e-10, not 0; gamma acts on zeta alone; and the
// term of tensors not yet ready is not divided by zeta.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace histokt {

enum class RateVariant { kRmsgd, kAdas };

struct RateSettings {
  RateVariant variant;
  double learning_rate;
  double beta;
  double gamma;
  std::int64_t step_size;  // 0: never
};

class Rates {
 public:
  // The state carried from epoch to epoch.
  struct State {
    std::vector<double> rates;            // one a tensor
    std::vector<double> velocity;         // one a measured tensor
    std::vector<double> knowledge_gain;   // likewise; empty before the first epoch
    std::vector<std::int64_t> not_ready;  // indices of measured tensors
    double zeta = 1;
    std::int64_t epoch = 0;
  };

  // is_measured: for each tensor, whether it has a knowledge gain of its own.
  Rates(const RateSettings& settings, std::vector<bool> is_measured);

  // Ends an epoch. One gain for each measured tensor, in order.
  void renew(const std::vector<double>& knowledge_gain);

  const State& state() const { return state_; }
  // Throws std::runtime_error if the state belongs to other tensors.
  void set_state(State state);

 private:
  RateSettings settings_;
  std::vector<bool> is_measured_;
  std::size_t measured_count_;
  State state_;
};

}  // namespace histokt
