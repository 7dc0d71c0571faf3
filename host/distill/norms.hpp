// How large networks are, and whether two are the same.
#pragma once

#include "tensors/safetensors.hpp"

namespace histokt {

// Frobenius norm over the encoder's weights of two and more dimensions together: what merging shrinks.
// Biases, norms and the head do not count.
double encoder_norm(const TensorFile& network);

// The same tensors with the same bytes, whatever the metadata and the order.
bool same_tensors(const TensorFile& a, const TensorFile& b);

}  // namespace histokt
