// SPDX-License-Identifier: MIT
#include "training/checkpoint.hpp"

#include <gtest/gtest.h>

#include "base/errors.hpp"
#include "support/tiny_model.hpp"
#include "training/inference.hpp"

namespace histokt {
namespace {

using testing::TinyModel;

std::string message_of(auto work) {
  try {
    work();
  } catch (const RunError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

torch::Tensor named(Model& model, const std::string& name) {
  for (const ModelTensor& t : model.tensors()) {
    if (t.name == name) return t.tensor;
  }
  return {};
}

TEST(Checkpoint, GivesTheSameNetworkBack) {
  TinyModel first(4, 1), second(4, 2);
  load_into(second, to_tensor_file(first, {}));
  const torch::Tensor images = torch::randn({2, 3, 16, 16});
  EXPECT_TRUE(first.forward(images).equal(second.forward(images)));
}

TEST(Checkpoint, HoldsRowsFirstWhateverTheMemoryFormat) {
  TinyModel plain(4), placed(4);
  place(placed, Runtime{});
  const TensorFile a = to_tensor_file(plain, {}), b = to_tensor_file(placed, {});
  ASSERT_EQ(a.tensors.size(), b.tensors.size());
  for (std::size_t i = 0; i < a.tensors.size(); ++i) EXPECT_EQ(a.tensors[i].bytes, b.tensors[i].bytes);
}

TEST(Checkpoint, NamesWhatIsMissingExtraAndOfAnotherShape) {
  TinyModel model(4);
  TensorFile file = to_tensor_file(model, {});
  for (StoredTensor& t : file.tensors) {
    if (t.name == "bn1.weight") t.name = "bn9.weight";
    if (t.name == "fc.bias") t.shape = {2, 2};
  }
  const std::string text = message_of([&] { load_into(model, file); });
  EXPECT_NE(text.find("\"bn1.weight\" is missing"), std::string::npos) << text;
  EXPECT_NE(text.find("\"bn9.weight\" is not in the model"), std::string::npos) << text;
  EXPECT_NE(text.find("\"fc.bias\" has the shape (2, 2)"), std::string::npos) << text;
}

TEST(Checkpoint, OfOtherClassesFitsWhereTheHeadIsReplaced) {
  TinyModel source(7, 1), target(4, 2);
  const TensorFile file = to_tensor_file(source, {});
  EXPECT_THROW(load_into(target, file), RunError);
  load_into(target, file, {.allow_other_head = true});
  EXPECT_TRUE(named(target, "conv1.weight").equal(named(source, "conv1.weight")));
  EXPECT_EQ(named(target, "fc.weight").size(0), 4);
}

TEST(Checkpoint, OfHalfPrecisionIsConverted) {
  TinyModel source(4, 1), target(4, 2);
  TensorFile file = to_tensor_file(source, {});
  file.tensors[0] = stored(file.tensors[0].name, to_torch(file.tensors[0]).to(torch::kBFloat16));
  load_into(target, file);
  EXPECT_TRUE(named(target, "conv1.weight").allclose(named(source, "conv1.weight"), 1e-2));
}

TEST(Checkpoint, MayLackBatchNormsCounters) {
  TinyModel model(4);
  TensorFile file = to_tensor_file(model, {});
  std::erase_if(file.tensors, [](const StoredTensor& t) { return t.name.ends_with("num_batches_tracked"); });
  EXPECT_NO_THROW(load_into(model, file));
}

TEST(CheckpointInfo, SurvivesTheWayThroughMetadata) {
  const CheckpointInfo info{.model = "resnet18",
                            .classes = {{"CLL", "with \"quotes\"", "MCL"}},
                            .multi_label = false,
                            .patch_side = 272,
                            .microns_per_pixel = 0.1 + 0.2,
                            .rounding = "truncate",
                            .normalization = Normalization{{.1, .2, 1.0 / 3}, {.4, .5, .6}},
                            .provenance = "trained on crc"};
  EXPECT_EQ(checkpoint_info(to_metadata(info)), info);
}

TEST(CheckpointInfo, TakesANumberOfClassesAsNothingSaid) {
  EXPECT_FALSE(checkpoint_info({{"classes", "7"}}).classes);
}

TEST(CheckpointInfo, OfAFileMadeElsewhereIsEmpty) {
  EXPECT_EQ(checkpoint_info({{"format", "pt"}}), CheckpointInfo{});
}

TEST(CheckpointInfo, NamesTheEntryThatCannotBeRead) {
  const std::string text = message_of([] { checkpoint_info({{"classes", "[\"a\","}}); });
  EXPECT_NE(text.find("\"classes\""), std::string::npos) << text;
}

}  // namespace
}  // namespace histokt
