// SPDX-License-Identifier: MIT
// Colour jitter against the results of the published formulas, PIL and torchvision for one image:
// tests/goldens/colour, made once with PIL 9.4, torchvision 0.14, scikit-image 0.19 and SciPy 1.10. The
// metadata of each result has its amounts.
#include "training/colour_jitter.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/golden_tensors.hpp"
#include "training/augmentation.hpp"

namespace histokt {
namespace {

// Values that stay bytes, so that results can be compared with images.
const NormalizationTable& bytes_kept() {
  static const NormalizationTable table(Normalization{{0, 0, 0}, {1 / 255.0, 1 / 255.0, 1 / 255.0}});
  return table;
}

const testing::GoldenFile& golden() {
  static const testing::GoldenFile file = testing::read_golden("colour.safetensors");
  return file;
}

std::span<const std::uint8_t> bytes_of(const std::string& name) {
  const testing::GoldenTensor& tensor = golden()[name];
  return {reinterpret_cast<const std::uint8_t*>(tensor.bytes.data()), tensor.bytes.size()};
}

int height() {
  return static_cast<int>(golden()["picture"].shape.at(0));
}
int width() {
  return static_cast<int>(golden()["picture"].shape.at(1));
}

// The results whose names are `beginning` and a number.
std::vector<std::string> numbered(const std::string& beginning) {
  std::vector<std::string> found;
  for (const std::string& name : golden().names) {
    const auto is_digit = [](char letter) { return letter >= '0' && letter <= '9'; };
    if (name.starts_with(beginning) &&
        std::all_of(name.begin() + static_cast<std::ptrdiff_t>(beginning.size()), name.end(), is_digit))
      found.push_back(name);
  }
  if (found.empty()) throw std::runtime_error("the golden file has no " + beginning);
  return found;
}

std::vector<double> amounts_of(const std::string& name) {
  std::istringstream stream(golden().text(name));
  std::vector<double> amounts;
  for (double amount; stream >> amount;) amounts.push_back(amount);
  return amounts;
}

std::vector<float> augmented(const AugmentationDraw& draw, const NormalizationTable& table = bytes_kept()) {
  std::vector<float> out(bytes_of("picture").size());
  augment(draw, bytes_of("picture"), height(), width(), table, out);
  return out;
}

// No level is off by more than one, and nearly all are right.
void expect_golden(const std::string& name, const AugmentationDraw& draw) {
  const std::vector<float> found = augmented(draw);
  const auto expected = bytes_of(name);
  std::size_t equal = 0;
  double worst = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const double difference = std::abs(static_cast<double>(found[i]) - expected[i]);
    equal += difference < 0.01;
    worst = std::max(worst, difference);
  }
  EXPECT_LT(worst, 1.01) << name;
  EXPECT_GE(static_cast<double>(equal), 0.999 * static_cast<double>(found.size())) << name;
}

AugmentationDraw shifting(ColourJitter kind, const std::string& name) {
  const std::vector<double> amounts = amounts_of(name);
  AugmentationDraw draw;
  draw.colour.kind = kind;
  std::copy_n(amounts.begin(), 3, draw.colour.amount.begin());
  return draw;
}

AugmentationDraw distorting(const std::string& name) {
  const std::vector<double> v = amounts_of(name);
  AugmentationDraw draw;
  draw.colour = {ColourJitter::kDistortion, {}, v[0], v[1], v[2], v[3], {}};
  for (std::size_t i = 0; i < 4; ++i) draw.colour.order[i] = static_cast<int>(v[4 + i]);
  return draw;
}

AugmentationDraw blurring(const std::string& name) {
  const std::vector<double> v = amounts_of(name);
  AugmentationDraw draw;
  draw.blur_size = static_cast<int>(v[0]);
  draw.blur_sigma = v[1];
  return draw;
}

TEST(ColourJitter, ShiftsChromaAsPublished) {
  expect_golden("ycbcr", shifting(ColourJitter::kYcbcr, "ycbcr"));
}

TEST(ColourJitter, ShiftsHueAndSaturationAsPublished) {
  for (const std::string& name : numbered("hsv")) expect_golden(name, shifting(ColourJitter::kHsv, name));
}

TEST(ColourJitter, ShiftsAlongPrincipalComponentsAsPublished) {
  expect_golden("rgb", shifting(ColourJitter::kRgb, "rgb"));
}

TEST(ColourJitter, DistortsAsTorchvisionDoes) {
  for (const std::string& name : numbered("distortion")) expect_golden(name, distorting(name));
}

TEST(ColourJitter, WithoutAnAmountLeavesTheImage) {
  for (const ColourJitter kind : {ColourJitter::kYcbcr, ColourJitter::kHsv, ColourJitter::kRgb}) {
    AugmentationDraw draw;
    draw.colour.kind = kind;
    const std::vector<float> found = augmented(draw);
    const auto image = bytes_of("picture");
    double worst = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
      worst = std::max(worst, std::abs(static_cast<double>(found[i]) - image[i]));
    }
    EXPECT_LT(worst, 0.01) << static_cast<int>(kind);
  }
}

