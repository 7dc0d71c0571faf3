// SPDX-License-Identifier: MIT
#include "optimizers/rmsgd/rmsgd.hpp"

#include <torch/utils.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "common/optimizers/parallel.hpp"
#include "common/optimizers/state.hpp"
#include "optimizers/rmsgd/spectrum.hpp"

namespace histokt {
namespace {

constexpr const char* kName = "rmsgd";

std::vector<bool> which_are_measured(const std::vector<NamedParameter>& parameters, RateVariant variant,
                                     bool linear) {
  std::vector<bool> measured;
  for (const NamedParameter& parameter : parameters) {
    const torch::Tensor& tensor = parameter.tensor;
    bool is_measured = tensor.dim() == 4 || (linear && tensor.dim() == 2);
    if (variant == RateVariant::kAdas && tensor.dim() == 4 && (tensor.size(2) == 1 || tensor.size(3) == 1)) {
      is_measured = false;
    }
    measured.push_back(is_measured);
  }
  return measured;
}

Rates make_rates(const OptimizerRequest& request) {
  const Settings& settings = request.settings;
  const RateVariant variant = settings.string("variant") == "adas" ? RateVariant::kAdas : RateVariant::kRmsgd;
  const RateSettings rates{variant, request.learning_rate, settings.number("beta"), settings.number("gamma"),
                           settings.integer("step_size")};
  if (rates.beta >= 1) throw BadRequest("rmsgd: beta must be below 1, such as 0.8 or 0.98");
  if (rates.gamma <= 0) throw BadRequest("rmsgd: gamma must be above 0, such as 0.5; 1 means no decay");
  return Rates(rates, which_are_measured(request.parameters, variant, settings.boolean("linear")));
}

// What EVBMF says of one unfolding of one weight.
struct Unfolding {
  std::size_t parameter;  // index
  std::size_t axis;
  double work;  // multiplications of the Gram matrix
  double rank = 0, knowledge_gain = 0, condition = 0;
};

void measure(Unfolding& unfolding, const NamedParameter& parameter, const torch::Tensor& weight,
             NoiseSearch search) {
  const WeightView view{weight.data_ptr<float>(), weight.sizes(), weight.strides()};
  const std::vector<double> values = singular_values(view, unfolding.axis);
  if (!values.empty() && !std::isfinite(values[0])) {
    throw std::runtime_error("rmsgd: the weights of \"" + parameter.name +
                             "\" are no longer finite numbers; a lower learning rate keeps them so");
  }
  const std::int64_t rows = weight.size(static_cast<std::int64_t>(unfolding.axis));
  const std::vector<double> kept =
      evbmf(values, rows, weight.numel() / std::max<std::int64_t>(rows, 1), search);
  if (kept.empty()) return;
  double sum = 0;
  for (const double value : kept) sum += value / kept.front();
  unfolding.rank = static_cast<double>(kept.size()) / static_cast<double>(rows);
  unfolding.knowledge_gain = sum / static_cast<double>(rows);
  unfolding.condition = kept.front() / kept.back();
}

// Of one parameter: each measure of each unfolding, and their means.
std::map<std::string, double> summarize(const std::vector<Unfolding>& unfoldings, std::size_t parameter) {
  std::map<std::string, double> values = {{"rank", 0}, {"knowledge_gain", 0}, {"condition", 0}};
  double count = 0;
  for (const Unfolding& unfolding : unfoldings) {
    if (unfolding.parameter != parameter) continue;
    ++count;
    const std::string side = unfolding.axis == 0 ? "out_" : "in_";
    values["rank"] += values[side + "rank"] = unfolding.rank;
    values["knowledge_gain"] += values[side + "S"] = unfolding.knowledge_gain;
    values["condition"] += values[side + "condition"] = unfolding.condition;
  }
  for (const char* mean : {"rank", "knowledge_gain", "condition"}) values[mean] /= count;
  return values;
}

torch::Tensor to_tensor(const std::vector<double>& values) {
  return torch::tensor(values, torch::kFloat64);
}
torch::Tensor to_tensor(const std::vector<std::int64_t>& values) {
  return torch::tensor(values, torch::kInt64);
}

// A vector saved under `key`, of any length.
template <typename Number>
std::vector<Number> vector_of(const OptimizerState& state, const std::string& key) {
  const auto found = state.find(key);
  const auto type = torch::CppTypeToScalarType<Number>::value;
  if (found == state.end() || found->second.dim() != 1 || found->second.scalar_type() != type) {
    throw std::runtime_error(std::string(kName) + ": the saved state has no list of numbers \"" + key +
                             "\"; it belongs to another optimizer");
  }
  const torch::Tensor tensor = found->second.to(torch::kCPU).contiguous();
  const Number* begin = tensor.data_ptr<Number>();
  return std::vector<Number>(begin, begin + tensor.numel());
}

}  // namespace

Rmsgd::Rmsgd(const OptimizerRequest& request)
    : momentum_(kName, request),
      noise_search_(request.settings.string("sigma2_search") == "converged" ? NoiseSearch::kConverged
                                                                            : NoiseSearch::kPublished),
      rates_(make_rates(request)) {
  const RateVariant variant =
      request.settings.string("variant") == "adas" ? RateVariant::kAdas : RateVariant::kRmsgd;
  const std::vector<bool> is_measured =
      which_are_measured(request.parameters, variant, request.settings.boolean("linear"));
  for (std::size_t i = 0; i < is_measured.size(); ++i) {
    if (is_measured[i]) measured_.push_back(i);
  }
}

void Rmsgd::step(double rate_factor) {
  momentum_.step(rates_.state().rates, rate_factor);
}

void Rmsgd::epoch_end() {
  torch::NoGradGuard no_grad;
  const std::vector<NamedParameter>& parameters = momentum_.parameters();
  std::vector<torch::Tensor> weights(parameters.size());
  std::vector<Unfolding> unfoldings;
  for (const std::size_t i : measured_) {
    weights[i] = parameters[i].tensor.detach().to(torch::kCPU, torch::kFloat32);
    const std::size_t axes = weights[i].dim() == 4 ? 2 : 1;
    for (std::size_t axis = 0; axis < axes; ++axis) {
      const auto rows = static_cast<double>(weights[i].size(static_cast<std::int64_t>(axis)));
      unfoldings.push_back({i, axis, rows * static_cast<double>(weights[i].numel())});
    }
  }

  // Largest first, each to the thread that is free: one result does not depend on another.
  std::stable_sort(unfoldings.begin(), unfoldings.end(),
                   [](const Unfolding& left, const Unfolding& right) { return left.work > right.work; });
  {
    const SerialBlas serial;
    hand_out(unfoldings.size(), [&](std::size_t at) {
      const std::size_t i = unfoldings[at].parameter;
      measure(unfoldings[at], parameters[i], weights[i], noise_search_);
    });
  }

  std::vector<LayerMeasure> measures;
  std::vector<double> gains;
  for (const std::size_t i : measured_) {
    measures.push_back({parameters[i].name, summarize(unfoldings, i)});
    gains.push_back(measures.back().values.at("knowledge_gain"));
  }
  rates_.renew(gains);
  for (std::size_t at = 0; at < measured_.size(); ++at) {
    measures[at].values["learning_rate"] = rates_.state().rates[measured_[at]];
  }
  measures_ = std::move(measures);
}

std::map<std::string, torch::Tensor> Rmsgd::state() const {
  torch::NoGradGuard no_grad;
  const Rates::State& rates = rates_.state();
  std::map<std::string, torch::Tensor> state = {{"learning_rates", to_tensor(rates.rates)},
                                                {"velocity", to_tensor(rates.velocity)},
                                                {"knowledge_gain", to_tensor(rates.knowledge_gain)},
                                                {"not_ready", to_tensor(rates.not_ready)},
                                                {"zeta", to_tensor(std::vector<double>{rates.zeta})},
                                                {"epoch", to_tensor(std::vector<std::int64_t>{rates.epoch})}};
  momentum_.save(state);
  return state;
}

void Rmsgd::load_state(const std::map<std::string, torch::Tensor>& state) {
  Rates::State rates{vector_of<double>(state, "learning_rates"), vector_of<double>(state, "velocity"),
                     vector_of<double>(state, "knowledge_gain"), vector_of<std::int64_t>(state, "not_ready")};
  rates.zeta = state_like(kName, state, "zeta", torch::empty({1}, torch::kFloat64)).item<double>();
  rates.epoch = state_like(kName, state, "epoch", torch::empty({1}, torch::kInt64)).item<std::int64_t>();
  Momentum momentum = momentum_.loaded(state, 6);
  rates_.set_state(std::move(rates));
  momentum_ = std::move(momentum);
  measures_.clear();
}

}  // namespace histokt
