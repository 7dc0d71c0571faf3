// SPDX-License-Identifier: MIT
// A sample feature table of three patches, written out by hand.
#pragma once

#include <cstring>
#include <span>
#include <vector>

#include "tasks/feature_file.hpp"

namespace histokt::test {

template <typename T>
StoredTensor tensor_of(DType dtype, std::vector<std::int64_t> shape, const std::vector<T>& values) {
  StoredTensor tensor{"", dtype, std::move(shape), {}};
  const auto bytes = std::as_bytes(std::span(values));
  tensor.bytes.assign(bytes.begin(), bytes.end());
  return tensor;
}

// Three patches of two features and two classes.
inline FeatureTable feature_sample() {
  FeatureTable table;
  table.info = {.dataset = "crc",
                .part = "test",
                .model = "resnet18",
                .checkpoint = "c0ffee",
                .split = "5b117",
                .normalization = {{0.5, 0.25, 0.125}, {1, 2, 4}},
                .classes = {"be\xCC\x88nign", "malignant"},
                .source_classes = {"be\xCC\x88nign", "malignant"},
                .multi_label = false,
                .group_level = "patient"};
  table.features = tensor_of<float>(DType::kFloat32, {3, 2}, {0.5F, -1, 2, 0.25F, 0, 8});
  table.logits = tensor_of<float>(DType::kFloat32, {3, 2}, {1, 0, 0, 2, 3, 0});
  table.label = tensor_of<std::int64_t>(DType::kInt64, {3}, {0, 1, 1});
  table.row = {4, 7, 9};
  table.id = {"a.png@0,0", "\xC3\xA4.png@0,6", ""};
  table.group = {"patient 1", "patient 1", "patient 2"};
  return table;
}

}  // namespace histokt::test
