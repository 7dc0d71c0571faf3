// SPDX-License-Identifier: MIT
#include "distill/sources.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>

#include "base/errors.hpp"
#include "distill/floats.hpp"

namespace histokt {
namespace {

void check_finite(const MergeInput& input, const StoredTensor& tensor, const float* entries) {
  for (std::size_t i = 0; i < tensor.entry_count(); ++i) {
    if (std::isfinite(entries[i])) continue;
    throw RunError(input.name + ": tensor \"" + tensor.name + "\" holds " +
                   (std::isnan(entries[i]) ? "NaN" : "infinity") + " at entry " + std::to_string(i) +
                   "; only models with finite weights can be merged");
  }
}

// Another number wherever one word differs, since each step can be undone, and almost surely where more do.
std::uint64_t fingerprint(const histokt_tensor& tensor) {
  std::size_t size = sizeof(float);
  for (std::int32_t axis = 0; axis < tensor.rank; ++axis)
    size *= static_cast<std::size_t>(tensor.shape[axis]);
  const auto* bytes = static_cast<const std::byte*>(tensor.data);
  std::uint64_t result = 0;
  for (std::size_t at = 0; at < size; at += sizeof result) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes + at, std::min(sizeof word, size - at));
    result = (result ^ word) * 0x9E3779B97F4A7C15u;
    result ^= result >> 32;
  }
  return result;
}

}  // namespace

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i > 0 ? ", " : "") + std::to_string(shape[i]);
  return text + ")";
}

histokt_tensor tensor_view(const CrossingTensor& tensor, void* data) {
  histokt_tensor view{};
  view.struct_size = sizeof view;
  view.dtype = HISTOKT_FLOAT32;
  view.name = tensor.model->name.c_str();
  view.role = tensor.role->role;
  view.rank = static_cast<std::int32_t>(tensor.model->shape.size());
  view.shape = tensor.model->shape.data();
  view.channels = tensor.channels.empty() ? nullptr : tensor.channels.data();
  view.data = data;
  return view;
}

SourceView::SourceView(const MergeInput& input, const std::vector<CrossingTensor>& tensors) {
  for (const CrossingTensor& crossing : tensors) {
    const StoredTensor* tensor = input.content.find(crossing.model->name);
    if (!tensor) throw RunError(input.name + " has no tensor \"" + crossing.model->name + "\"");
    if (tensor->shape != crossing.model->shape || !is_floating(tensor->dtype)) {
      throw RunError(input.name + ": tensor \"" + tensor->name + "\" is " +
                     std::string(dtype_name(tensor->dtype)) + " of shape " + shape_text(tensor->shape) +
                     " where floating-point numbers of shape " + shape_text(crossing.model->shape) +
                     " are expected; only models of the same architecture can be merged");
    }
    if (tensor->dtype != DType::kFloat32) converted_.push_back(converted_to_float32(*tensor));
    const float* entries = tensor->dtype == DType::kFloat32 ? tensor->floats() : converted_.back().data();
    check_finite(input, *tensor, entries);
    // The boundary has one type for inputs and outputs; first_changed() tells whether a plugin minded.
    tensors_.push_back(tensor_view(crossing, const_cast<float*>(entries)));
    fingerprints_.push_back(fingerprint(tensors_.back()));
  }
  for (const auto& [key, value] : input.content.metadata) provenance_.push_back({key.c_str(), value.c_str()});
  source_.struct_size = sizeof source_;
  source_.tensor_size = sizeof(histokt_tensor);
  source_.name = input.name.c_str();
  source_.tensors = tensors_.data();
  source_.tensor_count = tensors_.size();
  source_.provenance = provenance_.data();
  source_.provenance_count = provenance_.size();
}

const char* SourceView::first_changed() const {
  for (std::size_t i = 0; i < tensors_.size(); ++i) {
    if (fingerprint(tensors_[i]) != fingerprints_[i]) return tensors_[i].name;
  }
  return nullptr;
}

}  // namespace histokt
