// SPDX-License-Identifier: MIT
// A reader of golden numbers: a safetensors file as a map from name to tensor. For tests only, little-endian
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

#include "support/folders.hpp"

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

// The tensors as the file has them, and the settings they were made with. A missing name throws
// std::runtime_error with that name.
struct GoldenFile {
  std::map<std::string, GoldenTensor> tensors;
  std::map<std::string, std::string> metadata;
  std::vector<std::string> names;  // in the file's order

  const GoldenTensor& operator[](const std::string& name) const {
    const auto found = tensors.find(name);
    if (found == tensors.end()) throw std::runtime_error("the golden file has no tensor " + name);
    return found->second;
  }
  const std::string& text(const std::string& key) const {
    const auto found = metadata.find(key);
    if (found == metadata.end()) throw std::runtime_error("the golden file's metadata has no " + key);
    return found->second;
  }
  double number(const std::string& key) const { return std::stod(text(key)); }
  int integer(const std::string& key) const { return std::stoi(text(key)); }

  // CASE of each tensor CASE/`last`, in the file's order.
  std::vector<std::string> cases_with(const std::string& last) const {
    std::vector<std::string> cases;
    for (const std::string& name : names) {
      if (name.ends_with("/" + last)) cases.push_back(name.substr(0, name.size() - last.size() - 1));
    }
    return cases;
  }
};

// `name` without folder, "svd_merge_2.safetensors".
inline GoldenFile read_golden(const std::string& name) {
  const std::filesystem::path path = test::golden(name);
  std::ifstream input(path, std::ios::binary);
  if (!input) throw std::runtime_error("no golden file " + path.string());
  const std::string raw{std::istreambuf_iterator<char>(input), {}};
  std::uint64_t header_size = 0;
  std::memcpy(&header_size, raw.data(), sizeof header_size);
  const auto header = nlohmann::ordered_json::parse(raw.substr(8, header_size));
  const auto* data = reinterpret_cast<const std::byte*>(raw.data()) + 8 + header_size;

  GoldenFile file;
  for (const auto& [key, entry] : header.items()) {
    if (key == "__metadata__") {
      file.metadata = entry.template get<std::map<std::string, std::string>>();
      continue;
    }
    const auto offsets = entry.at("data_offsets").template get<std::vector<std::size_t>>();
    file.tensors[key] = {entry.at("dtype"), entry.at("shape"), {data + offsets.at(0), data + offsets.at(1)}};
    file.names.push_back(key);
  }
  return file;
}

}  // namespace histokt::testing
