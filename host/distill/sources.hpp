// SPDX-License-Identifier: MIT
// The views of a source network that cross the C boundary.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include <histokt/plugin.h>

#include "distill/merge.hpp"

namespace histokt {

// A tensor that crosses the boundary: as in the first source, with its role.
struct CrossingTensor {
  const StoredTensor* model;  // name and shape
  const TensorRole* role;
  std::vector<const char*> channels;  // empty: unknown
};

// The view of a tensor with its data at `data`.
histokt_tensor tensor_view(const CrossingTensor& tensor, void* data);

// Views of a network's crossing tensors, converted to float32 where needed. Refers to `input` and `tensors`.
class SourceView {
 public:
  // Throws RunError if a tensor is missing, of another shape or dtype, or not finite.
  SourceView(const MergeInput& input, const std::vector<CrossingTensor>& tensors);
  SourceView(const SourceView&) = delete;
  SourceView& operator=(const SourceView&) = delete;

  const histokt_source& get() const { return source_; }

  // The name of the first tensor whose bytes have changed since this was made; nullptr if none has.
  const char* first_changed() const;

 private:
  std::deque<std::vector<float>> converted_;
  std::vector<histokt_tensor> tensors_;
  std::vector<std::uint64_t> fingerprints_;  // of the tensors' entries
  std::vector<histokt_pair> provenance_;
  histokt_source source_{};
};

// "(64, 3, 7, 7)".
std::string shape_text(const std::vector<std::int64_t>& shape);

}  // namespace histokt
