// SPDX-License-Identifier: MIT
#include "training/epoch_sums.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace histokt {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kNever{1'000'000'000};

void add(EpochSums& sums, float loss, std::int64_t hits, std::size_t patches) {
  sums.add(torch::tensor(loss), torch::tensor(hits), patches);
}

TEST(EpochSums, AreMeansOverPatchesWheneverTheyAreRead) {
  EpochSums at_once(milliseconds(0)), late(kNever);
  for (EpochSums* sums : {&at_once, &late}) {
    add(*sums, 0.3F, 2, 4);
    EXPECT_EQ(sums->read_if_due(), sums == &at_once);
    add(*sums, 0.7F, 1, 1);
    EXPECT_EQ(sums->read_if_due(), sums == &at_once);
  }
  EXPECT_EQ(late.patches(), 0U);
  late.read();
  EXPECT_EQ(late.patches(), 5U);
  EXPECT_DOUBLE_EQ(late.hits_per_patch(), 0.6);
  EXPECT_DOUBLE_EQ(late.loss(), (4 * double{0.3F} + double{0.7F}) / 5);
  EXPECT_EQ(late.loss(), at_once.loss());
}

TEST(EpochSums, NameTheFirstBatchThatIsNotFinite) {
  EpochSums sums(kNever);
  add(sums, 1, 0, 2);
  sums.read();
  EXPECT_FALSE(sums.not_finite());
  add(sums, 2, 0, 2);
  add(sums, std::numeric_limits<float>::infinity(), 0, 2);
  add(sums, std::numeric_limits<float>::quiet_NaN(), 0, 2);
  EXPECT_FALSE(sums.not_finite());
  sums.read();
  ASSERT_TRUE(sums.not_finite());
  EXPECT_EQ(sums.not_finite()->batch, 3U);
  EXPECT_TRUE(std::isinf(sums.not_finite()->loss));
}

TEST(EpochSums, AreReadOnceTheIntervalHasPassed) {
  EpochSums sums(milliseconds(1));
  add(sums, 1, 1, 1);
  while (!sums.read_if_due()) {
  }
  EXPECT_EQ(sums.patches(), 1U);
}

}  // namespace
}  // namespace histokt
