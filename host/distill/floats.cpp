// SPDX-License-Identifier: MIT
#include "distill/floats.hpp"

#include <bit>
#include <cmath>
#include <cstring>

#include "base/errors.hpp"

namespace histokt {
namespace {

template <typename Entry, typename Convert>
std::vector<float> converted(const StoredTensor& tensor, Convert convert) {
  std::vector<float> floats(tensor.entry_count());
  for (std::size_t i = 0; i < floats.size(); ++i) {
    Entry entry;
    std::memcpy(&entry, tensor.bytes.data() + i * sizeof entry, sizeof entry);
    floats[i] = convert(entry);
  }
  return floats;
}

// IEEE 754 half precision: 1 sign, 5 exponent and 10 fraction bits.
float from_half(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 0x1F;
  const int fraction = bits & 0x3FF;
  const float sign = (bits & 0x8000) != 0 ? -1.0f : 1.0f;
  if (exponent == 0x1F) return fraction != 0 ? NAN : sign * INFINITY;
  if (exponent == 0) return sign * std::ldexp(static_cast<float>(fraction), -24);
  return sign * std::ldexp(static_cast<float>(fraction + 0x400), exponent - 25);
}

// The upper half of a float32.
float from_brain(std::uint16_t bits) {
  return std::bit_cast<float>(std::uint32_t{bits} << 16);
}

}  // namespace

bool is_floating(DType dtype) {
  return dtype == DType::kFloat32 || dtype == DType::kFloat64 || dtype == DType::kFloat16 ||
         dtype == DType::kBFloat16;
}

std::vector<float> converted_to_float32(const StoredTensor& tensor) {
  switch (tensor.dtype) {
    case DType::kFloat64:
      return converted<double>(tensor, [](double entry) { return static_cast<float>(entry); });
    case DType::kFloat16:
      return converted<std::uint16_t>(tensor, from_half);
    case DType::kBFloat16:
      return converted<std::uint16_t>(tensor, from_brain);
    default:
      throw RunError("tensor \"" + tensor.name + "\" of dtype " + std::string(dtype_name(tensor.dtype)) +
                     " cannot be converted to F32");
  }
}

}  // namespace histokt
