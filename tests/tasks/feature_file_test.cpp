// SPDX-License-Identifier: MIT
// Feature files: reading back what was written, and refusals.
#include "tasks/feature_file.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "base/errors.hpp"
#include "base/files.hpp"
#include "support/temp_folder.hpp"
#include "tasks/feature_sample.hpp"

namespace histokt {
namespace {

using test::feature_sample;
using test::tensor_of;

FeatureTable through_a_file(const FeatureTable& table) {
  const test::TempFolder folder;
  write_features(folder / "f.safetensors", table);
  return read_features(folder / "f.safetensors");
}

std::string error_of(const std::function<void(TensorFile&)>& change) {
  const test::TempFolder folder;
  write_features(folder / "f.safetensors", feature_sample());
  TensorFile file = read_safetensors(folder / "f.safetensors");
  change(file);
  write_safetensors(folder / "f.safetensors", file);
  try {
    read_features(folder / "f.safetensors");
  } catch (const RunError& error) {
    EXPECT_NE(std::string::npos, std::string(error.what()).find("f.safetensors")) << error.what();
    return error.what();
  }
  return "no error";
}

StoredTensor& tensor(TensorFile& file, const std::string& name) {
  return *std::ranges::find_if(file.tensors, [&](const StoredTensor& tensor) { return tensor.name == name; });
}

TEST(FeatureFile, GivesBackWhatWasWritten) {
  const FeatureTable before = feature_sample(), after = through_a_file(before);
  EXPECT_EQ(3, after.size());
  EXPECT_EQ(2, after.dimension());
  EXPECT_EQ(before.features.bytes, after.features.bytes);
  EXPECT_EQ(before.logits->bytes, after.logits->bytes);
  EXPECT_EQ(before.label.bytes, after.label.bytes);
  EXPECT_EQ(before.row, after.row);
  EXPECT_EQ(before.id, after.id);
  EXPECT_EQ(before.group, after.group);
  EXPECT_EQ(before.info.classes, after.info.classes);
  EXPECT_EQ(before.info.source_classes, after.info.source_classes);
  EXPECT_EQ(before.info.normalization, after.info.normalization);
  EXPECT_EQ("test", after.info.part);
  EXPECT_EQ("c0ffee", after.info.checkpoint);
  EXPECT_EQ("5b117", after.info.split);
}

TEST(FeatureFile, MayHaveSeveralLabelsAndNoHead) {
  FeatureTable table = feature_sample();
  table.info.multi_label = true;
  table.info.source_classes.clear();
  table.logits.reset();
  table.label = tensor_of<std::uint8_t>(DType::kUint8, {3, 2}, {0, 1, 1, 1, 0, 0});
  const FeatureTable after = through_a_file(table);
  EXPECT_FALSE(after.logits);
  EXPECT_EQ(table.label.bytes, after.label.bytes);
}

TEST(FeatureFile, SaysWhatIsWrongWithIt) {
  const auto expect = [](const std::string& part, const std::function<void(TensorFile&)>& change) {
    const std::string error = error_of(change);
    EXPECT_NE(std::string::npos, error.find(part)) << part << "\nin: " << error;
  };
  expect("no `split`", [](TensorFile& file) { file.metadata.erase("split"); });
  expect("format_version is \"2\"", [](TensorFile& file) { file.metadata["format_version"] = "2"; });
  expect("`classes` is \"three\"", [](TensorFile& file) { file.metadata["classes"] = "three"; });
  expect("no tensor `row`", [](TensorFile& file) { tensor(file, "row").name = "rows"; });
  expect("3 rows", [](TensorFile& file) {
    tensor(file, "row") = tensor_of<std::int64_t>(DType::kInt64, {2}, {4, 7});
    file.tensors.at(3).name = "row";
  });
  expect("`id_offsets`", [](TensorFile& file) { tensor(file, "id_offsets").bytes.at(0) = std::byte{1}; });
  expect("not one of the 2", [](TensorFile& file) { tensor(file, "label").bytes.at(0) = std::byte{2}; });
  expect("`features` is I64", [](TensorFile& file) {
    tensor(file, "features") = tensor_of<std::int64_t>(DType::kInt64, {3}, {1, 2, 3});
    file.tensors.at(0).name = "features";
  });
}

TEST(FeatureFile, RefusesOneThatIsCutOff) {
  const test::TempFolder folder;
  write_features(folder / "f.safetensors", feature_sample());
  const std::string whole = read_file(folder / "f.safetensors");
  write_file_atomically(folder / "f.safetensors", whole.substr(0, whole.size() - 9));
  EXPECT_THROW(read_features(folder / "f.safetensors"), RunError);
}

}  // namespace
}  // namespace histokt
