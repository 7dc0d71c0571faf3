// SPDX-License-Identifier: MIT
// A network and an optimizer small enough to train in a test, and patches that can be learnt.
#pragma once

#include <torch/nn.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>
#include <histokt/model.hpp>
#include <histokt/optimizer.hpp>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/patch_source.hpp"
#include "base/random.hpp"

namespace histokt::testing {

// Two convolutions with batch-norm, dropout, and a head: (N, 3, H, W) -> (N, 8, H/4, W/4) -> (N, 8) ->
// logits.
class TinyModel : public Model {
 public:
  explicit TinyModel(std::int64_t classes, std::uint64_t seed = 1) {
    torch::manual_seed(seed);
    conv1_ = net_->register_module(
        "conv1", torch::nn::Conv2d(torch::nn::Conv2dOptions(3, 8, 3).stride(2).padding(1).bias(false)));
    bn1_ = net_->register_module("bn1", torch::nn::BatchNorm2d(8));
    conv2_ = net_->register_module(
        "conv2", torch::nn::Conv2d(torch::nn::Conv2dOptions(8, 8, 3).stride(2).padding(1).bias(false)));
    bn2_ = net_->register_module("bn2", torch::nn::BatchNorm2d(8));
    fc_ = net_->register_module("fc", torch::nn::Linear(8, classes));
  }

  torch::Tensor encode(const torch::Tensor& images) override {
    const torch::Tensor first = torch::relu(bn1_(conv1_(images)));
    return torch::dropout(torch::relu(bn2_(conv2_(first))), 0.1, training_);
  }
  torch::Tensor pool(const torch::Tensor& activations) override { return activations.mean({2, 3}); }
  torch::Tensor classify(const torch::Tensor& features) override { return fc_(features); }

  void reset_head(std::int64_t classes, std::uint64_t seed) override {
    torch::manual_seed(seed);
    fc_ = net_->replace_module("fc", torch::nn::Linear(8, classes));
  }

  std::vector<ModelTensor> tensors() override {
    std::vector<ModelTensor> result;
    for (const auto& module : net_->named_children()) {
      const auto role = module.key() == "fc"             ? HISTOKT_ROLE_HEAD
                        : module.key().starts_with("bn") ? HISTOKT_ROLE_NORM
                                                         : HISTOKT_ROLE_CONVOLUTION;
      for (const auto& p : module.value()->named_parameters()) {
        result.push_back({module.key() + "." + p.key(), p.value(), role, true});
      }
      for (const auto& b : module.value()->named_buffers()) {
        result.push_back({module.key() + "." + b.key(), b.value(), role, false});
      }
    }
    return result;
  }

  void set_training(bool training, bool frozen_encoder) override {
    training_ = training && !frozen_encoder;
    net_->train(training_);
  }
  void to(torch::Device device) override { net_->to(device); }

 private:
  std::shared_ptr<torch::nn::Module> net_ = std::make_shared<torch::nn::Module>("tiny");
  torch::nn::Conv2d conv1_{nullptr}, conv2_{nullptr};
  torch::nn::BatchNorm2d bn1_{nullptr}, bn2_{nullptr};
  torch::nn::Linear fc_{nullptr};
  bool training_ = false;
};

// Gradient descent with momentum; counts its calls.
class PlainSgd final : public Optimizer {
 public:
  PlainSgd(std::vector<NamedParameter> parameters, double rate)
      : parameters_(std::move(parameters)), rate_(rate) {
    for (const NamedParameter& p : parameters_) momentum_.push_back(torch::zeros_like(p.tensor));
  }

  void step(double rate_factor) override {
    const torch::NoGradGuard no_gradient;
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      torch::Tensor tensor = parameters_[i].tensor;
      if (!tensor.grad().defined()) continue;
      momentum_[i].mul_(0.9).add_(tensor.grad());
      tensor.sub_(momentum_[i], rate_ * rate_factor);
    }
  }
  void epoch_end() override { ++epochs_; }
  std::vector<double> learning_rates() const override {
    return std::vector<double>(parameters_.size(), rate_);
  }
  std::map<std::string, torch::Tensor> state() const override {
    std::map<std::string, torch::Tensor> state{{"epochs", torch::tensor(epochs_)}};
    for (std::size_t i = 0; i < parameters_.size(); ++i)
      state["momentum/" + parameters_[i].name] = momentum_[i];
    return state;
  }
  void load_state(const std::map<std::string, torch::Tensor>& state) override {
    const torch::NoGradGuard no_gradient;
    epochs_ = state.at("epochs").item<std::int64_t>();
    for (std::size_t i = 0; i < parameters_.size(); ++i)
      momentum_[i].copy_(state.at("momentum/" + parameters_[i].name));
  }
  std::vector<LayerMeasure> measures() const override {
    return {{parameters_[0].name, {{"epochs", static_cast<double>(epochs_)}}}};
  }

 private:
  std::vector<NamedParameter> parameters_;
  std::vector<torch::Tensor> momentum_;
  double rate_;
  std::int64_t epochs_ = 0;
};

// Noise whose mean colour shows the class. Multi-label: class c is present if bit c of the patch's number is
// set.
class ColouredPatches final : public PatchSource {
 public:
  ColouredPatches(std::size_t count, int classes, bool multi_label = false, int side = 16,
                  std::uint64_t seed = 5)
      : count_(count), classes_(classes), multi_(multi_label), side_(side) {
    const std::size_t bytes = static_cast<std::size_t>(side) * side * 3;
    for (std::size_t i = 0; i < count; ++i) {
      Random random{seed, i};
      single_.push_back(static_cast<std::int64_t>(i % classes));
      const std::uint64_t bits = random.bits();
      for (int c = 0; c < classes; ++c) many_.push_back((bits >> c) & 1);
      for (std::size_t k = 0; k < bytes; ++k) {
        const int channel = static_cast<int>(k % 3);
        const bool bright = multi_ ? ((bits >> channel) & 1) : (single_.back() % 3 == channel);
        pixels_.push_back(static_cast<std::uint8_t>(random.below(160) + (bright ? 60 : 0)));
      }
    }
  }

  std::size_t size() const override { return count_; }
  int patch_side() const override { return side_; }
  int class_count() const override { return classes_; }
  bool multi_label() const override { return multi_; }
  std::span<const std::uint8_t> pixels(std::size_t index) const override {
    const std::size_t bytes = static_cast<std::size_t>(side_) * side_ * 3;
    return std::span(pixels_).subspan(index * bytes, bytes);
  }
  std::int64_t label(std::size_t index) const override { return single_[index]; }
  std::span<const std::uint8_t> labels(std::size_t index) const override {
    return std::span(many_).subspan(index * classes_, classes_);
  }

 private:
  std::size_t count_;
  int classes_;
  bool multi_;
  int side_;
  std::vector<std::uint8_t> pixels_, many_;
  std::vector<std::int64_t> single_;
};

}  // namespace histokt::testing
