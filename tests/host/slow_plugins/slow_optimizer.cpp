// SPDX-License-Identifier: MIT
// Plain gradient descent, which hangs in its second epoch on request.
#include <torch/utils.h>
#include <histokt/optimizer.hpp>

#include "hang.hpp"

namespace {

class Slow : public histokt::Optimizer {
 public:
  static constexpr histokt_option kOptions[] = {
      histokt::boolean_option("nothing", "false", "Options are a must."),
  };

  explicit Slow(const histokt::OptimizerRequest& request)
      : parameters_(request.parameters), rate_(request.learning_rate), epochs_(torch::zeros({1})) {}

  void step(double rate_factor) override {
    if (epochs_.item<float>() > 0) hang_if_asked("step");
    const torch::NoGradGuard no_gradient;
    for (histokt::NamedParameter& parameter : parameters_) {
      if (parameter.tensor.grad().defined())
        parameter.tensor.sub_(parameter.tensor.grad(), rate_ * rate_factor);
    }
  }
  void epoch_end() override {
    if (epochs_.item<float>() > 0) hang_if_asked("epoch-end");
    epochs_ += 1;
  }
  std::vector<double> learning_rates() const override {
    return std::vector<double>(parameters_.size(), rate_);
  }
  std::map<std::string, torch::Tensor> state() const override { return {{"epochs", epochs_}}; }
  void load_state(const std::map<std::string, torch::Tensor>& state) override {
    epochs_.copy_(state.at("epochs"));
  }

 private:
  std::vector<histokt::NamedParameter> parameters_;
  double rate_;
  torch::Tensor epochs_;
};

}  // namespace

HISTOKT_OPTIMIZER_PLUGIN(Slow, "slow", "1.0.0", "Gradient descent that hangs", "MIT", "");
