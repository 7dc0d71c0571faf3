// Parameters of a small network, fed with golden gradients: what the tests of the optimizers share.
#pragma once

#include <histokt/optimizer.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "support/golden_torch.hpp"
#include "support/settings.hpp"

namespace histokt::testing {

class Parameters {
 public:
  Parameters() = default;

  // The tensors init/NAME of a golden file, in its order.
  static Parameters from_golden(const TorchGolden& golden) {
    Parameters parameters;
    const std::string prefix = "init/";
    for (const std::string& name : golden.names) {
      if (name.rfind(prefix, 0) == 0) parameters.add(name.substr(prefix.size()), golden.at(name).clone());
    }
    return parameters;
  }

  void add(const std::string& name, const torch::Tensor& start) {
    named_.push_back({name, start.requires_grad_()});
  }

  void convert(torch::Dtype dtype) {
    for (NamedParameter& parameter : named_) {
      parameter.tensor = parameter.tensor.detach().to(dtype).clone().requires_grad_();
    }
  }

  void make_channels_last() {
    for (NamedParameter& parameter : named_) {
      if (parameter.tensor.dim() != 4) continue;
      parameter.tensor.set_data(parameter.tensor.data().contiguous(torch::MemoryFormat::ChannelsLast));
    }
  }

  // grad{step}/NAME, laid out as the parameter is.
  void set_gradients(const TorchGolden& golden, int step) {
    for (NamedParameter& parameter : named_) {
      torch::Tensor gradient = torch::empty_like(parameter.tensor.detach());
      gradient.copy_(golden.at("grad" + std::to_string(step) + "/" + parameter.name));
      parameter.tensor.mutable_grad() = gradient;
    }
  }

  // Largest relative error against after{step}/NAME.
  double error(const TorchGolden& golden, int step) const {
    double worst = 0;
    for (const NamedParameter& parameter : named_) {
      const torch::Tensor& expected = golden.at("after" + std::to_string(step) + "/" + parameter.name);
      worst = std::max(worst, relative_error(parameter.tensor, expected));
    }
    return worst;
  }

  bool equal(const Parameters& other) const {
    return std::equal(named_.begin(), named_.end(), other.named_.begin(), other.named_.end(),
                      [](const auto& left, const auto& right) { return left.tensor.equal(right.tensor); });
  }

  const std::vector<NamedParameter>& named() const { return named_; }

 private:
  std::vector<NamedParameter> named_;
};

}  // namespace histokt::testing
