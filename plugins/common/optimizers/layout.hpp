// SPDX-License-Identifier: MIT
// Memory layouts of tensors. A fused kernel walks parameter, gradient and state as plain memory, so all must
// lie in the same order; convolutions may be in channels-last. Pure functions, safe from any thread.
#pragma once

#include <torch/types.h>

namespace histokt {

// True if both have one shape and each entry lies at the same offset. Axes of size 1 do not count.
bool same_layout(const torch::Tensor& left, const torch::Tensor& right);

// `value` itself if it has the layout of `model`, otherwise a copy that has. Device and type stay.
torch::Tensor in_layout_of(const torch::Tensor& value, const torch::Tensor& model);

// True for float32 in main memory without gaps: what a plain loop over numel() entries may walk.
bool is_plain_float(const torch::Tensor& tensor);

// True if each slice along the first axis is one block of memory and the blocks follow each other, so that
// row o of (n_o, rest) is numel() / n_o consecutive entries. Contiguous and channels-last weights are.
bool has_plain_rows(const torch::Tensor& tensor);

}  // namespace histokt
