// SPDX-License-Identifier: MIT
// Tensors in files, in the safetensors format: 8 bytes of header length (little-endian), a JSON header with
// name -> {dtype, shape, data_offsets} and "__metadata__", then the raw bytes, rows first. Needs no libtorch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace histokt {

enum class DType { kFloat32, kFloat64, kFloat16, kBFloat16, kInt64, kInt32, kUint8, kBool };

std::size_t size_in_bytes(DType dtype);
// The name in the header: "F32", "I64" ...
std::string_view dtype_name(DType dtype);

// One tensor that owns its bytes: rows first, little-endian.
struct StoredTensor {
  std::string name;
  DType dtype = DType::kFloat32;
  std::vector<std::int64_t> shape;
  std::vector<std::byte> bytes;

  // Number of entries; 1 for a scalar (an empty shape).
  std::size_t entry_count() const;
  // The entries as float32. Throws RunError for another dtype.
  const float* floats() const;
  float* floats();
};

// Batch-norm's "num_batches_tracked": how many batches it has seen. It is not used in computation, and old
// exports lack it.
bool counts_batches(std::string_view tensor);

// The content of one file, in the order of the bytes in it.
struct TensorFile {
  std::vector<StoredTensor> tensors;
  std::map<std::string, std::string> metadata;

  // The tensor of that name, or nullptr.
  const StoredTensor* find(std::string_view name) const;
};

// Reads the whole file. Throws RunError that names the file and what is wrong: truncated, a header with wrong
// sizes or overlaps, an unknown dtype. Nothing in the file is trusted.
TensorFile read_safetensors(const std::filesystem::path& file);

// The same content gives the same bytes. Written whole or not at all. Throws RunError.
void write_safetensors(const std::filesystem::path& file, const TensorFile& content);

}  // namespace histokt
