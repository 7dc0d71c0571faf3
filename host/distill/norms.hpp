// How large networks are, and whether two are the same.
#pragma once

#include <vector>

#include "distill/roles.hpp"
#include "tensors/safetensors.hpp"

namespace histokt {

// Frobenius norm over the encoder's weights of two and more dimensions together: what merging shrinks.
// Biases, norms and the head do not count; which is the head `known_roles` say, and names where they do not
// (roles.hpp).
double encoder_norm(const TensorFile& network, const std::vector<TensorRole>& known_roles);

// The same tensors with the same bytes, whatever the metadata and the order.
bool same_tensors(const TensorFile& a, const TensorFile& b);

}  // namespace histokt
