// SPDX-License-Identifier: MIT
// Saved states of optimizers: named tensors, read with an error sentence if one does not fit.
#pragma once

#include <torch/types.h>

#include <map>
#include <string>

namespace histokt {

using OptimizerState = std::map<std::string, torch::Tensor>;

// The entry `key`, which must have the shape of `like`; a copy on its device, of its type and layout. Throws
// std::runtime_error, naming the optimizer, if it is missing or has another shape.
torch::Tensor state_like(const std::string& optimizer, const OptimizerState& state, const std::string& key,
                         const torch::Tensor& like);

// Throws std::runtime_error unless the state has exactly `expected` entries.
void require_size(const std::string& optimizer, const OptimizerState& state, std::size_t expected);

}  // namespace histokt
