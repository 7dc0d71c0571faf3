// SPDX-License-Identifier: MIT
// The C++ interface of optimizer plugins. It differs from torch::optim: a rate for each tensor, work at the
// end of an epoch (RMSGD measures the weights there), and state as named tensors. Uses libtorch: see
// <histokt/model.hpp>. An optimizer belongs to one thread at a time.
#pragma once

#include <histokt/model.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace histokt {

struct NamedParameter {
  std::string name;
  torch::Tensor tensor;  // requires_grad; shares memory with the model
};

struct OptimizerRequest {
  Settings settings;  // valid during the constructor
  Host host;
  // All trainable parameters in the state dict's order. RMSGD's rates depend on that order.
  std::vector<NamedParameter> parameters;
  double learning_rate;  // the initial one, > 0
};

// Layer statistics that an optimizer measures at the end of an epoch, one row per tensor of a CSV.
struct LayerMeasure {
  std::string parameter;
  std::map<std::string, double> values;  // "rank", "knowledge_gain", "condition" ...
};

class HISTOKT_EXPORT Optimizer {
 public:
  virtual ~Optimizer();

  // One step along the parameters' .grad; a parameter without a gradient stays as it is. Every learning rate
  // is multiplied by rate_factor, which is where a schedule acts (1: none).
  virtual void step(double rate_factor) = 0;

  // Called once after the training part of each epoch, before validation.
  virtual void epoch_end() {}

  // The rate each parameter would be stepped with now, before rate_factor.
  virtual std::vector<double> learning_rates() const = 0;

  // Everything needed to continue with the same bits. load_state takes what state returned, and throws
  // std::runtime_error if it does not fit the parameters.
  virtual std::map<std::string, torch::Tensor> state() const = 0;
  virtual void load_state(const std::map<std::string, torch::Tensor>& state) = 0;

  // The layer statistics of the last epoch_end; empty for most optimizers.
  virtual std::vector<LayerMeasure> measures() const { return {}; }
};

struct OptimizerApi {
  std::uint32_t struct_size;
  std::unique_ptr<Optimizer> (*create)(const OptimizerRequest& request);
};

}  // namespace histokt

// Defines the plugin: once, at global scope. Class has kOptions and a constructor from OptimizerRequest.
#define HISTOKT_OPTIMIZER_PLUGIN(Class, name, version, summary, licence, citation)                        \
  HISTOKT_TORCH_PLUGIN_("optimizer", HISTOKT_OPTIMIZER, Class, OptimizerApi, OptimizerRequest, Optimizer, \
                        name, version, summary, licence, citation)
