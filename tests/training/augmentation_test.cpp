// SPDX-License-Identifier: MIT
#include "training/augmentation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "support/golden_tensors.hpp"

namespace histokt {
namespace {

// Values that stay bytes, so that results can be compared with images.
const NormalizationTable& bytes_kept() {
  static const NormalizationTable table(Normalization{{0, 0, 0}, {1 / 255.0, 1 / 255.0, 1 / 255.0}});
  return table;
}

// An image, and what it becomes by rows of (angle, dx, dy, horizontal flip, vertical flip).
struct Golden {
  explicit Golden(const std::string& name) {
    const testing::GoldenFile file = testing::read_golden("affine.safetensors");
    const testing::GoldenTensor& shown = file[name + "/picture"];
    height = static_cast<int>(shown.shape.at(0));
    width = static_cast<int>(shown.shape.at(1));
    image = shown.values<std::uint8_t>();
    rows = file[name + "/angle_dx_dy_hflip_vflip"].values<double>();
    results = file[name + "/result"].values<std::uint8_t>();
  }

  // The first of the file, for tests that only need an image.
  static Golden any() { return Golden(names().at(0)); }
  static std::vector<std::string> names() {
    return testing::read_golden("affine.safetensors").cases_with("picture");
  }

  std::size_t row_count() const { return rows.size() / 5; }
  std::span<const std::uint8_t> result(std::size_t row) const {
    return std::span(results).subspan(row * image.size(), image.size());
  }
  AugmentationDraw draw(std::size_t row) const {
    const double* const v = &rows.at(5 * row);
    return {v[3] != 0, v[4] != 0, v[0], static_cast<int>(v[1]), static_cast<int>(v[2])};
  }

