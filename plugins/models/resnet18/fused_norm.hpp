// SPDX-License-Identifier: MIT
// Batch normalisation together with what follows it in a residual network, in as few passes over memory as
// possible: with images of 272 x 272 every pass is bound by memory, and norm, ReLU, shortcut and pooling
// apart cost a third of a training step.
//
//   norm_relu(x)            relu(norm(x))
//   norm_relu(x, shortcut)  relu(norm(x) + shortcut)
//   norm_relu_pool(x)       max_pool(relu(norm(x))), 3 x 3, stride 2, padding 1
//   norm(x)                 norm(x)
//
// For (N, C, H, W) on the CPU in channels-last order, float32, float64 or bfloat16; statistics and sums are
// at least float32. Everything else uses libtorch's own operations, which give the same up to rounding. The
// same input gives the same bits whatever the number of threads. There are no second derivatives.
#pragma once

#include <torch/types.h>

namespace histokt {

// The tensors of one batch normalisation, (C) each. Ioffe and Szegedy 2015:
// weight (x - mean) / sqrt(variance + epsilon) + bias.
struct BatchNorm {
  static constexpr double kMomentum = 0.1;
  static constexpr double kEpsilon = 1e-5;

  torch::Tensor weight, bias;
  torch::Tensor mean, variance;  // running: moved by kMomentum towards the batch's, the variance unbiased

  // With batch_statistics the batch's mean and variance normalise, and the running ones move. If no gradient
  // is required the result may take the input's memory, so nothing else may use the input afterwards.
  torch::Tensor norm(const torch::Tensor& input, bool batch_statistics) const;
  torch::Tensor norm_relu(const torch::Tensor& input, bool batch_statistics) const;
  torch::Tensor norm_relu(const torch::Tensor& input, const torch::Tensor& shortcut,
                          bool batch_statistics) const;
  torch::Tensor norm_relu_pool(const torch::Tensor& input, bool batch_statistics) const;

  // libtorch's own operation.
  torch::Tensor unfused(const torch::Tensor& input, bool batch_statistics) const;
};

}  // namespace histokt
