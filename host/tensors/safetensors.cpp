// SPDX-License-Identifier: MIT
#include "tensors/safetensors.hpp"

#include <bit>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <system_error>

#include "base/errors.hpp"
#include "base/files.hpp"
#include "tensors/layout.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;

static_assert(std::endian::native == std::endian::little, "tensors are stored as they lie in memory");

// Blocks of this size divide the header, so that the first tensor is aligned in a mapped file.
constexpr std::size_t kHeaderAlignment = 8;

const float* checked_floats(const StoredTensor& tensor) {
  if (tensor.dtype != DType::kFloat32) {
    throw RunError("tensor \"" + tensor.name + "\" has the dtype " + std::string(dtype_name(tensor.dtype)) +
                   " where F32 is expected");
  }
  return reinterpret_cast<const float*>(tensor.bytes.data());
}

// What a reader would refuse is refused here, before a byte is written.
void check_writable(const TensorFile& content) {
  std::set<std::string_view> names;
  for (const StoredTensor& tensor : content.tensors) {
    if (tensor.name == kMetadataKey) throw RunError("no tensor may be named \"__metadata__\"");
    if (!names.insert(tensor.name).second) throw RunError("two tensors are named \"" + tensor.name + "\"");
    const auto size = byte_count(tensor.dtype, tensor.shape);
    if (!size) throw RunError("tensor \"" + tensor.name + "\" has an impossible shape");
    if (*size != tensor.bytes.size()) {
      throw RunError("tensor \"" + tensor.name + "\" holds " + std::to_string(tensor.bytes.size()) +
                     " bytes where its shape needs " + std::to_string(*size));
    }
  }
}

std::string header_text(const TensorFile& content) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!content.metadata.empty()) header[kMetadataKey] = content.metadata;
  std::uint64_t offset = 0;
  for (const StoredTensor& tensor : content.tensors) {
    const std::uint64_t end = offset + tensor.bytes.size();
    header[tensor.name] = {
        {"dtype", dtype_name(tensor.dtype)}, {"shape", tensor.shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const nlohmann::json::type_error&) {
    throw RunError("a tensor's name or the metadata is not valid UTF-8");
  }
  text.resize((text.size() + kHeaderAlignment - 1) / kHeaderAlignment * kHeaderAlignment, ' ');
  if (text.size() > kMaxHeaderBytes) throw RunError("the header would be larger than 100 MB");
  return text;
}

void write_stream(const fs::path& temporary, const std::string& header, const TensorFile& content) {
  std::ofstream output(temporary, std::ios::binary);
  const std::uint64_t header_size = header.size();
  output.write(reinterpret_cast<const char*>(&header_size), sizeof header_size);
  output.write(header.data(), static_cast<std::streamsize>(header.size()));
  for (const StoredTensor& tensor : content.tensors) {
    output.write(reinterpret_cast<const char*>(tensor.bytes.data()),
                 static_cast<std::streamsize>(tensor.bytes.size()));
  }
  output.flush();
  if (!output) throw RunError("writing failed: " + write_failure(errno));
}

}  // namespace

std::size_t StoredTensor::entry_count() const {
  return bytes.size() / size_in_bytes(dtype);
}

const float* StoredTensor::floats() const {
  return checked_floats(*this);
}
float* StoredTensor::floats() {
  return const_cast<float*>(checked_floats(*this));
}

const StoredTensor* TensorFile::find(std::string_view name) const {
  for (const StoredTensor& tensor : tensors) {
    if (tensor.name == name) return &tensor;
  }
  return nullptr;
}

bool counts_batches(std::string_view tensor) {
  return tensor == "num_batches_tracked" || tensor.ends_with(".num_batches_tracked");
}

void write_safetensors(const fs::path& file, const TensorFile& content) {
  const fs::path temporary = temporary_beside(file);
  try {
    check_writable(content);
    write_stream(temporary, header_text(content), content);
    publish_file(temporary, file);
  } catch (const RunError& error) {
    std::error_code ignored;
    fs::remove(temporary, ignored);
    throw RunError(file.string() + " cannot be written: " + error.what());
  }
}

}  // namespace histokt
