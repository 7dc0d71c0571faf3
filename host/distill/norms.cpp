// SPDX-License-Identifier: MIT
#include "distill/norms.hpp"

#include <algorithm>
#include <cmath>

#include "distill/floats.hpp"

namespace histokt {
namespace {

double sum_of_squares(const float* entries, std::size_t count) {
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += static_cast<double>(entries[i]) * entries[i];
  return sum;
}

}  // namespace

double encoder_norm(const TensorFile& network, const std::vector<TensorRole>& known_roles) {
  const std::vector<TensorRole> roles = roles_of(network, known_roles);
  double sum = 0;
  for (std::size_t i = 0; i < network.tensors.size(); ++i) {
    const StoredTensor& tensor = network.tensors[i];
    if (tensor.shape.size() < 2 || !is_floating(tensor.dtype) || roles[i].role == HISTOKT_ROLE_HEAD) continue;
    if (tensor.dtype == DType::kFloat32) {
      sum += sum_of_squares(tensor.floats(), tensor.entry_count());
    } else {
      const std::vector<float> entries = converted_to_float32(tensor);
      sum += sum_of_squares(entries.data(), entries.size());
    }
  }
  return std::sqrt(sum);
}

bool same_tensors(const TensorFile& a, const TensorFile& b) {
  return a.tensors.size() == b.tensors.size() &&
         std::ranges::all_of(a.tensors, [&](const StoredTensor& tensor) {
           const StoredTensor* same = b.find(tensor.name);
           return same && same->dtype == tensor.dtype && same->shape == tensor.shape &&
                  same->bytes == tensor.bytes;
         });
}

}  // namespace histokt
