// SPDX-License-Identifier: MIT
#include <torch/cuda.h>

#include "training/resident_patches.hpp"

#include <gtest/gtest.h>

#include "support/tiny_model.hpp"
#include "training/trainer.hpp"

namespace histokt {
namespace {

using testing::ColouredPatches;
using testing::PlainSgd;
using testing::TinyModel;

const Normalization kNormalization{{.5, .4, .6}, {.2, .3, .25}};

Runtime keeping_patches(torch::Device device = torch::kCPU) {
  return {.device = device, .deterministic = true, .patches = PatchPlace::kDevice};
}

Pass augmented_pass(std::size_t patches, const std::optional<AugmentationOptions>& augmentation) {
  Pass pass{.order = shuffled_order(patches, 3, 1), .batch_size = 7};
  pass.augmentation = augmentation;
  pass.seed = 3, pass.stream = 5, pass.epoch = 2;
  pass.join_lone_patch = true;
  return pass;
}

// Batch by batch, the bits of a Loader, in its format.
void expect_the_loaders_batches(const PatchSource& patches,
                                const std::optional<AugmentationOptions>& augmentation,
                                const Runtime& runtime) {
  const NormalizationTable table(kNormalization);
  const auto resident = ResidentPatches::where_they_fit(patches, table, augmentation, 7, runtime);
  ASSERT_TRUE(resident);
  const Pass pass = augmented_pass(patches.size(), augmentation);
  const LoaderOptions options{1, runtime.channels_last};
  const auto here = begin_pass(&*resident, patches, table, pass, options);
  const auto loaded = begin_pass(nullptr, patches, table, pass, options);
  ASSERT_EQ(here->batch_count(), loaded->batch_count());
  while (const auto expected = loaded->next()) {
    const auto batch = here->next();
    ASSERT_TRUE(batch);
    EXPECT_TRUE(batch->images.cpu().equal(expected->images));
    EXPECT_EQ(batch->images.strides(), expected->images.strides());
    EXPECT_TRUE(batch->labels.cpu().equal(expected->labels));
  }
  EXPECT_FALSE(here->next());
}

const std::vector<std::optional<AugmentationOptions>>& all_that_it_can() {
  static const std::vector<std::optional<AugmentationOptions>> augmentations = {
      std::nullopt,
      AugmentationOptions{},
      AugmentationOptions{0, 0, 0, 0},
      AugmentationOptions{1, 0, 0, 0},
      AugmentationOptions{0, 1, 0, 0},
      AugmentationOptions{0.5, 0.5, 180, 1},
      AugmentationOptions{.horizontal_flip = 1, .vertical_flip = 1, .rotation_degrees = 0, .shift = 0.6},
      AugmentationOptions{.cutout_holes = 1, .cutout_side = 4},
      AugmentationOptions{.cutout_holes = 40, .cutout_side = 2},
      AugmentationOptions{.cutout_holes = 2, .cutout_side = 60},
  };
  return augmentations;
}

// The CPU, and CUDA where this machine has it.
std::vector<torch::Device> devices() {
  std::vector<torch::Device> all = {torch::kCPU};
  if (torch::cuda::is_available()) all.emplace_back(torch::kCUDA);
  return all;
}

TEST(ResidentPatches, GiveTheBitsOfALoaderOnEveryDevice) {
  const ColouredPatches even(50, 3), odd(50, 3, false, 17);
  for (const torch::Device device : devices()) {
    for (std::size_t i = 0; i < all_that_it_can().size(); ++i) {
      SCOPED_TRACE(device.str() + ", augmentation " + std::to_string(i));
      expect_the_loaders_batches(even, all_that_it_can()[i], keeping_patches(device));
      expect_the_loaders_batches(odd, all_that_it_can()[i], keeping_patches(device));
    }
  }
}

TEST(ResidentPatches, GiveAllLabelsAndBothMemoryFormats) {
  const ColouredPatches patches(22, 4, true);
  Runtime runtime = keeping_patches();
  runtime.channels_last = false;
  expect_the_loaders_batches(patches, AugmentationOptions{}, runtime);
}

// What where_they_fit() says where it gives nothing, "" where it does.
std::string refusal(const PatchSource& patches, const AugmentationOptions& augmentation,
                    const Runtime& runtime) {
  std::string said;
  const auto found =
      ResidentPatches::where_they_fit(patches, NormalizationTable(kNormalization), augmentation, 4, runtime,
                                      [&](const std::string& what) { said = what; });
  return found ? "" : said;
}

TEST(ResidentPatches, LeaveColoursAndBlurToTheProcessor) {
  const ColouredPatches patches(5, 3);
  EXPECT_EQ(refusal(patches, {}, keeping_patches()), "");
  const AugmentationOptions colour{.colour = ColourJitter::kHsv, .colour_strength = 0.1},
      blur{.blur_sigma = 1};
  EXPECT_NE(refusal(patches, colour, keeping_patches()).find("changes colours"), std::string::npos);
  EXPECT_NE(refusal(patches, blur, keeping_patches()).find("blurs"), std::string::npos);
}

// More patches than any memory holds.
class Endless final : public PatchSource {
 public:
  std::size_t size() const override { return std::size_t{1} << 40; }
  int patch_side() const override { return one_.patch_side(); }
  int class_count() const override { return 3; }
  bool multi_label() const override { return false; }
  std::span<const std::uint8_t> pixels(std::size_t) const override { return one_.pixels(0); }
  std::int64_t label(std::size_t) const override { return 0; }
  std::span<const std::uint8_t> labels(std::size_t) const override { return {}; }

