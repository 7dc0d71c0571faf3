// Golden numbers as torch tensors: tests/goldens/NAME.safetensors, its tensors and its metadata.
#pragma once

#include <torch/torch.h>

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

struct TorchGolden {
  std::map<std::string, torch::Tensor> tensors;
  std::map<std::string, std::string> metadata;
  std::vector<std::string> names;  // in the file's order

  const torch::Tensor& at(const std::string& name) const {
    const auto found = tensors.find(name);
    if (found == tensors.end()) throw std::runtime_error("the golden file has no tensor " + name);
    return found->second;
  }
  double number(const std::string& key) const { return std::stod(metadata.at(key)); }
};

inline TorchGolden read_torch_golden(const std::string& name) {
  const std::string path = std::string(HISTOKT_GOLDENS) + "/" + name + ".safetensors";
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error(path + ": cannot be opened");
  const std::vector<char> bytes((std::istreambuf_iterator<char>(file)), {});
  std::uint64_t header_size = 0;
  std::memcpy(&header_size, bytes.data(), sizeof(header_size));
  const char* header = bytes.data() + sizeof(header_size);
  const auto json = nlohmann::ordered_json::parse(header, header + header_size);

  const std::map<std::string, torch::ScalarType> types = {{"F32", torch::kFloat32}, {"F64", torch::kFloat64},
                                                          {"I64", torch::kInt64},   {"U8", torch::kUInt8},
                                                          {"BOOL", torch::kBool},   {"I32", torch::kInt32}};
  TorchGolden golden;
  for (const auto& [key, entry] : json.items()) {
    if (key == "__metadata__") {
      golden.metadata = entry.template get<std::map<std::string, std::string>>();
      continue;
    }
    torch::Tensor tensor = torch::empty(entry.at("shape").template get<std::vector<std::int64_t>>(),
                                        types.at(entry.at("dtype").template get<std::string>()));
    if (tensor.numel() > 0) {
      std::memcpy(tensor.data_ptr(),
                  header + header_size + entry.at("data_offsets").at(0).template get<std::size_t>(),
                  tensor.nbytes());
    }
    golden.tensors[key] = tensor;
    golden.names.push_back(key);
  }
  return golden;
}

// Largest difference over the largest magnitude of what is expected.
inline double relative_error(const torch::Tensor& found, const torch::Tensor& expected) {
  const torch::Tensor difference = (found.detach().to(torch::kFloat64) - expected.to(torch::kFloat64)).abs();
  return difference.max().item<double>() /
         expected.abs().max().to(torch::kFloat64).clamp_min(1e-30).item<double>();
}

}  // namespace histokt::testing
