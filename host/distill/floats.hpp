// SPDX-License-Identifier: MIT
// Floating-point tensors of any width as float32.
#pragma once

#include <vector>

#include "tensors/safetensors.hpp"

namespace histokt {

bool is_floating(DType dtype);

// The entries of a floating-point tensor that is not float32, rounded to float32.
std::vector<float> converted_to_float32(const StoredTensor& tensor);

}  // namespace histokt
