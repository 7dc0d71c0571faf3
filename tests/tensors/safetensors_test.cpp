// SPDX-License-Identifier: MIT
#include "tensors/safetensors.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>

#include "base/errors.hpp"
#include "base/files.hpp"
#include "support/folders.hpp"
#include "support/golden_tensors.hpp"
#include "support/temp_folder.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;

StoredTensor tensor_of(const std::string& name, DType dtype, std::vector<std::int64_t> shape) {
  StoredTensor tensor{name, dtype, std::move(shape), {}};
  std::size_t size = size_in_bytes(dtype);
  for (std::int64_t side : tensor.shape) size *= static_cast<std::size_t>(side);
  for (std::size_t i = 0; i < size; ++i) tensor.bytes.push_back(static_cast<std::byte>(7 * i + name.size()));
  return tensor;
}

TensorFile one_of_each() {
  TensorFile content;
  content.tensors = {
      tensor_of("weight", DType::kFloat32, {3, 2}), tensor_of("scalar", DType::kInt64, {}),
      tensor_of("half", DType::kFloat16, {5}),      tensor_of("brain", DType::kBFloat16, {1, 1}),
      tensor_of("empty", DType::kFloat32, {4, 0}),  tensor_of("double", DType::kFloat64, {2}),
      tensor_of("int", DType::kInt32, {1, 2}),      tensor_of("byte", DType::kUint8, {3}),
      tensor_of("flag", DType::kBool, {1})};
  content.tensors.back().bytes = {std::byte{1}};
  content.metadata = {{"model", "resnet18"}, {"classes", "[\"h\u00e4m\", \"eosin \\\"\"]"}};
  return content;
}

void expect_same(const TensorFile& a, const TensorFile& b) {
  EXPECT_EQ(a.metadata, b.metadata);
  ASSERT_EQ(a.tensors.size(), b.tensors.size());
  for (std::size_t i = 0; i < a.tensors.size(); ++i) {
    EXPECT_EQ(a.tensors[i].name, b.tensors[i].name);
    EXPECT_EQ(a.tensors[i].dtype, b.tensors[i].dtype) << a.tensors[i].name;
    EXPECT_EQ(a.tensors[i].shape, b.tensors[i].shape) << a.tensors[i].name;
    EXPECT_EQ(a.tensors[i].bytes, b.tensors[i].bytes) << a.tensors[i].name;
  }
}

TEST(Safetensors, ReadsBackWhatItWroteInTheSameOrder) {
  const test::TempFolder folder;
  write_safetensors(folder / "a", one_of_each());
  expect_same(read_safetensors(folder / "a"), one_of_each());
}

TEST(Safetensors, AFileWithoutTensorsOrMetadataIsAFile) {
  const test::TempFolder folder;
  write_safetensors(folder / "a", {});
  const TensorFile content = read_safetensors(folder / "a");
  EXPECT_TRUE(content.tensors.empty());
  EXPECT_TRUE(content.metadata.empty());
}

TEST(Safetensors, TheSameContentGivesTheSameBytes) {
  const test::TempFolder folder;
  write_safetensors(folder / "a", one_of_each());
  write_safetensors(folder / "b", read_safetensors(folder / "a"));
  EXPECT_EQ(read_file(folder / "a"), read_file(folder / "b"));
}

TEST(Safetensors, TheDataBeginsAtAMultipleOfEightBytes) {
  const test::TempFolder folder;
  for (const char* name : {"a", "ab", "abc", "abcdefg"}) {
    write_safetensors(folder / name, {{tensor_of(name, DType::kFloat32, {1})}, {}});
    EXPECT_EQ(read_file(folder / name)[0] % 8, 0) << name;
  }
}

TEST(Safetensors, ReadsTheGoldenFiles) {
  for (const std::string& name : test::golden_names("", ".safetensors")) {
    const TensorFile found = read_safetensors(test::golden(name));
    const testing::GoldenFile expected = testing::read_golden(name);
    EXPECT_EQ(found.metadata, expected.metadata) << name;
    ASSERT_EQ(found.tensors.size(), expected.tensors.size()) << name;
    for (const StoredTensor& tensor : found.tensors) {
      EXPECT_EQ(tensor.shape, expected[tensor.name].shape) << name << ": " << tensor.name;
      EXPECT_EQ(tensor.entry_count(), expected[tensor.name].count()) << name << ": " << tensor.name;
      EXPECT_TRUE(tensor.bytes == expected[tensor.name].bytes) << name << ": " << tensor.name;
    }
  }
}

TEST(Safetensors, AScalarHasOneEntryAndFloatsAreFloatsOnly) {
  StoredTensor scalar = tensor_of("s", DType::kFloat32, {});
  const float value = 0.5f;
  std::memcpy(scalar.bytes.data(), &value, sizeof value);
  EXPECT_EQ(scalar.entry_count(), 1u);
  EXPECT_EQ(scalar.floats()[0], 0.5f);
  EXPECT_THROW(tensor_of("i", DType::kInt64, {}).floats(), RunError);
  EXPECT_EQ(TensorFile{}.find("s"), nullptr);
}

TEST(Safetensors, AFileThatCannotBeWrittenLeavesNothingBehind) {
  const test::TempFolder folder;
  TensorFile wrong = one_of_each();
  wrong.tensors[0].bytes.pop_back();
  EXPECT_THROW(write_safetensors(folder / "a", wrong), RunError);
  wrong.tensors[0] = wrong.tensors[1];
  EXPECT_THROW(write_safetensors(folder / "a", wrong), RunError);
  EXPECT_THROW(write_safetensors(folder / "a", {{tensor_of("\xff", DType::kUint8, {1})}, {}}), RunError);
  EXPECT_THROW(write_safetensors(folder / "a", {{tensor_of("__metadata__", DType::kUint8, {1})}, {}}),
               RunError);
  EXPECT_TRUE(fs::is_empty(folder.path()));
  EXPECT_THROW(write_safetensors(folder / "missing" / "a", one_of_each()), RunError);
}

}  // namespace
}  // namespace histokt
