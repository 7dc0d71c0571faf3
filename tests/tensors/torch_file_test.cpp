// SPDX-License-Identifier: MIT
// Files of torch.save are read back unchanged.
#include "tensors/torch_file.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "base/digest.hpp"
#include "base/errors.hpp"
#include "support/temp_folder.hpp"
#include "tensors/torch_writer.hpp"
#include "tensors/weights.hpp"

namespace histokt {
namespace {

using namespace pickled;
using Shape = std::vector<std::int64_t>;

class TorchFile : public ::testing::Test {
 protected:
  TensorFile read(const std::string& bytes, const std::string& name = "weights.pth") const {
    const auto file = folder_ / name;
    std::ofstream(file, std::ios::binary) << bytes;
    return read_weights(file);
  }
  TensorFile read(const std::string& top, const Entries& storages) const {
    return read(torch_file(top, storages));
  }

  static std::vector<float> floats_of(const TensorFile& file, const std::string& name) {
    const StoredTensor* tensor = file.find(name);
    if (!tensor) return {};
    return {tensor->floats(), tensor->floats() + tensor->entry_count()};
  }

  const test::TempFolder folder_;
  const std::string six_ = bytes_of(std::vector<float>{0, 1, 2, 3, 4, 5});
};

TEST_F(TorchFile, GivesNamesShapesAndNumbersInTheirOrder) {
  const TensorFile file =
      read(dict({{"fc.weight", tensor(storage("FloatStorage", "0", 6), 0, {2, 3}, {3, 1})},
                 {"bn1.num_batches_tracked", tensor(storage("LongStorage", "1", 1), 0, {}, {})}}),
           {{"0", six_}, {"1", bytes_of<std::int64_t>(7)}});
  ASSERT_EQ(file.tensors.size(), 2u);
  EXPECT_EQ(file.tensors[0].name, "fc.weight");
  EXPECT_EQ(file.tensors[0].shape, (Shape{2, 3}));
  EXPECT_EQ(floats_of(file, "fc.weight"), (std::vector<float>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(file.tensors[1].dtype, DType::kInt64);
  EXPECT_EQ(file.tensors[1].shape, Shape{});
  EXPECT_EQ(file.tensors[1].bytes[0], std::byte{7});
}

TEST_F(TorchFile, ViewsOfOneStorageAreTakenApart) {
  const std::string shared = storage("FloatStorage", "0", 6);
  const TensorFile file =
      read(dict({{"a", tensor(shared, 4, {2}, {1})}, {"b", tensor(shared, 1, {2}, {1})}}), {{"0", six_}});
  EXPECT_EQ(floats_of(file, "a"), (std::vector<float>{4, 5}));
  EXPECT_EQ(floats_of(file, "b"), (std::vector<float>{1, 2}));
}

TEST_F(TorchFile, WhatIsNotContiguousIsCopiedRowsFirst) {
  const std::string shared = storage("FloatStorage", "0", 6);
  const TensorFile file = read(dict({{"transposed", tensor(shared, 0, {3, 2}, {1, 3})},
                                     {"every_second", tensor(shared, 1, {3}, {2})},
                                     {"repeated", tensor(shared, 2, {2, 2}, {0, 1})},
                                     {"one", tensor(shared, 5, {1, 1}, {99, 99})}}),
                               {{"0", six_}});
  EXPECT_EQ(floats_of(file, "transposed"), (std::vector<float>{0, 3, 1, 4, 2, 5}));
  EXPECT_EQ(floats_of(file, "every_second"), (std::vector<float>{1, 3, 5}));
  EXPECT_EQ(floats_of(file, "repeated"), (std::vector<float>{2, 3, 2, 3}));
  EXPECT_EQ(floats_of(file, "one"), std::vector<float>{5});
}

TEST_F(TorchFile, EmptyTensorsTakeNothing) {
  const TensorFile file =
      read(dict({{"none", tensor(storage("FloatStorage", "0", 0), 0, {0, 3}, {3, 1})}}), {{"0", ""}});
  EXPECT_EQ(file.tensors.at(0).shape, (Shape{0, 3}));
  EXPECT_TRUE(file.tensors.at(0).bytes.empty());
}

TEST_F(TorchFile, EachTypeKeepsItsName) {
  const std::pair<const char*, DType> types[] = {
      {"DoubleStorage", DType::kFloat64},    {"HalfStorage", DType::kFloat16},
      {"BFloat16Storage", DType::kBFloat16}, {"IntStorage", DType::kInt32},
      {"ByteStorage", DType::kUint8},        {"BoolStorage", DType::kBool}};
  for (const auto& [name, dtype] : types) {
    const TensorFile file = read(dict({{"t", tensor(storage(name, "0", 2), 0, {2}, {1})}}),
                                 {{"0", std::string(2 * size_in_bytes(dtype), '\1')}});
    EXPECT_EQ(file.tensors.at(0).dtype, dtype) << name;
  }
}

TEST_F(TorchFile, ParametersAreTheirTensors) {
  const TensorFile file = read(dict({{"w", call(global("torch._utils", "_rebuild_parameter"),
                                                floats("0", 6) + "\x88" + empty_dict())}}),
                               {{"0", six_}});
  EXPECT_EQ(floats_of(file, "w").size(), 6u);
}

TEST_F(TorchFile, APublishedCheckpointsNetworkIsTakenAndTheRestPassedOver) {
  const std::string scalar =
      call(global("numpy.core.multiarray", "scalar"),
           call(global("numpy", "dtype"), text("f8")) + "C\x08" + std::string(8, '\1'));
  const TensorFile file = read(
      plain_dict(
          {{"state_dict_optimizer",
            plain_dict({{"state", tensor(storage("FloatStorage", "7", 6), 0, {6}, {1})}})},
           {"epoch", integer(249)},
           {"best_acc1", scalar},
           {"metrics", call(global("optim.metrics", "Metrics"), "N") + "}(" + text("historical") + "}ub"},
           {"state_dict_network", dict({{"module.conv1.weight", floats("0", 6)}})}}),
      {{"0", six_}});
  ASSERT_EQ(file.tensors.size(), 1u);
  EXPECT_EQ(file.tensors[0].name, "conv1.weight");
}

TEST_F(TorchFile, AttributesOfTheDictArePassedOver) {
  const std::string with_metadata =
      dict({{"a", floats("0", 6)}}) + "}(" + text("_metadata") + dict({{"", "}"}}) + "ub";
  EXPECT_EQ(read(with_metadata, {{"0", six_}}).tensors.size(), 1u);
}

TEST_F(TorchFile, TheMemoRefersToWhatWasKept) {
  const std::string memoized =
      dict({{"a", storage("FloatStorage", "0", 6)}});  // a name and a storage to recall
  const std::string kept = global("torch._utils", "_rebuild_tensor_v2") + "q\x05" + "0";
  const std::string again = "h\x05" +
                            tuple(storage("FloatStorage", "0", 6) + integer(0) + integers({6}) +
                                  integers({1}) + "\x89" + empty_dict()) +
                            "R";
  EXPECT_EQ(read(kept + dict({{"a", again}, {"b", again}}), {{"0", six_}}).tensors.size(), 2u);
}

TEST_F(TorchFile, ModuleIsTakenOffOnlyWhereAllNamesHaveIt) {
  EXPECT_EQ(read(dict({{"module.a", floats("0", 6)}}), {{"0", six_}}).tensors[0].name, "a");
  const TensorFile mixed = read(dict({{"module.a", floats("0", 6)}, {"b", floats("0", 6)}}), {{"0", six_}});
  EXPECT_EQ(mixed.tensors[0].name, "module.a");
}

TEST_F(TorchFile, SizesIn64BitsAreUnderstood) {
  const TensorFile file = read(torch_file(dict({{"a", floats("0", 6)}}), {{"0", six_}}, true));
  EXPECT_EQ(floats_of(file, "a"), (std::vector<float>{0, 1, 2, 3, 4, 5}));
}

TEST_F(TorchFile, SafetensorsAreToldApartByTheirContent) {
  TensorFile written;
  written.tensors = {{"a", DType::kUint8, {2}, std::vector<std::byte>(2)}};
  write_safetensors(folder_ / "misnamed.pth", written);
  EXPECT_EQ(read_weights(folder_ / "misnamed.pth").tensors.at(0).name, "a");
}

TEST_F(TorchFile, TheDigestInTheNameIsChecked) {
  const std::string bytes = torch_file(dict({{"a", floats("0", 6)}}), {{"0", six_}});
  const std::string right = sha256_of_text(bytes).substr(0, 8);
  EXPECT_NO_THROW(read(bytes, "resnet18-" + right + ".pth"));
  const std::string wrong = right == "f37072fd" ? "f37072fe" : "f37072fd";
  try {
    read(bytes, "resnet18-" + wrong + ".pth");
    FAIL() << "a wrong digest was taken";
  } catch (const RunError& error) {
    for (const std::string& part :
         {std::string("resnet18-" + wrong + ".pth"), right, std::string("download")}) {
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    }
  }
}

TEST_F(TorchFile, ADateOrAnotherNumberOfDigitsIsNoDigest) {
  const std::string bytes = torch_file(dict({{"a", floats("0", 6)}}), {{"0", six_}});
  for (const char* name :
       {"run-20240131.pth", "run-abc.pth", "run-0123456789ab.pth", "f37072fd.pth", "run-F37072FD.pth"}) {
    EXPECT_NO_THROW(read(bytes, name)) << name;
  }
}

}  // namespace
}  // namespace histokt
