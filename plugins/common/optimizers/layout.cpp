// SPDX-License-Identifier: MIT
#include "common/optimizers/layout.hpp"

namespace histokt {

bool same_layout(const torch::Tensor& left, const torch::Tensor& right) {
  if (left.sizes() != right.sizes()) return false;
  for (std::int64_t axis = 0; axis < left.dim(); ++axis) {
    if (left.size(axis) != 1 && left.stride(axis) != right.stride(axis)) return false;
  }
  return true;
}

torch::Tensor in_layout_of(const torch::Tensor& value, const torch::Tensor& model) {
  if (same_layout(value, model)) return value;
  return torch::empty_strided(model.sizes(), model.strides(), value.options()).copy_(value);
}

bool is_plain_float(const torch::Tensor& tensor) {
  return tensor.device().is_cpu() && tensor.scalar_type() == torch::kFloat32 &&
         tensor.layout() == torch::kStrided && tensor.is_non_overlapping_and_dense();
}

bool has_plain_rows(const torch::Tensor& tensor) {
  if (tensor.dim() < 2 || tensor.size(0) == 1) return true;
  return tensor.stride(0) * tensor.size(0) == tensor.numel();
}

}  // namespace histokt
