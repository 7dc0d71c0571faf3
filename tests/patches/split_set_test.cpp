// SPDX-License-Identifier: MIT
#include "patches/split_set.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "base/errors.hpp"
#include "patches/scratch.hpp"

namespace histokt {
namespace {

using testing::Scratch;
using testing::small_patches;

void split_file(const Scratch& scratch, const SplitOptions& options = {}, int threads = 2) {
  const PatchSet patches(scratch / "p.h5");
  write_split_file(scratch / "s.h5", patches, options, assign_split(patches, options), threads);
}

TEST(SplitSet, OpensItsPatchesThroughTheSplitFile) {
  const Scratch scratch;
  const auto made = small_patches(80);
  testing::write(scratch / "p.h5", made);
  split_file(scratch, {.seed = 9});

  const SplitSet split(scratch / "s.h5");
  EXPECT_EQ(split.seed(), 9u);
  EXPECT_EQ(split.protocol(), SplitProtocol::kByGroup);
  EXPECT_EQ(split.group_level(), "patient");
  const SplitView train = split.train(), valid = split.valid(), test = split.open_test();
  EXPECT_EQ(train.size() + valid.size() + test.size(), 80u);
  EXPECT_EQ(train.size(), 64u);
  EXPECT_EQ(valid.patch_side(), 8);
  EXPECT_EQ(valid.class_count(), 2);
  for (std::size_t i = 0; i < valid.size(); ++i) {
    const std::size_t index = valid.index_in_set(i);
    EXPECT_EQ(split.split()[index], Split::kValid);
    EXPECT_EQ(valid.label(i), made.table.label[index]);
    EXPECT_EQ(valid.pixels(i)[5], made.pixels[index * 192 + 5]);
  }
}

TEST(SplitSet, AClosedTestPartCannotBeRead) {
  const Scratch scratch;
  testing::write(scratch / "p.h5", small_patches(80));
  split_file(scratch);
  const SplitSet closed(scratch / "s.h5", TestPart::kClosed);
  EXPECT_EQ(closed.train().size(), SplitSet(scratch / "s.h5").train().size());
  EXPECT_GT(closed.count(Split::kTest), 0u) << "how many there are is no secret";
  EXPECT_THROW(closed.open_test(), std::logic_error);
  EXPECT_THROW(closed.open(Split::kTest), std::logic_error);
}

TEST(SplitSet, KnowsMeanAndDeviationOfTheTrainingPatches) {
  const Scratch scratch;
  const auto made = small_patches(40);
  testing::write(scratch / "p.h5", made);
  split_file(scratch);
  const SplitSet split(scratch / "s.h5");
  const SplitView train = split.train();
  for (std::size_t channel = 0; channel < 3; ++channel) {
    double sum = 0, squares = 0, count = 0;
    for (std::size_t i = 0; i < train.size(); ++i) {
      for (std::size_t p = channel; p < 192; p += 3, ++count) {
        const double value = train.pixels(i)[p] / 255.0;
        sum += value;
        squares += value * value;
      }
    }
    EXPECT_NEAR(split.mean()[channel], sum / count, 1e-12);
    EXPECT_NEAR(split.standard_deviation()[channel], std::sqrt(squares / count - sum / count * sum / count),
                1e-10);
  }
}

TEST(SplitSet, HasTheSameBytesForAnyNumberOfThreads) {
  const Scratch scratch;
  testing::write(scratch / "p.h5", small_patches(40));
  split_file(scratch, {}, 1);
  const std::string one = read_file(scratch / "s.h5");
  split_file(scratch, {}, 3);
  EXPECT_EQ(read_file(scratch / "s.h5"), one);
}

TEST(SplitSet, OpensASplitWithinThePatchSetsFile) {
  const Scratch scratch;
  const auto made = small_patches(40);
  {
    PatchSetWriter writer(scratch / "all.h5", 8);
    writer.write_pixels(0, made.pixels);
    writer.finish(made.info, made.table);
    const PatchSet patches(writer.temporary());
    add_split(patches, {}, assign_split(patches, {}), 2);
    writer.publish();
  }
  const SplitSet split(scratch / "all.h5");
  EXPECT_EQ(split.count(Split::kTrain), 32u);
  EXPECT_EQ(split.train().pixels(0).size(), 192u);
  EXPECT_EQ(scratch.file_count(), 1u);
}

TEST(SplitSet, MovesTogetherWithItsPatchSet) {
  const Scratch scratch;
  std::filesystem::create_directories(scratch / "a/patches");
  std::filesystem::create_directories(scratch / "a/split");
  testing::write(scratch / "a/patches/p.h5", small_patches(40));
  {
    const PatchSet patches(scratch / "a/patches/p.h5");
    write_split_file(scratch / "a/split/s.h5", patches, {}, assign_split(patches, {}), 1);
  }
  std::filesystem::rename(scratch / "a", scratch / "b");
  EXPECT_EQ(SplitSet(scratch / "b/split/s.h5").patches()->size(), 40u);
}

TEST(SplitSet, KnowsItsFold) {
  const Scratch scratch;
  testing::write(scratch / "p.h5", small_patches(40));
  split_file(scratch, {.folds = {5, 3}});
  const SplitSet split(scratch / "s.h5");
  EXPECT_EQ(split.folds().count, 5);
  EXPECT_EQ(split.folds().fold, 3);
  EXPECT_EQ(split.count(Split::kTest), 8u);
}

TEST(SplitSet, LeadsToItsPatchSet) {
  const Scratch scratch;
  testing::write(scratch / "p.h5", small_patches(40));
  split_file(scratch);
  EXPECT_EQ(open_patches(scratch / "s.h5")->digest(), open_patches(scratch / "p.h5")->digest());
}

TEST(SplitSet, SaysWhatIsMissing) {
  const Scratch scratch;
  testing::write(scratch / "p.h5", small_patches(40));
  std::string said = testing::message_of<RunError>([&] { SplitSet(scratch / "p.h5"); });
  EXPECT_NE(said.find("p.h5: this patch set has not been split"), std::string::npos) << said;

  split_file(scratch);
  said = testing::message_of<RunError>([&] { PatchSet(scratch / "s.h5"); });
  EXPECT_NE(said.find("this is a split file"), std::string::npos) << said;

  auto other = small_patches(40);
  other.pixels[0] ^= 1;
  testing::write(scratch / "p.h5", other);
  said = testing::message_of<RunError>([&] { SplitSet(scratch / "s.h5"); });
  EXPECT_NE(said.find("another patch set"), std::string::npos) << said;

  std::filesystem::remove(scratch / "p.h5");
  said = testing::message_of<RunError>([&] { SplitSet(scratch / "s.h5"); });
  EXPECT_NE(said.find("is not there"), std::string::npos) << said;
}

}  // namespace
}  // namespace histokt
