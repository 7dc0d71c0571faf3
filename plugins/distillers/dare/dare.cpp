// SPDX-License-Identifier: MIT
#include "dare/dare.hpp"

#include <bit>
#include <string_view>

#include "task-arithmetic/task_vectors.hpp"

namespace histokt {
namespace {

// splitmix64 (Steele, Lea, Flood 2014).
std::uint64_t mixed(std::uint64_t bits) {
  bits += 0x9E3779B97F4A7C15u;
  bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9u;
  bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBu;
  return bits ^ (bits >> 31);
}

// The key of one tensor of one source. Sources are told apart by what they hold, not by their place.
std::uint64_t key_of(std::uint64_t seed, std::string_view name, std::span<const float> entries) {
  std::uint64_t key = mixed(seed);
  for (char letter : name) key = mixed(key ^ static_cast<unsigned char>(letter));
  for (float entry : entries) key = mixed(key ^ std::bit_cast<std::uint32_t>(entry));
  return key;
}

// Uniform in [0, 1).
double uniform(std::uint64_t key, std::uint64_t index) {
  return static_cast<double>(mixed(key ^ mixed(index)) >> 11) * 0x1p-53;
}

}  // namespace

void DareDistiller::merge(const Merge& merge) {
  const double factor = scale_ / (1 - drop_);
  std::vector<double> sum;
  merge_task_vectors(task_tensors(merge), host_, [&](const TaskTensor& tensor, std::span<float> result) {
    sum.assign(result.size(), 0.0);
    for (std::size_t s = 0; s < tensor.sources.size(); ++s) {
      const std::uint64_t key = key_of(seed_, tensor.output.name(), tensor.sources[s]);
      for (std::size_t i = 0; i < sum.size(); ++i) {
        if (uniform(key, i) >= drop_) sum[i] += tensor.difference(s, i);
      }
    }
    for (std::size_t i = 0; i < sum.size(); ++i) {
      result[i] = static_cast<float>(tensor.base[i] + factor * sum[i]);
    }
  });
}

}  // namespace histokt
