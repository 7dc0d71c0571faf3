// SPDX-License-Identifier: MIT
#include "models/resnet18/resnet18.hpp"

#include <ATen/CPUGeneratorImpl.h>

#include <cmath>
#include <stdexcept>
#include <string>

namespace histokt {
namespace {

constexpr std::int64_t kFeatures = 512;
constexpr std::array<std::int64_t, 4> kStageChannels = {64, 128, 256, 512};
constexpr std::uint64_t kHeadStream = 1u << 20;  // far from the convolutions' numbers

// The generator of tensor `stream`. libtorch seeds it with 32 bits only, so all 64 are mixed (splitmix64).
at::Generator random_stream(std::uint64_t seed, std::uint64_t stream) {
  std::uint64_t bits = seed + (stream + 1) * 0x9E3779B97F4A7C15u;
  bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9u;
  bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBu;
  return at::detail::createCPUGenerator((bits ^ (bits >> 31)) >> 32);
}

// Weights (n_o, n_i, k, k) after He et al. 2015, normal, fan-out.
torch::Tensor convolution_weight(std::int64_t out, std::int64_t in, std::int64_t kernel,
                                 at::Generator random) {
  const double deviation = std::sqrt(2.0 / static_cast<double>(out * kernel * kernel));
  return torch::empty({out, in, kernel, kernel}).normal_(0, deviation, random).requires_grad_();
}

std::string stage_channels(std::size_t stage) {
  return "stage" + std::to_string(stage + 1);
}

// Writes the state dict, name by name.
class StateDict {
 public:
  template <typename Convolution>
  void add_convolution(const std::string& name, const Convolution& convolution, const std::string& out,
                       const std::string& in) {
    add(name + ".weight", convolution.weight, HISTOKT_ROLE_CONVOLUTION, {out, in, "", ""});
  }

  template <typename Norm>
  void add_norm(const std::string& name, const Norm& norm, const std::string& channels) {
    add(name + ".weight", norm.weight, HISTOKT_ROLE_NORM, {channels});
    add(name + ".bias", norm.bias, HISTOKT_ROLE_NORM, {channels});
    add(name + ".running_mean", norm.mean, HISTOKT_ROLE_NORM_STATISTIC, {channels});
    add(name + ".running_var", norm.variance, HISTOKT_ROLE_NORM_STATISTIC, {channels});
    add(name + ".num_batches_tracked", norm.batches, HISTOKT_ROLE_OTHER, {});
  }

  void add(std::string name, const torch::Tensor& tensor, histokt_role role,
           std::vector<std::string> channels) {
    const bool trainable = role != HISTOKT_ROLE_NORM_STATISTIC && role != HISTOKT_ROLE_OTHER;
    tensors_.push_back({std::move(name), tensor, role, trainable, std::move(channels)});
  }

  std::vector<ModelTensor> take() { return std::move(tensors_); }

