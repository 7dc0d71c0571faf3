// SPDX-License-Identifier: MIT
// Any bytes as a file of torch.save, and as the pickle within one (whose checksum would otherwise hide it):
// read, or refused with a RunError. What is read is no larger than allowed.
#include <cstdlib>

#include "base/errors.hpp"
#include "fuzz/bytes_as_file.hpp"
#include "tensors/torch_file.hpp"
#include "tensors/weights.hpp"

namespace {

using namespace histokt;

constexpr std::uint64_t kMostBytes = 1 << 20;
constexpr std::size_t kStorageBytes = 4096;

void check(const TensorFile& content, std::uint64_t most_bytes) {
  std::uint64_t bytes = 0;
  for (const StoredTensor& tensor : content.tensors) {
    bytes += tensor.bytes.size();
    if (tensor.entry_count() * size_in_bytes(tensor.dtype) != tensor.bytes.size()) std::abort();
  }
  if (bytes > most_bytes) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::BytesAsFile file;
  try {
    check(read_weights(file.hold({data, size})), 8 * size);
  } catch (const RunError&) {
  }
  try {
    const auto storage = [](const std::string&) { return std::vector<std::byte>(kStorageBytes); };
    check(tensors_of_pickle({reinterpret_cast<const std::byte*>(data), size}, storage, kMostBytes),
          kMostBytes);
  } catch (const RunError&) {
  }
  return 0;
}
