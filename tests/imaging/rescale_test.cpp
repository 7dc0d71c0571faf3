// SPDX-License-Identifier: MIT
#include "imaging/rescale.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "imaging/crop.hpp"
#include "imaging/polyphase.hpp"
#include "imaging/rescale_kernels.hpp"
#include "support/image_files.hpp"

namespace histokt {
namespace {

using testing::noise_image;

using Plane = std::vector<std::vector<double>>;  // [row][column]

Plane turned(const Plane& plane) {
  Plane result(plane[0].size(), std::vector<double>(plane.size()));
  for (std::size_t y = 0; y < plane.size(); ++y) {
    for (std::size_t x = 0; x < plane[0].size(); ++x) result[x][y] = plane[y][x];
  }
  return result;
}

// The definition, step by step: blur every row with mirrored borders, then interpolate.
Plane rescaled_rows(const Plane& plane, int side) {
  const int width = static_cast<int>(plane[0].size());
  const double factor = static_cast<double>(width) / side;
  const double sigma = std::max(0.0, (factor - 1) / 2);
  const int radius = static_cast<int>(4 * sigma + 0.5);
  double total = 0;
  for (int k = -radius; k <= radius; ++k) total += radius == 0 ? 1 : std::exp(-0.5 * k * k / (sigma * sigma));
  Plane result;
  for (const auto& row : plane) {
    std::vector<double> blurred(width, 0.0);
    for (int x = 0; x < width; ++x) {
      for (int k = -radius; k <= radius; ++k) {
        const double weight = radius == 0 ? 1 : std::exp(-0.5 * k * k / (sigma * sigma));
        blurred[x] += weight / total * row[mirrored_index(x + k, width)];
      }
    }
    auto& out = result.emplace_back();
    for (int i = 0; i < side; ++i) {
      const double position = (i + 0.5) * factor - 0.5;
      const long before = std::lround(std::floor(position));
      const double share = position - static_cast<double>(before);
      out.push_back((1 - share) * blurred[mirrored_index(before, width)] +
                    share * blurred[mirrored_index(before + 1, width)]);
    }
  }
  return result;
}

Plane channel_of(const Image& image, int channel) {
  Plane plane(image.height, std::vector<double>(image.width));
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) plane[y][x] = image.row(y)[3 * x + channel];
  }
  return plane;
}

void expect_rescaled_by_definition(int height, int width, Size full) {
  const Image image = noise_image(height, width);
  Image made;
  rescale(image, full, Rounding::kNearest, made);
  ASSERT_EQ(made.height, full.height);
  ASSERT_EQ(made.width, full.width);
  double worst = 0;
  for (int channel = 0; channel < 3; ++channel) {
    const Plane wanted =
        turned(rescaled_rows(turned(rescaled_rows(channel_of(image, channel), full.width)), full.height));
    for (int y = 0; y < full.height; ++y) {
      for (int x = 0; x < full.width; ++x)
        worst = std::max(worst, std::abs(made.row(y)[3 * x + channel] - wanted[y][x]));
    }
  }
  EXPECT_LE(worst, 0.501) << height << " x " << width << " to " << full.height << " x " << full.width;
}

TEST(Rescale, FollowsItsDefinition) {
  expect_rescaled_by_definition(60, 90, {25, 38});
  expect_rescaled_by_definition(61, 83, {60, 81});
  expect_rescaled_by_definition(50, 40, {63, 50});
  expect_rescaled_by_definition(200, 300, {20, 30});
}

TEST(Rescale, FollowsItsDefinitionOnSidesShorterThanTheBlur) {
  expect_rescaled_by_definition(1, 9, {1, 2});
  expect_rescaled_by_definition(3, 40, {1, 4});
  expect_rescaled_by_definition(1, 1, {3, 3});
  expect_rescaled_by_definition(2, 1, {5, 3});
}

TEST(Rescale, RoundsSidesHalfToEven) {
  EXPECT_EQ(rescaled_size({5, 7}, 0.5), (Size{2, 4}));
  EXPECT_EQ(rescaled_size({1536, 2048}, 0.42), (Size{645, 860}));
  EXPECT_EQ(rescaled_size({1, 1}, 0.01), (Size{1, 1}));
}

TEST(Rescale, OfAPartIsThePartOfTheWhole) {
  const Image image = noise_image(120, 150);
  Image whole, part;
  rescale(image, {50, 63}, Rounding::kTruncate, whole);
  rescale_part(image, {50, 63}, {31, 40}, Rounding::kTruncate, part);
  for (int y = 0; y < part.height; ++y) {
    EXPECT_TRUE(std::equal(part.row(y).begin(), part.row(y).end(), whole.row(y).begin())) << y;
  }
}

