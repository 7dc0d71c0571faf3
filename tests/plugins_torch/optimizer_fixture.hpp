// SPDX-License-Identifier: MIT
// Parameters of a small network, fed with golden gradients: what the tests of the optimizers share.
#pragma once

#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <torch/utils.h>
#include <histokt/optimizer.hpp>

#include <algorithm>
#include <map>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
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

  // A weight (2, 3) and a bias (3); entry i of all nine starts at ((7 i) mod 11 - 5) / 10.
  static Parameters nine() {
    Parameters parameters;
    const torch::Tensor entries =
        torch::arange(9, torch::kInt64).mul(7).remainder(11).sub(5).to(torch::kFloat32) / 10;
    parameters.add("fc.weight", entries.narrow(0, 0, 6).clone().view({2, 3}));
    parameters.add("fc.bias", entries.narrow(0, 6, 3).clone());
    return parameters;
  }

  // Gradients of nine(): entry i in step s has ((5 i + 3 s) mod 13 - 6) / 10.
  void set_nine_gradients(int step) {
    const torch::Tensor entries =
        torch::arange(9, torch::kInt64).mul(5).add(3 * step).remainder(13).sub(6).to(torch::kFloat64) / 10;
    std::int64_t at = 0;
    for (NamedParameter& parameter : named_) {
      const std::int64_t count = parameter.tensor.numel();
      parameter.tensor.mutable_grad() =
          entries.narrow(0, at, count).view(parameter.tensor.sizes()).to(parameter.tensor.scalar_type());
      at += count;
    }
  }

  // All entries, one parameter after the other.
  torch::Tensor entries() const {
    std::vector<torch::Tensor> parts;
    for (const NamedParameter& parameter : named_) parts.push_back(parameter.tensor.detach().reshape({-1}));
    return torch::cat(parts);
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

using Options = std::map<std::string, OptionValue>;

// The options that a golden run was made with: those the metadata has, written as Python prints them
// ("False", "0.9", "(0.9, 0.999)"); the optimizer's own defaults for the rest.
inline Options options_of(const GoldenFile& golden, std::span<const histokt_option> declared) {
  const auto numbers_in = [](std::string text) {
    for (char& letter : text) {
      if (std::string_view("()[],").find(letter) != std::string_view::npos) letter = ' ';
    }
    std::istringstream stream(text);
    std::vector<double> numbers;
    for (double number; stream >> number;) numbers.push_back(number);
    return numbers;
  };
  Options options;
  for (const histokt_option& option : declared) {
    const auto found = golden.metadata.find(option.key);
    if (found == golden.metadata.end()) continue;
    const std::string& text = found->second;
    switch (option.type) {
      case HISTOKT_BOOLEAN:
        options[option.key] = text == "True" || text == "true" || text == "1";
        break;
      case HISTOKT_INTEGER:
        options[option.key] = std::int64_t{golden.integer(option.key)};
        break;
      case HISTOKT_NUMBER:
        options[option.key] = golden.number(option.key);
        break;
      case HISTOKT_NUMBER + HISTOKT_LIST:
        options[option.key] = numbers_in(text);
        break;
      default:
        options[option.key] = text;
    }
  }
  return options;
}

// Makes one of the given parameters.
template <typename Kind>
auto maker(double rate, const Options& options = {}) {
  return [=](const Parameters& parameters) {
    const TestSettings settings(Kind::kOptions, options);
    return Kind(OptimizerRequest{settings.view(), Host(nullptr), parameters.named(), rate});
  };
}

// The entries of Parameters::nine() after six steps of an optimizer, the last three at half the rate. `make`
// makes it of them.
template <typename Make>
torch::Tensor after_six_steps(torch::Dtype dtype, const Make& make) {
  Parameters parameters = Parameters::nine();
  parameters.convert(dtype);
  auto optimizer = make(parameters);
  for (int step = 0; step < 6; ++step) {
    parameters.set_nine_gradients(step);
    optimizer.step(step < 3 ? 1 : 0.5);
  }
  return parameters.entries();
}

// What PyTorch 1.13's optimizer makes of them, in double precision.
template <typename Make>
void expect_after_six_steps(const Make& make, const std::vector<double>& expected) {
  for (const torch::Dtype dtype : {torch::kFloat32, torch::kFloat64}) {
    const torch::Tensor found = after_six_steps(dtype, make);
    EXPECT_LT(relative_error(found, torch::tensor(expected, torch::kFloat64)), 1e-6) << dtype;
  }
}

// A weight of several pieces of work, after three steps along gradients of its own, with so many threads.
template <typename Make>
torch::Tensor after_steps_of_threads(int threads, const Make& make) {
  const int before = at::get_num_threads();
  at::set_num_threads(threads);
  Parameters parameters;
  torch::manual_seed(1);
  parameters.add("weight", torch::randn({256, 128, 3, 3}));
  auto optimizer = make(parameters);
  for (int step = 0; step < 3; ++step) {
    parameters.named()[0].tensor.mutable_grad() = torch::randn({256, 128, 3, 3});
    optimizer.step(1);
  }
  at::set_num_threads(before);
  return parameters.entries();
}

// The entries of nine() after four steps, without and with a pause after two of them in which the state is
// saved and another optimizer goes on from it.
template <typename Make>
std::pair<torch::Tensor, torch::Tensor> without_and_with_a_pause(const Make& make) {
  Parameters straight = Parameters::nine(), resumed = Parameters::nine();
  auto undisturbed = make(straight), first = make(resumed), second = make(resumed);
  for (int step = 0; step < 4; ++step) {
    straight.set_nine_gradients(step);
    undisturbed.step(0.5);
    resumed.set_nine_gradients(step);
    if (step == 2) second.load_state(first.state());
    (step < 2 ? first : second).step(0.5);
  }
  return {straight.entries(), resumed.entries()};
}

}  // namespace histokt::testing
