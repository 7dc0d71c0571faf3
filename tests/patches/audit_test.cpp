// SPDX-License-Identifier: MIT
#include "patches/audit.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "base/errors.hpp"
#include "patches/drawn_patches.hpp"
#include "patches/scratch.hpp"

namespace histokt {
namespace {

using testing::drawn_patch;
using testing::Pixels;
using testing::Scratch;

constexpr int kSide = 16;
constexpr Split kTrain = Split::kTrain, kValid = Split::kValid, kTest = Split::kTest;

// A patch set made patch by patch, each with the split it is in.
class Made {
 public:
  Made() {
    patches_.info.dataset = "made";
    patches_.info.classes = {"benign", "malignant"};
    patches_.info.patch_side = kSide;
    patches_.info.group_level = "patient";
  }

  // Of the image `source`, whose patient is named like it. Every patch looks different unless told how.
  Made& add(Split split, const std::string& source, int left = 0, int top = 0,
            const std::optional<Pixels>& pixels = {}) {
    const auto number = static_cast<unsigned>(split_.size());
    patches_.table.id.push_back(source + "@" + std::to_string(left) + "," + std::to_string(top));
    patches_.table.group.push_back("patient " + source);
    patches_.table.source.push_back(source);
    patches_.table.left.push_back(left);
    patches_.table.top.push_back(top);
    patches_.table.official_split.push_back(-1);
    patches_.table.paper_split.push_back(-1);
    patches_.table.label.push_back(number % 2);
    const Pixels look = pixels.value_or(drawn_patch(number, kSide));
    patches_.pixels.insert(patches_.pixels.end(), look.begin(), look.end());
    split_.push_back(split);
    return *this;
  }
  Made& level(const std::string& level) {
    patches_.info.group_level = level;
    return *this;
  }
  Made& same_group() {
    for (std::string& group : patches_.table.group) group = "one";
    return *this;
  }
  testing::Patches& patches() { return patches_; }

  Audit audit(int threads = 2) const {
    const Scratch scratch;
    testing::write(scratch / "made.h5", patches_);
    Progress progress("auditing", "patches", split_.size());
    return histokt::audit(PatchSet(scratch / "made.h5"), split_, threads, progress);
  }

