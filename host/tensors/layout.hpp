// SPDX-License-Identifier: MIT
// The layout of a safetensors file: names of dtypes, sizes, limits. Shared by its reader and its writer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "tensors/safetensors.hpp"

namespace histokt {

inline constexpr const char* kMetadataKey = "__metadata__";

// A larger header is refused, as by other readers of the format.
inline constexpr std::size_t kMaxHeaderBytes = 100'000'000;

std::optional<DType> dtype_of_name(std::string_view name);

// Bytes that a tensor of this shape takes; nullopt if a side is negative or the product overflows.
std::optional<std::uint64_t> byte_count(DType dtype, std::span<const std::int64_t> shape);

}  // namespace histokt
