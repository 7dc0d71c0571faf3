// SPDX-License-Identifier: MIT
#include "optimizers/rmsgd/rates.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace histokt {
namespace {

constexpr double kNoGain = 1e-8;
constexpr double kAdasFloor = 1e-10;

}  // namespace

Rates::Rates(const RateSettings& settings, std::vector<bool> is_measured)
    : settings_(settings),
      is_measured_(std::move(is_measured)),
      measured_count_(static_cast<std::size_t>(std::count(is_measured_.begin(), is_measured_.end(), true))) {
  const double start = settings_.variant == RateVariant::kAdas ? 0 : settings_.learning_rate;
  state_.rates.assign(is_measured_.size(), settings_.learning_rate);
  state_.velocity.assign(measured_count_, start);
  state_.not_ready.resize(measured_count_);
  std::iota(state_.not_ready.begin(), state_.not_ready.end(), 0);
}

void Rates::renew(const std::vector<double>& knowledge_gain) {
  const bool adas = settings_.variant == RateVariant::kAdas;
  std::vector<double> change(measured_count_, settings_.learning_rate);
  if (state_.epoch > 0) {
    for (std::size_t i = 0; i < measured_count_; ++i)
      change[i] = knowledge_gain[i] - state_.knowledge_gain[i];
    // A removal passes over the entry that follows: the published rule, which its numbers depend on.
    for (std::size_t at = 0; at < state_.not_ready.size(); ++at) {
      const auto i = static_cast<std::size_t>(state_.not_ready[at]);
      if (std::abs(knowledge_gain[i]) > kNoGain) {
        state_.not_ready.erase(state_.not_ready.begin() + static_cast<std::ptrdiff_t>(at));
        continue;
      }
      change[i] = settings_.learning_rate - settings_.beta * state_.velocity[i];
      if (!adas) change[i] /= state_.zeta;
    }
  }
  state_.knowledge_gain = knowledge_gain;

  if (settings_.step_size > 0 && state_.epoch > 0 && state_.epoch % settings_.step_size == 0) {
    // Adas multiplies the rates instead of the velocity; all but those before the first measured tensor are
    // overwritten below.
    for (double& value : adas ? state_.rates : state_.velocity) value *= settings_.gamma;
    state_.zeta *= settings_.gamma;
  }
  for (std::size_t i = 0; i < measured_count_; ++i) {
    state_.velocity[i] =
        std::max(settings_.beta * state_.velocity[i] + state_.zeta * change[i], adas ? kAdasFloor : 0.0);
  }
  std::size_t measured = 0;
  for (std::size_t i = 0; i < is_measured_.size(); ++i) {
    if (is_measured_[i]) {
      state_.rates[i] = state_.velocity[measured++];
    } else if (i > 0) {
      state_.rates[i] = state_.rates[i - 1];
    }
  }
  ++state_.epoch;
}

void Rates::set_state(State state) {
  const bool fits = state.rates.size() == is_measured_.size() && state.velocity.size() == measured_count_ &&
                    state.knowledge_gain.size() == (state.epoch > 0 ? measured_count_ : 0) &&
                    std::all_of(state.not_ready.begin(), state.not_ready.end(), [&](std::int64_t i) {
                      return i >= 0 && i < static_cast<std::int64_t>(measured_count_);
                    });
  if (!fits) throw std::runtime_error("rmsgd: the saved learning rates belong to other parameters");
  state_ = std::move(state);
}

}  // namespace histokt
