// SPDX-License-Identifier: MIT
// Networks of a few tensors, to be merged in tests.
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "distill/merge.hpp"

namespace histokt {

inline StoredTensor float_tensor(const std::string& name, std::vector<std::int64_t> shape,
                                 const std::vector<float>& entries) {
  StoredTensor tensor{name, DType::kFloat32, std::move(shape), {}};
  tensor.bytes.resize(entries.size() * sizeof(float));
  if (!entries.empty()) std::memcpy(tensor.bytes.data(), entries.data(), tensor.bytes.size());
  return tensor;
}

inline std::vector<float> entries_of(const StoredTensor& tensor) {
  return {tensor.floats(), tensor.floats() + tensor.entry_count()};
}

// A convolution, a norm with its counter, and a head of `classes` classes; all entries are `value`.
inline MergeInput network(const std::string& name, float value, std::int64_t classes = 2) {
  const auto filled = [value](const std::string& tensor, std::vector<std::int64_t> shape) {
    std::size_t size = 1;
    for (std::int64_t side : shape) size *= static_cast<std::size_t>(side);
    return float_tensor(tensor, std::move(shape), std::vector<float>(size, value));
  };
  MergeInput input{name, {}};
  input.content.tensors = {filled("conv1.weight", {2, 1, 1, 2}),
                           filled("bn1.weight", {2}),
                           filled("bn1.running_var", {2}),
                           {"bn1.num_batches_tracked", DType::kInt64, {}, std::vector<std::byte>(8)},
                           filled("fc.weight", {classes, 2}),
                           filled("fc.bias", {classes})};
  input.content.tensors[3].bytes[0] = static_cast<std::byte>(value);
  input.content.metadata = {{"dataset", name}};
  return input;
}

inline StoredTensor& tensor_of(MergeInput& input, const std::string& name) {
  return const_cast<StoredTensor&>(*input.content.find(name));
}

// A distiller: every entry of the result is the sum of that entry in the sources.
inline void add_up(const histokt_merge& merge) {
  for (std::size_t t = 0; t < merge.output_count; ++t) {
    std::size_t size = 1;
    for (std::int32_t axis = 0; axis < merge.outputs[t].rank; ++axis) {
      size *= static_cast<std::size_t>(merge.outputs[t].shape[axis]);
    }
    for (std::size_t i = 0; i < size; ++i) {
      float sum = 0;
      for (std::size_t s = 0; s < merge.source_count; ++s) {
        sum += static_cast<const float*>(merge.sources[s].tensors[t].data)[i];
      }
      static_cast<float*>(merge.outputs[t].data)[i] = sum;
    }
  }
}

}  // namespace histokt
