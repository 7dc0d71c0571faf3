// SPDX-License-Identifier: MIT
#include "common/optimizers/state.hpp"

#include <torch/utils.h>

#include <sstream>
#include <stdexcept>

namespace histokt {

torch::Tensor state_like(const std::string& optimizer, const OptimizerState& state, const std::string& key,
                         const torch::Tensor& like) {
  const auto found = state.find(key);
  if (found == state.end()) {
    throw std::runtime_error(optimizer + ": the saved state has no entry \"" + key +
                             "\"; it belongs to other parameters or another optimizer");
  }
  if (found->second.sizes() != like.sizes()) {
    std::ostringstream text;
    text << optimizer << ": the saved state's entry \"" << key << "\" has the shape " << found->second.sizes()
         << ", but " << like.sizes() << " is needed; it belongs to other parameters";
    throw std::runtime_error(text.str());
  }
  torch::NoGradGuard no_grad;
  return torch::empty_like(like).copy_(found->second);
}

void require_size(const std::string& optimizer, const OptimizerState& state, std::size_t expected) {
  if (state.size() == expected) return;
  throw std::runtime_error(optimizer + ": the saved state has " + std::to_string(state.size()) +
                           " entries, but " + std::to_string(expected) +
                           " are needed; it belongs to other parameters or another optimizer");
}

}  // namespace histokt
