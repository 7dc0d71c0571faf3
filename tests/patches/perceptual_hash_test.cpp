// SPDX-License-Identifier: MIT
#include "patches/perceptual_hash.hpp"

#include <gtest/gtest.h>

#include <opencv2/imgcodecs.hpp>
#include <set>

#include "patches/drawn_patches.hpp"

namespace histokt {
namespace {

using testing::brighter;
using testing::drawn_patch;
using testing::moved;
using testing::Pixels;

std::uint64_t hash(const Pixels& patch, int side) {
  return perceptual_hash(patch, side).value();
}

Pixels as_jpeg(Pixels patch, int side, int quality) {
  std::vector<unsigned char> bytes;
  cv::imencode(".jpg", cv::Mat(side, side, CV_8UC3, patch.data()), bytes,
               {cv::IMWRITE_JPEG_QUALITY, quality});
  const cv::Mat decoded = cv::imdecode(bytes, cv::IMREAD_COLOR);
  return {decoded.data, decoded.data + patch.size()};
}

TEST(PerceptualHash, KnowsAllEightFlipsAndTurns) {
  for (const int side : {48, 35}) {  // in cells and pixel by pixel
    const int end = side - 1;
    const Pixels patch = drawn_patch(1, side);
    std::set<std::uint64_t> of_pixels;
    for (int i = 0; i < 8; ++i) {
      of_pixels.insert(hash(moved(patch, side,
                                  [&](int x, int y) -> std::array<int, 2> {
                                    if (i & 1) x = end - x;
                                    if (i & 2) y = end - y;
                                    if (i & 4) std::swap(x, y);
                                    return {x, y};
                                  }),
                            side));
    }
    const auto turned = turned_hashes(hash(patch, side));
    EXPECT_EQ(of_pixels, std::set(turned.begin(), turned.end())) << side;
    EXPECT_EQ(8u, of_pixels.size()) << side;
  }
}

TEST(PerceptualHash, HardlyChangesWithLightAndCompression) {
  for (unsigned number = 0; number < 20; ++number) {
    const Pixels patch = drawn_patch(number, 96);
    EXPECT_LE(differing_bits(hash(patch, 96), hash(brighter(patch, 6), 96)), kNearDuplicateBits);
    EXPECT_LE(differing_bits(hash(patch, 96), hash(as_jpeg(patch, 96, 75), 96)), kNearDuplicateBits)
        << number;
  }
}

TEST(PerceptualHash, DiffersBetweenPatchesThatHaveNothingInCommon) {
  for (unsigned number = 0; number < 20; ++number) {
    EXPECT_GT(differing_bits(hash(drawn_patch(number, 40), 40), hash(drawn_patch(number + 100, 40), 40)), 12);
  }
}

TEST(PerceptualHash, IsNoneForAFlatPatch) {
  EXPECT_FALSE(perceptual_hash(Pixels(32 * 32 * 3, 200), 32));
  Pixels nearly(32 * 32 * 3, 200);
  for (std::size_t i = 0; i < nearly.size(); i += 7) ++nearly[i];
  EXPECT_FALSE(perceptual_hash(nearly, 32));
}

}  // namespace
}  // namespace histokt