  int height = 0, width = 0;
  std::vector<std::uint8_t> image, results;
  std::vector<double> rows;
};

class AffineGoldens : public ::testing::TestWithParam<std::string> {};

TEST_P(AffineGoldens, AgreeWithTorchvision) {
  const Golden golden(GetParam());
  std::vector<float> out(golden.image.size());
  ASSERT_GT(golden.row_count(), 0u);
  for (std::size_t row = 0; row < golden.row_count(); ++row) {
    augment(golden.draw(row), golden.image, golden.height, golden.width, bytes_kept(), out);
    const auto expected = golden.result(row);
    std::size_t equal = 0;
    for (std::size_t i = 0; i < out.size(); ++i) equal += std::lround(out[i]) == expected[i];
    EXPECT_GE(static_cast<double>(equal), 0.999 * static_cast<double>(out.size())) << "row " << row;
  }
}

INSTANTIATE_TEST_SUITE_P(All, AffineGoldens, ::testing::ValuesIn(Golden::names()),
                         [](const auto& test) { return test.param; });

TEST(Augmentation, WithoutADrawIsNormalisationAlone) {
  const Golden golden = Golden::any();
  const NormalizationTable table(Normalization{{.7, .5, .6}, {.2, .25, .3}});
  std::vector<float> augmented(golden.image.size()), plain(augmented.size());
  augment({}, golden.image, golden.height, golden.width, table, augmented);
  normalize(golden.image, table, plain);
  EXPECT_EQ(augmented, plain);
}

TEST(Augmentation, FillsWithNormalisedBlack) {
  const Golden golden = Golden::any();
  const NormalizationTable table(Normalization{{.7, .5, .6}, {.2, .25, .3}});
  std::vector<float> out(golden.image.size());
  augment({.shift_right = 5}, golden.image, golden.height, golden.width, table, out);
  EXPECT_FLOAT_EQ(out[0], -.7F / .2F);
  EXPECT_FLOAT_EQ(out[3 * 4 + 1], -.5F / .25F);
}

TEST(Augmentation, AnImageShiftedOutOfSightIsBlack) {
  const Golden golden = Golden::any();
  std::vector<float> out(golden.image.size(), 7.F);
  const int far = 2 * (golden.height + golden.width);
  augment({.rotation_degrees = 30, .shift_right = far}, golden.image, golden.height, golden.width,
          bytes_kept(), out);
  EXPECT_EQ(out, std::vector<float>(out.size(), 0.F));
}

TEST(Draw, IsAFunctionOfItsKey) {
  const AugmentationOptions options;
  EXPECT_EQ(draw_augmentation(options, 1, 2, 3, 4, 272), draw_augmentation(options, 1, 2, 3, 4, 272));
  EXPECT_NE(draw_augmentation(options, 1, 2, 3, 4, 272), draw_augmentation(options, 1, 2, 3, 5, 272));
  EXPECT_NE(draw_augmentation(options, 1, 2, 3, 4, 272), draw_augmentation(options, 1, 2, 4, 4, 272));
}

TEST(Draw, StaysWithinTheOptionsAndReachesThem) {
  const AugmentationOptions options;
  double largest_angle = 0;
  int largest_shift = 0, flips = 0;
  for (std::uint64_t i = 0; i < 4000; ++i) {
    const AugmentationDraw draw = draw_augmentation(options, 1, 0, 0, i, 272);
    largest_angle = std::max(largest_angle, std::abs(draw.rotation_degrees));
    largest_shift = std::max({largest_shift, std::abs(draw.shift_right), std::abs(draw.shift_down)});
    flips += draw.horizontal_flip;
  }
  EXPECT_LE(largest_angle, 45);
  EXPECT_GT(largest_angle, 44.5);
  EXPECT_EQ(largest_shift, 27);
  EXPECT_NEAR(flips, 2000, 150);
}

TEST(Draw, AnOptionSwitchedOffChangesNoOther) {
  const AugmentationDraw all = draw_augmentation({}, 1, 0, 0, 9, 272);
  AugmentationDraw unturned = draw_augmentation({.rotation_degrees = 0}, 1, 0, 0, 9, 272);
  EXPECT_EQ(unturned.rotation_degrees, 0);
  unturned.rotation_degrees = all.rotation_degrees;
  EXPECT_EQ(unturned, all);
}

TEST(Draw, WhatIsAddedChangesNothingElse) {
  const AugmentationOptions plain,
      all = {.colour = ColourJitter::kYcbcr, .colour_strength = 0.5, .blur_sigma = 1, .cutout_holes = 2};
  const AugmentationDraw with = draw_augmentation(all, 1, 0, 0, 9, 272);
  AugmentationDraw without = draw_augmentation(plain, 1, 0, 0, 9, 272);
  EXPECT_EQ(without.colour, ColourDraw());
  EXPECT_TRUE(without.holes.empty());
  without.colour = with.colour;
  without.holes = with.holes;
  without.blur_sigma = 1;
  EXPECT_EQ(without, with);
  AugmentationOptions uncut = all;
  uncut.cutout_holes = 0;
  EXPECT_EQ(draw_augmentation(uncut, 1, 0, 0, 9, 272).colour, with.colour);
  AugmentationOptions uncoloured = all;
  uncoloured.colour = ColourJitter::kNone;
  EXPECT_EQ(draw_augmentation(uncoloured, 1, 0, 0, 9, 272).holes, with.holes);
}

TEST(Draw, OfColoursIsNormalWithTheStrengthAsItsDeviation) {
  const AugmentationOptions options = {.colour = ColourJitter::kHsv, .colour_strength = 0.1};
  double sum = 0, squares = 0;
  constexpr int kDraws = 4000;
  for (std::uint64_t i = 0; i < kDraws; ++i) {
    const double amount = draw_augmentation(options, 1, 0, 0, i, 272).colour.amount[1];
    sum += amount;
    squares += amount * amount;
  }
  EXPECT_NEAR(sum / kDraws, 0, 0.01);
  EXPECT_NEAR(std::sqrt(squares / kDraws), 0.1, 0.005);
}

TEST(Draw, OfDistortionStaysInTorchvisionsRangesAndReachesThemInEveryOrder) {
  const AugmentationOptions options = {.colour = ColourJitter::kDistortion, .colour_strength = 1.5};
  double least = 1, most = 1, turn = 0;
  std::set<std::array<int, 4>> orders;
  for (std::uint64_t i = 0; i < 4000; ++i) {
    const ColourDraw draw = draw_augmentation(options, 1, 0, 0, i, 272).colour;
    least = std::min({least, draw.brightness, draw.contrast, draw.saturation});
    most = std::max({most, draw.brightness, draw.contrast, draw.saturation});
    turn = std::max(turn, std::abs(draw.hue));
    orders.insert(draw.order);
  }
  EXPECT_GE(least, 0);
  EXPECT_LT(least, 0.01);
  EXPECT_LE(most, 2.2);
  EXPECT_GT(most, 2.19);
  EXPECT_LE(turn, 0.3);
  EXPECT_GT(turn, 0.295);
  EXPECT_EQ(orders.size(), 24u);
}

TEST(Draw, OfHolesReachesEveryPartOfThePatch) {
  const AugmentationOptions options = {.cutout_holes = 3};
  int least = 272, most = 0;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const AugmentationDraw draw = draw_augmentation(options, 1, 0, 0, i, 272);
    ASSERT_EQ(draw.holes.size(), 3u);
    for (const Hole& hole : draw.holes) {
      least = std::min({least, hole.x, hole.y});
      most = std::max({most, hole.x, hole.y});
    }
  }
  EXPECT_EQ(least, 0);
  EXPECT_EQ(most, 271);
}

}  // namespace
}  // namespace histokt
