// SPDX-License-Identifier: MIT
// Merges three networks of ResNet18's shapes, made of random numbers, with the svd distiller. Writes the
// networks to a folder for others to merge, if one is given, and the seconds of the best of two merges to
// standard output.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include <histokt/distiller.hpp>

#include "base/random.hpp"
#include "distill/merge.hpp"
#include "svd/svd.hpp"

namespace histokt {
namespace {

using Seconds = std::chrono::duration<double>;

// Normal numbers of that deviation around `middle`.
void add_random(TensorFile& network, Random& random, const std::string& name, std::vector<std::int64_t> shape,
                double middle, double deviation) {
  StoredTensor tensor{name, DType::kFloat32, std::move(shape), {}};
  std::size_t size = 1;
  for (std::int64_t side : tensor.shape) size *= static_cast<std::size_t>(side);
  tensor.bytes.resize(size * sizeof(float));
  for (std::size_t i = 0; i < size; ++i)
    tensor.floats()[i] = static_cast<float>(middle + deviation * random.normal());
  network.tensors.push_back(std::move(tensor));
}

TensorFile resnet18(std::uint64_t seed) {
  Random random{seed, random_word("bench")};
  TensorFile network;
  const auto convolution = [&](const std::string& name, std::int64_t out, std::int64_t in,
                               std::int64_t side) {
    // He et al.'s, so that what comes out of a layer is as large as what goes in.
    add_random(network, random, name + ".weight", {out, in, side, side}, 0,
               std::sqrt(2.0 / static_cast<double>(in * side * side)));
  };
  const auto norm = [&](const std::string& name, std::int64_t channels) {
    for (const char* part : {".weight", ".running_var"}) {
      add_random(network, random, name + part, {channels}, 1, 0.05);
    }
    for (const char* part : {".bias", ".running_mean"}) {
      add_random(network, random, name + part, {channels}, 0, 0.02);
    }
  };
  convolution("conv1", 64, 3, 7);
  norm("bn1", 64);
  for (std::int64_t layer = 1, in = 64; layer <= 4; ++layer) {
    const std::int64_t out = std::int64_t{64} << (layer - 1);
    for (int block = 0; block < 2; ++block) {
      const std::string name = "layer" + std::to_string(layer) + "." + std::to_string(block);
      convolution(name + ".conv1", out, in, 3);
      norm(name + ".bn1", out);
      convolution(name + ".conv2", out, out, 3);
      norm(name + ".bn2", out);
      if (in != out) convolution(name + ".downsample.0", out, in, 1), norm(name + ".downsample.1", out);
      in = out;
    }
  }
  add_random(network, random, "fc.weight", {5, 512}, 0, 0.02);
  add_random(network, random, "fc.bias", {5}, 0, 0.02);
  return network;
}

double seconds_of_merge(const std::vector<MergeInput>& sources, TensorFile& merged) {
  const histokt_host host = {sizeof(histokt_host), 0, nullptr, [](const histokt_host*, const char*) {},
                             [](const histokt_host*, const char*) -> const void* { return nullptr; }};
  const histokt_value values[] = {{"rank", HISTOKT_INTEGER, 0, 0, 0, nullptr, nullptr, 0},
                                  {"reference", HISTOKT_STRING, 0, 0, 0, "first", nullptr, 0},
                                  {"rescale", HISTOKT_STRING, 0, 0, 0, "none", nullptr, 0},
                                  {"directions", HISTOKT_STRING, 0, 0, 0, "joint", nullptr, 0},
                                  {"seed", HISTOKT_INTEGER, 0, 0, 0, nullptr, nullptr, 0}};
  const histokt_settings settings = {sizeof settings, sizeof(histokt_value), values, std::size(values)};
  const auto start = std::chrono::steady_clock::now();
  SvdDistiller distiller(DistillerRequest{Settings(settings), Host(&host)});
  merged = merge_tensors(sources, nullptr, {},
                         [&](const histokt_merge& merge) { distiller.merge(Merge(&merge)); });
  return Seconds(std::chrono::steady_clock::now() - start).count();
}

}  // namespace
}  // namespace histokt

int main(int argc, char** argv) {
  using namespace histokt;
  std::vector<MergeInput> sources;
  for (std::uint64_t seed = 0; seed < 3; ++seed) sources.push_back({std::to_string(seed), resnet18(seed)});
  TensorFile merged;
  double best = seconds_of_merge(sources, merged);
  best = std::min(best, seconds_of_merge(sources, merged));
  if (argc > 1) {
    const std::filesystem::path folder = argv[1];
    for (const MergeInput& source : sources) {
      write_safetensors(folder / ("source" + source.name + ".safetensors"), source.content);
    }
    write_safetensors(folder / "merged.safetensors", merged);
  }
  std::printf("%.3f\n", best);
}
