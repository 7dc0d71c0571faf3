// SPDX-License-Identifier: MIT
// The safetensors reader: the header is parsed and checked against the size of the file before memory is
// allocated for any tensor.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/errors.hpp"
#include "tensors/input_file.hpp"
#include "tensors/layout.hpp"
#include "tensors/safetensors.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr int kMaxDepth = 3;  // the header, a tensor in it, its shape
constexpr std::uint64_t kPrefixBytes = 8;

// The parser itself keeps the last of two like keys; each object's keys are counted here.
Json parse_header(const std::string& text) {
  std::vector<std::set<std::string>> keys;
  const auto watch = [&keys](int depth, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) {
      keys.emplace_back();
    } else if (event == Json::parse_event_t::object_end) {
      keys.pop_back();
    } else if (event == Json::parse_event_t::key) {
      const auto key = parsed.get<std::string>();
      if (!keys.back().insert(key).second) throw RunError("its header holds \"" + key + "\" twice");
    }
    if (depth > kMaxDepth) throw RunError("its header is nested deeper than the format allows");
    return true;
  };
  Json header;
  try {
    header = Json::parse(text, watch);
  } catch (const Json::exception& error) {
    throw RunError(std::string("its header is not JSON: ") + error.what());
  }
  if (!header.is_object()) throw RunError("its header is not a JSON object");
  return header;
}

std::map<std::string, std::string> parse_metadata(const Json& entry) {
  if (!entry.is_object()) throw RunError("its \"__metadata__\" is not a JSON object");
  std::map<std::string, std::string> metadata;
  for (const auto& [key, value] : entry.items()) {
    if (!value.is_string()) throw RunError("its metadata \"" + key + "\" is not a text");
    metadata[key] = value.get<std::string>();
  }
  return metadata;
}

// Where a tensor lies, counted from the end of the header.
struct Placed {
  StoredTensor tensor;
  std::uint64_t begin = 0, end = 0;
};

const Json& member(const Json& entry, const std::string& name, const char* key) {
  const auto found = entry.find(key);
  if (found == entry.end()) throw RunError("tensor \"" + name + "\" has no \"" + key + "\"");
  return *found;
}

std::uint64_t whole_number(const Json& value, const std::string& name, const char* key) {
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > std::uint64_t{INT64_MAX}) {
    throw RunError("tensor \"" + name + "\": \"" + key + "\" holds " + value.dump() +
                   " where a number of at least 0 and below 2^63 is expected");
  }
  return value.get<std::uint64_t>();
}

DType parse_dtype(const Json& value, const std::string& name) {
  const auto dtype = value.is_string() ? dtype_of_name(value.get<std::string>()) : std::nullopt;
  if (!dtype) {
    throw RunError("tensor \"" + name + "\" has the dtype " + value.dump() +
                   "; F32, F64, F16, BF16, I64, I32, U8 and BOOL can be read");
  }
  return *dtype;
}

Placed parse_tensor(const std::string& name, const Json& entry, std::uint64_t data_size) {
  if (!entry.is_object()) throw RunError("tensor \"" + name + "\" is not described by a JSON object");
  Placed placed;
  placed.tensor.name = name;
  placed.tensor.dtype = parse_dtype(member(entry, name, "dtype"), name);
  const Json& shape = member(entry, name, "shape");
  if (!shape.is_array()) throw RunError("tensor \"" + name + "\": \"shape\" is not a list");
  for (const Json& side : shape) {
    placed.tensor.shape.push_back(static_cast<std::int64_t>(whole_number(side, name, "shape")));
  }
  const Json& offsets = member(entry, name, "data_offsets");
  if (!offsets.is_array() || offsets.size() != 2) {
    throw RunError("tensor \"" + name + "\": \"data_offsets\" is not a list of two numbers");
  }
  placed.begin = whole_number(offsets[0], name, "data_offsets");
  placed.end = whole_number(offsets[1], name, "data_offsets");
  if (placed.begin > placed.end || placed.end > data_size) {
    throw RunError("tensor \"" + name + "\" is said to lie at bytes " + std::to_string(placed.begin) +
                   " to " + std::to_string(placed.end) + " of " + std::to_string(data_size) +
                   "; the file is truncated or its header is wrong");
  }
  const auto expected = byte_count(placed.tensor.dtype, placed.tensor.shape);
  if (!expected) throw RunError("tensor \"" + name + "\": the product of its shape overflows");
  if (*expected != placed.end - placed.begin) {
    throw RunError("tensor \"" + name + "\" takes " + std::to_string(placed.end - placed.begin) +
                   " bytes where its shape " + shape.dump() + " needs " + std::to_string(*expected));
  }
  return placed;
}

// The tensors must fill the data from the first byte to the last.
void check_contiguous(const std::vector<Placed>& tensors, std::uint64_t data_size) {
  std::uint64_t at = 0;
  for (const Placed& placed : tensors) {
    if (placed.begin < at) throw RunError("tensor \"" + placed.tensor.name + "\" overlaps the one before it");
    if (placed.begin > at) {
      throw RunError("there is a hole of " + std::to_string(placed.begin - at) + " bytes before tensor \"" +
                     placed.tensor.name + "\"");
    }
    at = placed.end;
  }
  if (at != data_size) {
    throw RunError(std::to_string(data_size - at) + " bytes follow its last tensor; none are expected");
  }
}

std::string read_header(const InputFile& input) {
  if (input.size() < kPrefixBytes)
    throw RunError("it is shorter than the 8 bytes every such file begins with");
  std::uint64_t header_size = 0;
  input.read(0, &header_size, sizeof header_size);
  if (header_size > kMaxHeaderBytes) {
    throw RunError("its header would take " + std::to_string(header_size) +
                   " bytes, more than the 100 MB allowed: it is not a safetensors file");
  }
  if (header_size > input.size() - kPrefixBytes) {
    throw RunError("its header should take " + std::to_string(header_size) + " bytes but the file has only " +
                   std::to_string(input.size() - kPrefixBytes) + " left: it is truncated");
  }
  std::string header(header_size, '\0');
  input.read(kPrefixBytes, header.data(), header_size);
  return header;
}

TensorFile read_from(const InputFile& input) {
  const std::string text = read_header(input);
  const std::uint64_t data_size = input.size() - kPrefixBytes - text.size();
  TensorFile content;
  std::vector<Placed> tensors;
  const Json header = parse_header(text);
  for (const auto& [name, entry] : header.items()) {
    if (name == kMetadataKey) {
      content.metadata = parse_metadata(entry);
    } else {
      tensors.push_back(parse_tensor(name, entry, data_size));
    }
  }
  std::stable_sort(tensors.begin(), tensors.end(), [](const Placed& a, const Placed& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
  });
  check_contiguous(tensors, data_size);
  for (Placed& placed : tensors) {
    placed.tensor.bytes.resize(placed.end - placed.begin);
    input.read(kPrefixBytes + text.size() + placed.begin, placed.tensor.bytes.data(),
               placed.tensor.bytes.size());
    content.tensors.push_back(std::move(placed.tensor));
  }
  return content;
}

}  // namespace

TensorFile read_safetensors(const fs::path& file) {
  try {
    return read_from(InputFile(file));
  } catch (const RunError& error) {
    throw RunError(file.string() + " cannot be read as safetensors: " + error.what() +
                   "; copy or make it again, or give the right file");
  }
}

}  // namespace histokt
