// SPDX-License-Identifier: MIT
// Golden numbers as torch tensors.
#pragma once

#include <torch/types.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <string>
#include <utility>

#include "support/golden_tensors.hpp"

namespace histokt::testing {

struct TorchGolden : GoldenFile {
  explicit TorchGolden(GoldenFile file) : GoldenFile(std::move(file)) {}

  torch::Tensor at(const std::string& name) const {
    static const std::map<std::string, torch::ScalarType> types = {
        {"F32", torch::kFloat32}, {"F64", torch::kFloat64}, {"I64", torch::kInt64},
        {"U8", torch::kUInt8},    {"BOOL", torch::kBool},   {"I32", torch::kInt32}};
    const GoldenTensor& stored = (*this)[name];
    const torch::Tensor tensor = torch::empty(stored.shape, types.at(stored.dtype));
    if (tensor.numel() > 0) std::memcpy(tensor.data_ptr(), stored.bytes.data(), tensor.nbytes());
    return tensor;
  }
};

// `name` without folder and ending, "adamp".
inline TorchGolden read_torch_golden(const std::string& name) {
  return TorchGolden(read_golden(name + ".safetensors"));
}

// Largest difference over the largest magnitude of what is expected; infinite if one is NaN.
inline double relative_error(const torch::Tensor& found, const torch::Tensor& expected) {
  const torch::Tensor difference = (found.detach().to(torch::kFloat64) - expected.to(torch::kFloat64)).abs();
  const double error = difference.max().item<double>() /
                       expected.abs().max().to(torch::kFloat64).clamp_min(1e-30).item<double>();
  return std::isnan(error) ? std::numeric_limits<double>::infinity() : error;
}

}  // namespace histokt::testing
