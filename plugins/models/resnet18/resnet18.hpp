// SPDX-License-Identifier: MIT
// ResNet18: a stem, four stages of two residual blocks, a linear head. The names, shapes and order of its
// tensors are torchvision's, so that its state dicts and ours are interchangeable.
//
//   encode    (N, 3, H, W) -> (N, 512, H/32, W/32)   stem, layer1 .. layer4
//   pool      -> (N, 512)                            mean over positions
//   classify  -> (N, classes)                        fc
//
// The memory format of images and weights is left as it is. A model belongs to one thread at a time.
#pragma once

#include <histokt/model.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/resnet18/fused_norm.hpp"

namespace histokt {

class ResNet18 final : public Model {
 public:
  static constexpr histokt_option kOptions[] = {
      boolean_option("zero_init_residual", "false",
                     "Start the last norm of each block at 0, so that every block begins as the identity."),
  };

  // Random weights, a function of the request's seed alone: convolutions normal with deviation
  // sqrt(2 / (n_o kh kw)), norms 1 and 0, the head uniform within 1 / sqrt(512).
  explicit ResNet18(const ModelRequest& request);

  torch::Tensor encode(const torch::Tensor& images) override;
  torch::Tensor pool(const torch::Tensor& activations) override;
  torch::Tensor classify(const torch::Tensor& features) override;
  void reset_head(std::int64_t classes, std::uint64_t seed) override;
  std::vector<ModelTensor> tensors() override;
  void set_training(bool training, bool frozen_encoder) override;
  void to(torch::Device device) override;

 private:
  struct Convolution {
    torch::Tensor weight;  // (n_o, n_i, k, k)
    std::int64_t stride;

    torch::Tensor operator()(const torch::Tensor& input) const;
  };

  struct Norm : BatchNorm {
    torch::Tensor batches;  // num_batches_tracked: scalar, 64-bit integer

    // The norm, after counting the batch.
    BatchNorm& counted(bool training);
  };

  struct Projection {  // of the shortcut, if a block changes the shape
    Convolution convolution;
    Norm norm;
  };

  struct Block {
    Convolution convolution1;
    Norm norm1;
    Convolution convolution2;
    Norm norm2;
    std::optional<Projection> downsample;

    torch::Tensor operator()(const torch::Tensor& input, bool training);
  };

  Convolution convolution_;
  Norm norm_;
  std::array<std::array<Block, 2>, 4> stages_;
  torch::Tensor head_weight_, head_bias_;
  bool encoder_training_ = false;
};

}  // namespace histokt
