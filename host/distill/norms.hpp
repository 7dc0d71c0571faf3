// SPDX-License-Identifier: MIT
// The norm of a network, and equality of two networks.
#pragma once

#include <vector>

#include "distill/roles.hpp"
#include "tensors/safetensors.hpp"

namespace histokt {

// Frobenius norm over the encoder's weights of two and more dimensions together: what merging shrinks.
// Biases, norms and the head are excluded; `known_roles` says which tensors are the head, and without it
// names decide (roles.hpp).
double encoder_norm(const TensorFile& network, const std::vector<TensorRole>& known_roles);

// The same tensors with the same bytes, whatever the metadata and the order.
bool same_tensors(const TensorFile& a, const TensorFile& b);

}  // namespace histokt
