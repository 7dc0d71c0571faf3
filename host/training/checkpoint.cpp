// SPDX-License-Identifier: MIT
#include "training/checkpoint.hpp"

#include <torch/utils.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "base/errors.hpp"

namespace histokt {
namespace {

using Json = nlohmann::json;

constexpr std::pair<DType, torch::ScalarType> kDTypes[] = {
    {DType::kFloat32, torch::kFloat32}, {DType::kFloat64, torch::kFloat64},
    {DType::kFloat16, torch::kFloat16}, {DType::kBFloat16, torch::kBFloat16},
    {DType::kInt64, torch::kInt64},     {DType::kInt32, torch::kInt32},
    {DType::kUint8, torch::kUInt8},     {DType::kBool, torch::kBool}};

// The entry of that name, read as T; nothing where it is missing.
template <typename T>
std::optional<T> entry(const Metadata& metadata, const std::string& name) {
  const auto found = metadata.find(name);
  if (found == metadata.end()) return std::nullopt;
  try {
    return Json::parse(found->second).get<T>();
  } catch (const Json::exception&) {
    throw RunError("The checkpoint's metadata entry \"" + name + "\" cannot be read: \"" + found->second +
                   "\". Write the checkpoint again, or remove the entry.");
  }
}

std::optional<std::string> text_entry(const Metadata& metadata, const std::string& name) {
  const auto found = metadata.find(name);
  return found == metadata.end() ? std::nullopt : std::optional(found->second);
}

bool is_floating(DType dtype) {
  return dtype == DType::kFloat32 || dtype == DType::kFloat64 || dtype == DType::kFloat16 ||
         dtype == DType::kBFloat16;
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + ")";
}

// Collects what does not fit, and says it in one sentence of bearable length.
class Misfits {
 public:
  void add(const std::string& what) {
    if (++count_ <= kNamed) text_ += (count_ > 1 ? "; " : "") + what;
  }
  void throw_if_any() const {
    if (count_ == 0) return;
    std::string text = "The checkpoint does not fit the model: " + text_;
    if (count_ > kNamed) text += "; and " + std::to_string(count_ - kNamed) + " more";
    throw RunError(text + ". Check that the checkpoint is of this model and has the same number of classes.");
  }

 private:
  static constexpr int kNamed = 8;
  int count_ = 0;
  std::string text_;
};

}  // namespace

Metadata to_metadata(const CheckpointInfo& info) {
  Metadata metadata;
  if (info.model) metadata["model"] = *info.model;
  if (info.classes) metadata["classes"] = Json(*info.classes).dump();
  if (info.multi_label) metadata["multi_label"] = Json(*info.multi_label).dump();
  if (info.patch_side) metadata["patch_side"] = std::to_string(*info.patch_side);
  if (info.microns_per_pixel) metadata["microns_per_pixel"] = Json(*info.microns_per_pixel).dump();
  if (info.rounding) metadata["rounding"] = *info.rounding;
  if (info.normalization) {
    metadata["mean"] = Json(info.normalization->mean).dump();
    metadata["std"] = Json(info.normalization->deviation).dump();
  }
  if (info.provenance) metadata["provenance"] = *info.provenance;
  return metadata;
}

CheckpointInfo checkpoint_info(const Metadata& metadata) {
  CheckpointInfo info;
  info.model = text_entry(metadata, "model");
  // Files made elsewhere may hold the number of classes under this name, which says nothing of theirs.
  const auto classes = metadata.find("classes");
  if (classes != metadata.end() && !Json::parse(classes->second, nullptr, false).is_number()) {
    info.classes = entry<std::vector<std::string>>(metadata, "classes");
  }
  info.multi_label = entry<bool>(metadata, "multi_label");
  info.patch_side = entry<int>(metadata, "patch_side");
  info.microns_per_pixel = entry<double>(metadata, "microns_per_pixel");
  info.rounding = text_entry(metadata, "rounding");
  const auto mean = entry<std::array<double, 3>>(metadata, "mean");
  const auto deviation = entry<std::array<double, 3>>(metadata, "std");
  if (mean.has_value() != deviation.has_value()) {
    throw RunError("The checkpoint's metadata has only one of \"mean\" and \"std\"; normalising needs both.");
  }
  if (mean) info.normalization = Normalization{*mean, *deviation};
  info.provenance = text_entry(metadata, "provenance");
  return info;
}

StoredTensor stored(const std::string& name, const torch::Tensor& tensor) {
  const auto* type = std::find_if(std::begin(kDTypes), std::end(kDTypes),
                                  [&](const auto& pair) { return pair.second == tensor.scalar_type(); });
  if (type == std::end(kDTypes)) {
    throw RunError("The tensor \"" + name + "\" has the type " +
                   std::string(torch::toString(tensor.scalar_type())) + ", which cannot be stored.");
  }
  const torch::Tensor rows = tensor.detach().to(torch::kCPU).contiguous();
  StoredTensor result{.name = name, .dtype = type->first, .shape = rows.sizes().vec(), .bytes = {}};
  const auto* begin = static_cast<const std::byte*>(rows.data_ptr());
  result.bytes.assign(begin, begin + rows.nbytes());
  return result;
}

torch::Tensor to_torch(const StoredTensor& tensor) {
  const auto* type = std::find_if(std::begin(kDTypes), std::end(kDTypes),
                                  [&](const auto& pair) { return pair.first == tensor.dtype; });
  torch::Tensor result = torch::empty(tensor.shape, type->second);
  if (!tensor.bytes.empty()) std::memcpy(result.data_ptr(), tensor.bytes.data(), tensor.bytes.size());
  return result;
}

TensorFile to_tensor_file(Model& model, Metadata metadata) {
  TensorFile file;
  for (const ModelTensor& t : model.tensors()) file.tensors.push_back(stored(t.name, t.tensor));
  file.metadata = std::move(metadata);
  return file;
}

void load_into(Model& model, const TensorFile& file, const LoadOptions& options) {
  const torch::NoGradGuard no_gradient;
  Misfits misfits;
  std::set<std::string> known;
  std::vector<std::pair<torch::Tensor, const StoredTensor*>> copies;
  for (const ModelTensor& t : model.tensors()) {
    known.insert(t.name);
    const StoredTensor* const found = file.find(t.name);
    const bool replaceable = options.allow_other_head && t.role == HISTOKT_ROLE_HEAD;
    const std::vector<std::int64_t> shape = t.tensor.sizes().vec();
    if (!found) {
      if (!replaceable && !counts_batches(t.name)) misfits.add("\"" + t.name + "\" is missing");
    } else if (found->shape != shape) {
      if (!replaceable) {
        misfits.add("\"" + t.name + "\" has the shape " + shape_text(found->shape) + " and the model's " +
                    shape_text(shape));
      }
    } else if (is_floating(found->dtype) != t.tensor.is_floating_point()) {
      misfits.add("\"" + t.name + "\" has the type " + std::string(dtype_name(found->dtype)) +
                  ", and the model's is " + (t.tensor.is_floating_point() ? "floating" : "not"));
    } else {
      copies.emplace_back(t.tensor, found);
    }
  }
  for (const StoredTensor& t : file.tensors) {
    if (!known.contains(t.name)) misfits.add("\"" + t.name + "\" is not in the model");
  }
  misfits.throw_if_any();
  for (auto& [tensor, source] : copies) tensor.copy_(to_torch(*source));
}

}  // namespace histokt
