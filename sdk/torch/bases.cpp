// SPDX-License-Identifier: MIT
// The key functions of the base classes of models and optimizers, so that their type information is the same
// in the host and in every plugin.
#include <histokt/optimizer.hpp>

namespace histokt {

Model::~Model() = default;
Optimizer::~Optimizer() = default;

}  // namespace histokt
