// SPDX-License-Identifier: MIT
// ResNet18's tensors, named and shaped as in torchvision, with meaningless values: for tests that run the
// program on weights and need no good ones.
#pragma once

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "tensors/safetensors.hpp"

namespace histokt::test {

// The same for the same seed. No metadata.
inline TensorFile resnet18_file(std::int64_t classes, std::uint64_t seed = 1) {
  TensorFile file;
  const auto add = [&](const std::string& name, std::vector<std::int64_t> shape, double middle,
                       double spread) {
    std::size_t entries = 1;
    for (const std::int64_t side : shape) entries *= static_cast<std::size_t>(side);
    std::vector<float> values(entries);
    const std::uint64_t stream = random_word(name);
    for (std::size_t i = 0; i < entries; ++i) {
      // One random number for sixteen entries, varied by their position: ten million are too many to draw.
      const double share =
          static_cast<double>(Random{seed, stream, i / 16}.below(1000) + i % 16) / 1000 - 0.5;
      values[i] = static_cast<float>(middle + spread * share);
    }
    StoredTensor tensor{name, DType::kFloat32, std::move(shape),
                        std::vector<std::byte>(entries * sizeof(float))};
    std::memcpy(tensor.bytes.data(), values.data(), tensor.bytes.size());
    file.tensors.push_back(std::move(tensor));
  };
  const auto convolution = [&](const std::string& name, std::int64_t out, std::int64_t in,
                               std::int64_t side) {
    add(name + ".weight", {out, in, side, side}, 0, std::sqrt(24.0 / static_cast<double>(in * side * side)));
  };
  const auto norm = [&](const std::string& name, std::int64_t channels) {
    add(name + ".weight", {channels}, 1, 0.1);
    add(name + ".bias", {channels}, 0, 0.1);
    add(name + ".running_mean", {channels}, 0, 0.1);
    add(name + ".running_var", {channels}, 1, 0.1);
    file.tensors.push_back({name + ".num_batches_tracked", DType::kInt64, {}, std::vector<std::byte>(8)});
  };
  convolution("conv1", 64, 3, 7);
  norm("bn1", 64);
  std::int64_t in = 64;
  for (int stage = 1; stage <= 4; ++stage) {
    const std::int64_t out = std::int64_t{32} << stage;
    for (int block = 0; block < 2; ++block) {
      const std::string name = "layer" + std::to_string(stage) + "." + std::to_string(block);
      convolution(name + ".conv1", out, in, 3);
      norm(name + ".bn1", out);
      convolution(name + ".conv2", out, out, 3);
      norm(name + ".bn2", out);
      if (in != out) {
        convolution(name + ".downsample.0", out, in, 1);
        norm(name + ".downsample.1", out);
      }
      in = out;
    }
  }
  add("fc.weight", {classes, in}, 0, 1);
  add("fc.bias", {classes}, 0, 1);
  return file;
}

}  // namespace histokt::test
