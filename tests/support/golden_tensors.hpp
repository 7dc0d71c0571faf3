// Reads the golden numbers: a safetensors file as a map from name to tensor. For tests only, little-endian
// hosts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace histokt::testing {

struct GoldenTensor {
  std::string dtype;  // as in the file: F32, F64, U8, I32, I64, BOOL
  std::vector<std::int64_t> shape;
  std::vector<std::byte> bytes;

  std::size_t count() const {
    std::size_t product = 1;
    for (const std::int64_t side : shape) product *= static_cast<std::size_t>(side);
    return product;
  }

  // The entries in row order; T must have the size of the dtype.
  template <typename T>
  std::vector<T> values() const {
    if (bytes.size() != count() * sizeof(T))
      throw std::runtime_error("a " + dtype + " tensor read as another type");
    std::vector<T> result(count());
    if (!result.empty()) std::memcpy(result.data(), bytes.data(), bytes.size());
    return result;
  }
};

struct GoldenFile {
  std::map<std::string, GoldenTensor> tensors;
  std::map<std::string, std::string> metadata;

  const GoldenTensor& operator[](const std::string& name) const { return tensors.at(name); }
};

// `name` without folder, "svd_merge_2.safetensors".
inline GoldenFile read_golden(const std::string& name) {
  const std::string path = std::string(HISTOKT_GOLDENS) + "/" + name;
  std::ifstream input(path, std::ios::binary);
  if (!input) throw std::runtime_error("no golden file " + path);
  const std::string raw{std::istreambuf_iterator<char>(input), {}};
  std::uint64_t header_size = 0;
  std::memcpy(&header_size, raw.data(), sizeof header_size);
  const auto header = nlohmann::json::parse(raw.substr(8, header_size));
  const auto* data = reinterpret_cast<const std::byte*>(raw.data()) + 8 + header_size;

  GoldenFile file;
  for (const auto& [key, entry] : header.items()) {
    if (key == "__metadata__") {
      file.metadata = entry.get<std::map<std::string, std::string>>();
      continue;
    }
    const auto offsets = entry.at("data_offsets").get<std::vector<std::size_t>>();
    file.tensors[key] = {entry.at("dtype"), entry.at("shape"), {data + offsets[0], data + offsets[1]}};
  }
  return file;
}

}  // namespace histokt::testing