TEST(ColourJitter, OfAnImageOfOneColourIsTheSameImage) {
  const std::vector<std::uint8_t> image(3 * 64, 77);
  for (const ColourJitter kind : {ColourJitter::kYcbcr, ColourJitter::kHsv, ColourJitter::kRgb}) {
    std::vector<std::uint8_t> scratch = image;
    std::vector<float> out(image.size());
    jitter({.kind = kind, .amount = {2, 2, 2}}, scratch, bytes_kept(), out.data());
    EXPECT_NEAR(*std::max_element(out.begin(), out.end()), 77, 0.01) << static_cast<int>(kind);
    EXPECT_NEAR(*std::min_element(out.begin(), out.end()), 77, 0.01) << static_cast<int>(kind);
  }
}

TEST(Blur, BlursAndRoundsAsTorchvisionDoes) {
  for (const std::string& name : numbered("blur")) expect_golden(name, blurring(name));
}

TEST(Blur, AfterColourDistortionIsNotRounded) {
  AugmentationDraw draw = distorting("distortion0");
  const AugmentationDraw blur = blurring("distortion_then_blur");
  draw.blur_size = blur.blur_size;
  draw.blur_sigma = blur.blur_sigma;
  const std::vector<float> found = augmented(draw);
  const std::vector<float> expected = golden()["distortion_then_blur"].values<float>();
  double worst = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    worst = std::max(worst, std::abs(static_cast<double>(found[i]) - static_cast<double>(expected[i])));
  }
  EXPECT_LT(worst, 0.2) << "a level of the distorted image may differ by one";
}

TEST(Blur, ComesBeforeRotationWhereColoursStayAndAfterItWhereTheyChange) {
  AugmentationDraw draw = blurring("blur0");
  draw.shift_right = 20;
  // Black fill has a sharp edge to what was blurred before, and a soft one otherwise.
  const auto at = [&](const std::vector<float>& out, int x) {
    return out[static_cast<std::size_t>(3 * (20 * width() + x))];
  };
  EXPECT_EQ(at(augmented(draw), 19), 0);
  draw.colour.kind = ColourJitter::kYcbcr;
  EXPECT_GT(at(augmented(draw), 19), 10);
}

TEST(Cutout, MakesHolesOfTheMeanColourAfterNormalisation) {
  const NormalizationTable table(Normalization{{.7, .5, .6}, {.2, .25, .3}});
  AugmentationDraw draw;
  const std::vector<float> whole = augmented(draw, table);
  draw.holes = {{2, 10}, {width() - 24, height() - 1}};  // one at each of two edges
  draw.hole_side = 8;
  const std::vector<float> cut = augmented(draw, table);
  const auto is_in = [](int x, int y, const Hole& hole) {
    return x >= hole.x - 4 && x < hole.x + 4 && y >= hole.y - 4 && y < hole.y + 4;
  };
  for (int y = 0; y < height(); ++y) {
    for (int x = 0; x < width(); ++x) {
      const std::size_t i = static_cast<std::size_t>(3 * (y * width() + x));
      const bool hole = is_in(x, y, draw.holes[0]) || is_in(x, y, draw.holes[1]);
      ASSERT_EQ(cut[i + 1], hole ? 0 : whole[i + 1]) << x << ", " << y;
    }
  }
}

}  // namespace
}  // namespace histokt