 private:
  testing::Patches patches_;
  std::vector<Split> split_;
};

TEST(Audit, CountsPatchesGroupsAndImagesOfEachClassAndSplit) {
  const Audit found =
      Made().add(kTrain, "a").add(kTrain, "b").add(kTrain, "a", 16).add(kValid, "c").add(kTest, "d").audit();
  EXPECT_EQ(3u, found.splits[0].all.patches);
  EXPECT_EQ(2u, found.splits[0].all.groups);
  EXPECT_EQ(2u, found.splits[0].classes[0].patches) << "number 0 and 2";
  EXPECT_EQ(1u, found.splits[0].classes[0].groups) << "both of a";
  EXPECT_EQ(1u, found.splits[0].classes[1].patches);
  EXPECT_EQ(1u, found.splits[1].classes[1].images);
  EXPECT_EQ(0u, found.splits[2].classes[1].patches);
}

TEST(Audit, CountsEachSeenPixelOfTheTestOnce) {
  const Audit found =
      Made()
          .add(kTest, "p", 8)  // its left half lies in two equal training patches, its right in one
          .add(kTrain, "p", 0)
          .add(kTrain, "p", 0, 0)
          .add(kTrain, "p", 16)
          .add(kTest, "q", 0, 0)  // 2 x 3 pixels of its corner
          .add(kTrain, "q", 14, 13)
          .add(kTrain, "q", 16, 0)  // beside it
          .add(kValid, "q", 0, 0)   // no training patch
          .add(kTest, "r")          // another image, the same place
          .audit();
  EXPECT_EQ(256u + 6u, found.test_pixels.seen);
  EXPECT_EQ(3u * 256u, found.test_pixels.of);
  EXPECT_EQ(2u, found.test_image.seen);
  EXPECT_EQ(3u, found.test_image.of);
}

// Patches at every half side of one image, every other one tested on: a paper split of overlapping patches.
TEST(Audit, GivesTheExactShareOfALeakyPaperSplit) {
  Made made;
  for (int i = 0; i < 9; ++i) made.add(i % 2 == 1 ? kTest : kTrain, "p", i * kSide / 2);
  EXPECT_EQ(1.0, made.audit().test_pixels.share()) << "each half in the neighbour's";
  Made sparse;
  for (int i = 0; i < 8; ++i) sparse.add(i % 3 == 0 ? kTrain : kTest, "p", i * kSide / 2);
  EXPECT_EQ(0.5, sparse.audit().test_pixels.share()) << "each has one training neighbour";
  EXPECT_EQ(1.0, sparse.audit().test_group.share());
}

TEST(Audit, CoversATestPatchByManyOverlappingOnesExactly) {
  // Against counting pixel by pixel.
  Made made;
  std::vector<std::array<int, 2>> train, test;
  for (int i = 0; i < 60; ++i) {
    const std::array<int, 2> at = {i * 37 % 53, i * 29 % 47};
    (i % 3 == 0 ? test : train).push_back(at);
    made.add(i % 3 == 0 ? kTest : kTrain, "p", at[0], at[1]);
  }
  std::vector<char> known(80 * 80);
  for (const auto& [left, top] : train) {
    for (int y = 0; y < kSide; ++y) {
      for (int x = 0; x < kSide; ++x) known[static_cast<std::size_t>((top + y) * 80 + left + x)] = 1;
    }
  }
  std::uint64_t seen = 0;
  for (const auto& [left, top] : test) {
    for (int y = 0; y < kSide; ++y) {
      for (int x = 0; x < kSide; ++x) seen += known[static_cast<std::size_t>((top + y) * 80 + left + x)] != 0;
    }
  }
  EXPECT_EQ(seen, made.audit(1).test_pixels.seen);
  EXPECT_EQ(seen, made.audit(3).test_pixels.seen);
}

TEST(Audit, FindsExactAndNearDuplicatesAndNamesThem) {
  const Pixels look = drawn_patch(500, kSide), other = drawn_patch(600, kSide);
  const Pixels mirrored = testing::moved(other, kSide, [](int x, int y) -> std::array<int, 2> {
    return {y, kSide - 1 - x};
  });
  const Audit found = Made()
                          .add(kTrain, "a", 0, 0, look)
                          .add(kTrain, "b", 0, 0, other)
                          .add(kValid, "c")
                          .add(kTest, "d", 0, 0, look)
                          .add(kTest, "e", 0, 0, testing::brighter(mirrored, 3))
                          .add(kTest, "f")
                          .audit();
  const Duplicates& test = found.duplicates[1];
  EXPECT_EQ(kTest, test.later);
  EXPECT_EQ(kTrain, test.earlier);
  ASSERT_EQ(1u, test.exact);
  EXPECT_EQ("d@0,0", test.exact_pairs[0].later);
  EXPECT_EQ("a@0,0", test.exact_pairs[0].earlier);
  ASSERT_EQ(1u, test.near) << "turned and brightened";
  EXPECT_EQ("e@0,0", test.near_pairs[0].later);
  EXPECT_EQ("b@0,0", test.near_pairs[0].earlier);
  EXPECT_EQ(0u, found.duplicates[0].exact + found.duplicates[0].near + found.duplicates[2].exact);
  EXPECT_EQ(
      "Accuracy on this split is optimistically biased: 66.7 % of the test patches are duplicates of "
      "training "
      "patches.",
      found.leakage_warning);
}

TEST(Audit, ComparesFlatPatchesForExactEqualityAlone) {
  const auto grey = [](std::uint8_t value) { return Pixels(kSide * kSide * 3, value); };
  const Audit found = Made()
                          .add(kTrain, "a", 0, 0, grey(200))
                          .add(kTest, "b", 0, 0, grey(200))
                          .add(kTest, "c", 0, 0, grey(201))
                          .audit();
  EXPECT_EQ(1u, found.duplicates[1].exact);
  EXPECT_EQ(0u, found.duplicates[1].near);
  EXPECT_EQ(3u, found.flat);
}

TEST(Audit, CountsPositivesAboveEachThreshold) {
  Made made;
  made.add(kTrain, "a").add(kTest, "b").add(Split::kLeftOut, "c");
  made.patches().info.multi_label = true;
  made.patches().table.label.clear();
  made.patches().table.labels = {1, 0, 1, 1, 1, 1};
  made.patches().table.shares = {0.05f, 0.0f, 0.15f, 0.9f, 1.0f, 1.0f};
  const Audit found = made.audit();
  using Rows = std::vector<std::vector<std::uint64_t>>;
  EXPECT_EQ((Rows{{2, 1}, {1, 1}, {1, 1}, {0, 1}}), found.positives_at) << "above, not at; c takes no part";
  EXPECT_EQ(1u, found.left_out);
  EXPECT_EQ(1u, found.splits[0].classes[0].patches);
  EXPECT_EQ(0u, found.splits[0].classes[1].patches);
}

TEST(Audit, SaysInOneSentenceWhyAccuracyIsBiased) {
  const std::string leaky =
      Made().add(kTrain, "p").add(kTest, "p", 8).add(kTest, "q").audit().leakage_warning;
  EXPECT_EQ(
      "Accuracy on this split is optimistically biased: 25.0 % of the test pixels lie in training "
      "patches of the same images and 50.0 % of the test patches are of a patient that also has training "
      "patches.",
      leaky);
  Made clean;
  clean.add(kTrain, "p").add(kTest, "q");
  EXPECT_EQ("", clean.audit().leakage_warning);
  EXPECT_EQ(
      "Accuracy on this split may be optimistically biased: no group above the image is known, so "
      "patients may be shared between training and test.",
      clean.level("image").audit().leakage_warning);
  EXPECT_EQ(
      "Accuracy on this split is optimistically biased: 100.0 % of the test patches are of a slide that also "
      "has training patches.",
      clean.level("slide").same_group().audit().leakage_warning);
  EXPECT_EQ("image: patients may be shared", group_level_in_words("image"));
}

TEST(Audit, IsTheSameForAnyNumberOfThreads) {
  Made made;
  for (int i = 0; i < 40; ++i) {
    made.add(i % 4 == 0   ? kTest
             : i % 4 == 1 ? kValid
                          : kTrain,
             std::to_string(i % 7), i, i, drawn_patch(static_cast<unsigned>(i % 11), kSide));
  }
  const Audit one = made.audit(1), four = made.audit(4);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(one.duplicates[i].exact, four.duplicates[i].exact);
    ASSERT_EQ(one.duplicates[i].exact_pairs.size(), four.duplicates[i].exact_pairs.size());
    for (std::size_t p = 0; p < one.duplicates[i].exact_pairs.size(); ++p) {
      EXPECT_EQ(one.duplicates[i].exact_pairs[p].earlier, four.duplicates[i].exact_pairs[p].earlier);
    }
  }
  EXPECT_EQ(one.leakage_warning, four.leakage_warning);
  EXPECT_GT(one.duplicates[1].exact, 0u);
}

TEST(Audit, RefusesASplitOfAnotherLength) {
  const Scratch scratch;
  testing::write(scratch / "p.h5", testing::small_patches(8));
  Progress progress("auditing", "patches", 8);
  const std::vector<Split> split(7, kTrain);
  const std::string said =
      testing::message_of<RunError>([&] { audit(PatchSet(scratch / "p.h5"), split, 1, progress); });
  EXPECT_NE(said.find("the split is of 7 patches, but the set has 8"), std::string::npos) << said;
}

}  // namespace
}  // namespace histokt