 private:
  ColouredPatches one_{1, 3};
};

TEST(ResidentPatches, AreLoadedBatchByBatchWhereTheyDoNotFit) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "a sanitizer ends a program that asks for so much";
#endif
  const std::string why = refusal(Endless(), {}, keeping_patches());
  EXPECT_NE(why.find("do not fit into the free memory of cpu"), std::string::npos) << why;
}

TEST(ResidentPatches, AreNotWantedOnTheProcessor) {
  const auto found = ResidentPatches::where_they_fit(
      ColouredPatches(5, 3), NormalizationTable(kNormalization), std::nullopt, 4, Runtime{});
  EXPECT_FALSE(found);
}

class TrainingOnResidentPatches : public ::testing::Test {
 protected:
  TrainRequest request_for(Model& model) const {
    TrainRequest request;
    request.model = &model;
    request.optimizer = [](std::vector<NamedParameter> p) {
      return std::make_unique<PlainSgd>(std::move(p), 0.05);
    };
    request.train = &train_;
    request.valid = &valid_;
    request.normalization = kNormalization;
    request.epochs = 3;
    request.batch_size = 8;
    request.seed = 11;
    return request;
  }

  // Trains from a loader and from the device, to the same bits; gives what was noted.
  std::vector<std::string> expect_the_same_training(const std::function<void(TrainRequest&)>& change) {
    TinyModel first(3), second(3);
    TrainRequest loaded = request_for(first), resident = request_for(second);
    resident.runtime.patches = PatchPlace::kDevice;
    std::vector<std::string> notes;
    resident.on_note = [&](const std::string& note) { notes.push_back(note); };
    loaded.on_note = [](const std::string& note) { ADD_FAILURE() << note; };
    change(loaded), change(resident);
    const TrainResult a = train(loaded), b = train(resident);
    for (std::size_t i = 0; i < a.best.tensors.size(); ++i) {
      EXPECT_EQ(a.best.tensors[i].bytes, b.best.tensors[i].bytes) << a.best.tensors[i].name;
    }
    for (std::size_t i = 0; i < a.records.size(); ++i) {
      EXPECT_EQ(a.records[i].train_loss, b.records[i].train_loss) << i;
      EXPECT_EQ(a.records[i].train_accuracy, b.records[i].train_accuracy) << i;
      EXPECT_EQ(a.records[i].valid_loss, b.records[i].valid_loss) << i;
    }
    return notes;
  }

  ColouredPatches train_{45, 3}, valid_{20, 3, false, 16, 9};
};

TEST_F(TrainingOnResidentPatches, GivesTheSameBitsAsFromALoader) {
  const auto notes = expect_the_same_training([](TrainRequest&) {});
  ASSERT_EQ(notes.size(), 2U);
  EXPECT_EQ(notes[0], "training patches stay on cpu, where they take 0.00 GB");
}

TEST_F(TrainingOnResidentPatches, ValidatesOnAugmentedOnesToo) {
  expect_the_same_training([](TrainRequest& request) {
    request.validate_clean = false;
    request.augmentation.cutout_holes = 2;
    request.augmentation.cutout_side = 4;
  });
}

TEST_F(TrainingOnResidentPatches, MakesTheSameViews) {
  expect_the_same_training([](TrainRequest& request) {
    request.layers = TrainedLayers::kHead;
    request.views = 2;
  });
}

TEST_F(TrainingOnResidentPatches, LoadsThemWhereColoursChangeAndSaysSo) {
  const auto notes = expect_the_same_training([](TrainRequest& request) {
    request.augmentation.colour = ColourJitter::kYcbcr;
    request.augmentation.colour_strength = 0.1;
  });
  ASSERT_EQ(notes.size(), 2U);
  EXPECT_NE(notes[0].find("training patches are augmented by the CPU"), std::string::npos) << notes[0];
  EXPECT_NE(notes[1].find("validation patches stay on cpu"), std::string::npos) << notes[1];
}

}  // namespace
}  // namespace histokt
