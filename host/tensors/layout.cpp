// SPDX-License-Identifier: MIT
#include "tensors/layout.hpp"

#include <array>
#include <limits>

namespace histokt {
namespace {

struct DTypeFacts {
  std::string_view name;
  std::size_t size;  // bytes an entry
};

// In the order of DType.
constexpr std::array<DTypeFacts, 8> kFacts = {
    {{"F32", 4}, {"F64", 8}, {"F16", 2}, {"BF16", 2}, {"I64", 8}, {"I32", 4}, {"U8", 1}, {"BOOL", 1}}};

}  // namespace

std::size_t size_in_bytes(DType dtype) {
  return kFacts.at(static_cast<std::size_t>(dtype)).size;
}

std::string_view dtype_name(DType dtype) {
  return kFacts.at(static_cast<std::size_t>(dtype)).name;
}

std::optional<DType> dtype_of_name(std::string_view name) {
  for (std::size_t i = 0; i < kFacts.size(); ++i) {
    if (kFacts[i].name == name) return static_cast<DType>(i);
  }
  return std::nullopt;
}

std::optional<std::uint64_t> byte_count(DType dtype, std::span<const std::int64_t> shape) {
  constexpr auto kLimit = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  std::uint64_t product = size_in_bytes(dtype);
  for (std::int64_t side : shape) {
    if (side < 0) return std::nullopt;
    const auto factor = static_cast<std::uint64_t>(side);
    if (factor != 0 && product > kLimit / factor) return std::nullopt;
    product *= factor;
  }
  return product;
}

}  // namespace histokt
