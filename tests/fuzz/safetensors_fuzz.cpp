// SPDX-License-Identifier: MIT
// Any bytes as a safetensors file: read whole, or refused with a RunError.
#include <cstdlib>

#include "base/errors.hpp"
#include "fuzz/bytes_as_file.hpp"
#include "tensors/safetensors.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace histokt;
  static const fuzz::BytesAsFile file;
  try {
    const TensorFile content = read_safetensors(file.hold({data, size}));
    std::size_t bytes = 0;
    for (const StoredTensor& tensor : content.tensors) {
      bytes += tensor.bytes.size();
      if (tensor.dtype == DType::kFloat32 && tensor.entry_count() * 4 != tensor.bytes.size()) std::abort();
    }
    if (bytes > size) std::abort();
  } catch (const RunError&) {
  }
  return 0;
}
