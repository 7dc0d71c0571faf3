#include "training/normalization.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "base/errors.hpp"
#include "support/tiny_model.hpp"

namespace histokt {
namespace {

using testing::ColouredPatches;

TEST(TrainingStatistics, AreThePopulationsMeanAndDeviation) {
  const ColouredPatches patches(7, 3, false, 19);  // 19 x 19 x 3 bytes is no multiple of the lanes
  double sum[3] = {}, squares[3] = {};
  for (std::size_t i = 0; i < patches.size(); ++i) {
    const auto pixels = patches.pixels(i);
    for (std::size_t k = 0; k < pixels.size(); ++k) {
      sum[k % 3] += pixels[k] / 255.0;
      squares[k % 3] += pixels[k] / 255.0 * pixels[k] / 255.0;
    }
  }
  const Normalization found = training_statistics(patches);
  const double count = 7 * 19 * 19;
  for (int c = 0; c < 3; ++c) {
    const double mean = sum[c] / count;
    EXPECT_NEAR(found.mean[c], mean, 1e-12);
    EXPECT_NEAR(found.deviation[c], std::sqrt(squares[c] / count - mean * mean), 1e-12);
  }
}

TEST(TrainingStatistics, DoNotHangOnTheNumberOfThreads) {
  const ColouredPatches patches(31, 3);
  EXPECT_EQ(training_statistics(patches, 1), training_statistics(patches, 4));
}

TEST(TrainingStatistics, RefuseAnEmptySource) {
  EXPECT_THROW(training_statistics(ColouredPatches(0, 3)), RunError);
}

TEST(NormalizationTable, RefusesADeviationOfZero) {
  EXPECT_THROW(NormalizationTable(Normalization{{0, 0, 0}, {1, 0, 1}}), RunError);
}

}  // namespace
}  // namespace histokt