TEST(Rescale, LeavesAnImageOfTheRightSizeAsItIs) {
  const Image image = noise_image(40, 50);
  Image made;
  rescale(image, {40, 50}, Rounding::kTruncate, made);
  EXPECT_EQ(made.pixels, image.pixels);
}

TEST(Rescale, RoundsOrTruncates) {
  Image image = noise_image(2, 2), nearest, truncated;
  for (int i = 0; i < 12; ++i) image.pixels[i] = i < 3 ? 3 : 0;  // mean 0.75 in every channel
  rescale(image, {1, 1}, Rounding::kNearest, nearest);
  rescale(image, {1, 1}, Rounding::kTruncate, truncated);
  EXPECT_EQ(nearest.pixels, (PixelBuffer<std::uint8_t>{1, 1, 1}));
  EXPECT_EQ(truncated.pixels, (PixelBuffer<std::uint8_t>{0, 0, 0}));
}

// numpy and SciPy give 100 - 1e-14 here for some pixels, which their clipping to the image's range lifts
// again.
TEST(Rescale, TruncationKeepsAFlatImageFlat) {
  for (const int level : {0, 1, 77, 100, 240, 255}) {
    for (const Size full : {Size{30, 40}, Size{29, 37}, Size{75, 93}}) {
      Image image, made;
      image.resize(60, 80);
      std::fill(image.pixels.begin(), image.pixels.end(), static_cast<std::uint8_t>(level));
      rescale(image, full, Rounding::kTruncate, made);
      EXPECT_EQ(std::count(made.pixels.begin(), made.pixels.end(), level), std::ssize(made.pixels)) << level;
    }
  }
}

TEST(Rescale, PortableKernelsAgreeWithTheOnesInUse) {
  const Image image = noise_image(20, 50);
  const ColumnWeights axis = column_weights(axis_weights(50, 21, 21));
  std::vector<float> rows(158), portable_rows(158), columns(64), portable_columns(64);
  const float weights[] = {0.1f, 0.2f, 0.4f, 0.3f};
  blend_rows(image.row(3).data(), image.row_bytes(), weights, 4, 150, rows.data());
  portable::blend_rows(image.row(3).data(), image.row_bytes(), weights, 4, 150, portable_rows.data());
  for (int i = 0; i < 150; ++i) EXPECT_NEAR(rows[i], portable_rows[i], 1e-3);
  blend_columns(rows.data(), axis, columns.data());
  portable::blend_columns(rows.data(), axis, portable_columns.data());
  for (int i = 0; i < 63; ++i) EXPECT_NEAR(columns[i], portable_columns[i], 1e-3);
}

TEST(RescaleNearest, InventsNoCodes) {
  Mask mask, made;
  mask.resize(4, 6);
  for (int i = 0; i < 24; ++i) mask.codes[i] = static_cast<std::uint16_t>(1000 * i);
  rescale_nearest_part(mask, {2, 3}, {2, 3}, made);
  EXPECT_EQ(made.codes, (PixelBuffer<std::uint16_t>{7000, 9000, 11000, 19000, 21000, 23000}));
  rescale_nearest_part(mask, {4, 6}, {2, 2}, made);
  EXPECT_EQ(made.codes, (PixelBuffer<std::uint16_t>{0, 1000, 6000, 7000}));
}

// numpy.pad([0, 1, 2, 3], (0, 8), mode="reflect") and the like.
TEST(ReflectionWrap, MirrorsAgainAndAgainWithoutRepeatingTheEdge) {
  Mask mask, made;
  mask.resize(1, 4);
  for (int i = 0; i < 4; ++i) mask.codes[i] = static_cast<std::uint16_t>(i);
  reflection_wrap(mask, 12, made);
  EXPECT_EQ(made.height, 12);
  for (int y = 0; y < 12; ++y) {
    const std::vector<std::uint16_t> row(made.row(y).begin(), made.row(y).end());
    EXPECT_EQ(row, (std::vector<std::uint16_t>{0, 1, 2, 3, 2, 1, 0, 1, 2, 3, 2, 1})) << "row " << y;
  }
}

TEST(ReflectionWrap, WrapsOnlyTheShortSide) {
  const Image image = noise_image(3, 9);
  Image made;
  reflection_wrap(image, 5, made);
  ASSERT_EQ(made.height, 5);
  ASSERT_EQ(made.width, 9);
  EXPECT_TRUE(std::equal(made.row(3).begin(), made.row(3).end(), image.row(1).begin()));
  EXPECT_TRUE(std::equal(made.row(4).begin(), made.row(4).end(), image.row(0).begin()));
}

}  // namespace
}  // namespace histokt