 private:
  std::vector<ModelTensor> tensors_;
};

}  // namespace

torch::Tensor ResNet18::Convolution::operator()(const torch::Tensor& input) const {
  return torch::conv2d(input, weight, {}, stride, weight.size(2) / 2);
}

BatchNorm& ResNet18::Norm::counted(bool training) {
  if (training) batches.add_(1);
  return *this;
}

torch::Tensor ResNet18::Block::operator()(const torch::Tensor& input, bool training) {
  const torch::Tensor inner = norm1.counted(training).norm_relu(convolution1(input), training);
  const torch::Tensor output = convolution2(inner);
  const torch::Tensor shortcut =
      downsample ? downsample->norm.counted(training).norm(downsample->convolution(input), training) : input;
  return norm2.counted(training).norm_relu(output, shortcut, training);
}

ResNet18::ResNet18(const ModelRequest& request) {
  const bool zero_init_residual = request.settings.boolean("zero_init_residual");
  std::uint64_t stream = 0;
  const auto convolution = [&](std::int64_t out, std::int64_t in, std::int64_t kernel, std::int64_t stride) {
    return Convolution{convolution_weight(out, in, kernel, random_stream(request.seed, stream++)), stride};
  };
  const auto norm = [](std::int64_t channels, bool zero = false) {
    torch::Tensor weight = zero ? torch::zeros({channels}) : torch::ones({channels});
    return Norm{{weight.requires_grad_(), torch::zeros({channels}).requires_grad_(), torch::zeros({channels}),
                 torch::ones({channels})},
                torch::zeros({}, torch::kInt64)};
  };

  convolution_ = convolution(kStageChannels[0], 3, 7, 2);
  norm_ = norm(kStageChannels[0]);
  std::int64_t in = kStageChannels[0];
  for (std::size_t stage = 0; stage < stages_.size(); ++stage) {
    const std::int64_t out = kStageChannels[stage];
    for (Block& block : stages_[stage]) {
      const std::int64_t stride = in == out ? 1 : 2;
      block.convolution1 = convolution(out, in, 3, stride);
      block.norm1 = norm(out);
      block.convolution2 = convolution(out, out, 3, 1);
      block.norm2 = norm(out, zero_init_residual);
      if (stride != 1) block.downsample = Projection{convolution(out, in, 1, stride), norm(out)};
      in = out;
    }
  }
  reset_head(request.classes, request.seed);
}

torch::Tensor ResNet18::encode(const torch::Tensor& images) {
  torch::Tensor activations =
      norm_.counted(encoder_training_).norm_relu_pool(convolution_(images), encoder_training_);
  for (auto& stage : stages_) {
    for (Block& block : stage) activations = block(activations, encoder_training_);
  }
  return activations;
}

torch::Tensor ResNet18::pool(const torch::Tensor& activations) {
  return torch::adaptive_avg_pool2d(activations, {1, 1}).flatten(1);
}

torch::Tensor ResNet18::classify(const torch::Tensor& features) {
  return torch::linear(features, head_weight_, head_bias_);
}

void ResNet18::reset_head(std::int64_t classes, std::uint64_t seed) {
  if (classes < 1) {
    throw std::runtime_error("resnet18: the head needs at least one class, not " + std::to_string(classes));
  }
  // torch::nn::Linear's own start: uniform within 1 / sqrt(inputs), weight and bias alike.
  const double bound = 1 / std::sqrt(static_cast<double>(kFeatures));
  const torch::Device device = convolution_.weight.device();
  const auto uniform = [&](at::IntArrayRef shape, std::uint64_t stream) {
    return torch::empty(shape)
        .uniform_(-bound, bound, random_stream(seed, stream))
        .to(device)
        .requires_grad_();
  };
  head_weight_ = uniform({classes, kFeatures}, kHeadStream);
  head_bias_ = uniform({classes}, kHeadStream + 1);
}

std::vector<ModelTensor> ResNet18::tensors() {
  StateDict dict;
  std::string in = stage_channels(0);
  dict.add_convolution("conv1", convolution_, in, "");
  dict.add_norm("bn1", norm_, in);
  for (std::size_t stage = 0; stage < stages_.size(); ++stage) {
    const std::string out = stage_channels(stage);
    for (std::size_t index = 0; index < stages_[stage].size(); ++index) {
      const Block& block = stages_[stage][index];
      const std::string name = "layer" + std::to_string(stage + 1) + "." + std::to_string(index);
      const std::string inner = name + ".inner";
      dict.add_convolution(name + ".conv1", block.convolution1, inner, in);
      dict.add_norm(name + ".bn1", block.norm1, inner);
      dict.add_convolution(name + ".conv2", block.convolution2, out, inner);
      dict.add_norm(name + ".bn2", block.norm2, out);
      if (block.downsample) {
        dict.add_convolution(name + ".downsample.0", block.downsample->convolution, out, in);
        dict.add_norm(name + ".downsample.1", block.downsample->norm, out);
      }
      in = out;
    }
  }
  dict.add("fc.weight", head_weight_, HISTOKT_ROLE_HEAD, {"", in});
  dict.add("fc.bias", head_bias_, HISTOKT_ROLE_HEAD, {""});
  return dict.take();
}

void ResNet18::set_training(bool training, bool frozen_encoder) {
  encoder_training_ = training && !frozen_encoder;
}

void ResNet18::to(torch::Device device) {
  for (ModelTensor& entry : tensors()) entry.tensor.set_data(entry.tensor.data().to(device));
}

}  // namespace histokt
