// SPDX-License-Identifier: MIT
#include "training/loader.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "base/errors.hpp"
#include "base/interrupt.hpp"
#include "support/tiny_model.hpp"

namespace histokt {
namespace {

using testing::ColouredPatches;

const NormalizationTable kTable(Normalization{{.5, .5, .5}, {.2, .2, .2}});

// All that there is.
const AugmentationOptions kEverything = {.colour = ColourJitter::kHsv,
                                         .colour_strength = 0.5,
                                         .blur_sigma = 1,
                                         .cutout_holes = 2,
                                         .cutout_side = 4};

Pass shuffled_pass(std::size_t patches, std::size_t batch_size) {
  Pass pass{.order = shuffled_order(patches, 3, 1), .batch_size = batch_size};
  pass.augmentation = AugmentationOptions{};
  pass.seed = 3;
  return pass;
}

std::vector<Batch> all_batches(const PatchSource& patches, const Pass& pass, int threads,
                               bool channels_last = true) {
  Loader loader(patches, kTable, pass, {threads, channels_last});
  std::vector<Batch> batches;
  while (const auto batch = loader.next()) batches.push_back({batch->images.clone(), batch->labels.clone()});
  return batches;
}

TEST(Loader, GivesTheSameBatchesForAnyNumberOfThreads) {
  const ColouredPatches patches(53, 3);
  for (const AugmentationOptions& augmentation : {AugmentationOptions{}, kEverything}) {
    Pass pass = shuffled_pass(53, 4);
    pass.augmentation = augmentation;
    const auto one = all_batches(patches, pass, 1), three = all_batches(patches, pass, 3);
    ASSERT_EQ(one.size(), three.size());
    for (std::size_t i = 0; i < one.size(); ++i) {
      EXPECT_TRUE(one[i].images.equal(three[i].images));
      EXPECT_TRUE(one[i].labels.equal(three[i].labels));
    }
  }
}

TEST(Loader, KeepsTheLastSmallerBatch) {
  const auto batches = all_batches(ColouredPatches(11, 3), {.order = file_order(11), .batch_size = 4}, 2);
  ASSERT_EQ(batches.size(), 3u);
  EXPECT_EQ(batches.back().images.sizes().vec(), (std::vector<std::int64_t>{3, 3, 16, 16}));
}

TEST(BatchBounds, JoinALonePatchToTheBatchBefore) {
  using Bounds = std::vector<std::size_t>;
  EXPECT_EQ(batch_bounds(9, 4, true), (Bounds{0, 4, 9}));
  EXPECT_EQ(batch_bounds(9, 4, false), (Bounds{0, 4, 8, 9}));
  EXPECT_EQ(batch_bounds(1, 4, true), (Bounds{0, 1}));
  EXPECT_EQ(batch_bounds(0, 4, true), (Bounds{0}));
}

TEST(Loader, GivesNormalisedPixelsInBothMemoryFormats) {
  const ColouredPatches patches(3, 3);
  const Pass pass{.order = file_order(3), .batch_size = 3};
  const auto last = all_batches(patches, pass, 1, true), first = all_batches(patches, pass, 1, false);
  EXPECT_TRUE(last[0].images.is_contiguous(torch::MemoryFormat::ChannelsLast));
  EXPECT_TRUE(last[0].images.equal(first[0].images));
  const std::uint8_t green = patches.pixels(2)[(5 * 16 + 7) * 3 + 1];
  EXPECT_NEAR(last[0].images[2][1][5][7].item<double>(), (green / 255.0 - .5) / .2, 1e-5);
}

TEST(Loader, ShufflesEachEpochAnew) {
  auto order = shuffled_order(100, 1, 0);
  EXPECT_NE(order, shuffled_order(100, 1, 1));
  std::sort(order.begin(), order.end());
  EXPECT_EQ(order, file_order(100));
}

TEST(Loader, GivesAllLabelsOfMultiLabelPatches) {
  const ColouredPatches patches(5, 4, true);
  const auto batches = all_batches(patches, {.order = file_order(5), .batch_size = 5}, 1);
  EXPECT_EQ(batches[0].labels.sizes().vec(), (std::vector<std::int64_t>{5, 4}));
  EXPECT_EQ(batches[0].labels[3][2].item<float>(), patches.labels(3)[2]);
}

// Fails at one patch.
class Broken final : public PatchSource {
 public:
  std::size_t size() const override { return 100; }
  int patch_side() const override { return 16; }
  int class_count() const override { return 3; }
  bool multi_label() const override { return false; }
  std::span<const std::uint8_t> pixels(std::size_t i) const override {
    if (i == 42) throw RunError("patch 42 is broken");
    return good_.pixels(0);
  }
  std::int64_t label(std::size_t) const override { return 0; }
  std::span<const std::uint8_t> labels(std::size_t) const override { return {}; }

 private:
  ColouredPatches good_{1, 3};
};

TEST(Loader, CarriesAHelpersErrorToTheConsumer) {
  EXPECT_THROW(all_batches(Broken(), {.order = file_order(100), .batch_size = 4}, 3), RunError);
}

TEST(Loader, StopsWhenItIsDroppedHalfway) {
  const ColouredPatches patches(200, 3);
  Loader loader(patches, kTable, shuffled_pass(200, 2), {3});
  EXPECT_TRUE(loader.next());
}

}  // namespace
}  // namespace histokt
