// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "base/errors.hpp"
#include "imaging/background.hpp"
#include "imaging/standardize_image.hpp"
#include "support/golden_tensors.hpp"
#include "support/image_files.hpp"

namespace histokt {
namespace {

using testing::noise_image;
using testing::read_golden;

Image golden_image(const std::string& name) {
  cv::Mat decoded = cv::imread(test::golden(name + ".png"));
  if (decoded.empty()) throw std::runtime_error("no golden image " + name + ".png");
  cv::cvtColor(decoded, decoded, cv::COLOR_BGR2RGB);
  Image image;
  image.resize(decoded.rows, decoded.cols);
  std::copy(decoded.datastart, decoded.dataend, image.pixels.begin());
  return image;
}

// "standardize_cropped" and its like.
class StandardizeGoldens : public ::testing::TestWithParam<std::string> {};

TEST_P(StandardizeGoldens, AgreeWithThePublishedCode) {
  const std::string& name = GetParam();
  const auto golden = read_golden(name + ".safetensors");
  const testing::GoldenTensor& patches = golden["patches"];
  StandardizeOptions options;
  options.microns_per_pixel = golden.number("microns_per_pixel");
  options.overlap = golden.number("overlap");
  options.patch_side = static_cast<int>(patches.shape.at(1));
  options.rounding = Rounding::kTruncate;
  options.min_contrast = 0;
  WorkBuffers buffers;
  const StandardizedImage made = standardize_image(golden_image(name), options, name, buffers);

  EXPECT_EQ(made.rescaled.height, golden.integer("rescaled_height"));
  EXPECT_EQ(made.rescaled.width, golden.integer("rescaled_width"));
  EXPECT_EQ(static_cast<std::int64_t>(made.count()), patches.shape.at(0));
  const auto wanted = patches.values<std::uint8_t>();
  ASSERT_EQ(made.patches.size(), wanted.size());
  int worst = 0;
  std::size_t exact = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const int error = made.patches[i] - wanted[i];
    worst = std::max(worst, std::abs(error));
    exact += error == 0;
  }
  EXPECT_LE(worst, 1);
  EXPECT_GE(static_cast<double>(exact), 0.9999 * static_cast<double>(wanted.size()));
}

std::vector<std::string> cases() {
  std::vector<std::string> names = test::golden_names("standardize_", ".safetensors");
  for (std::string& name : names) name.erase(name.size() - std::string_view(".safetensors").size());
  return names;
}

INSTANTIATE_TEST_SUITE_P(All, StandardizeGoldens, ::testing::ValuesIn(cases()),
                         [](const auto& test) { return test.param; });

TEST(BackgroundFilter, DecidesAsThePublishedCodeOnTheGoldenPatches) {
  const auto golden = read_golden("background_filter.safetensors");
  const auto patches = golden["patches"].values<std::uint8_t>();
  const auto kept = golden["kept"].values<std::uint8_t>();
  ASSERT_FALSE(kept.empty());
  BackgroundFilter filter;
  const std::size_t size = patches.size() / kept.size();
  for (std::size_t i = 0; i < kept.size(); ++i) {
    EXPECT_EQ(filter.is_background({patches.data() + i * size, size}), kept[i] == 0) << "patch " << i;
  }
}

StandardizedImage standardized(const Image& image, const StandardizeOptions& options) {
  WorkBuffers buffers;
  return standardize_image(image, options, "a.png", buffers);
}

TEST(Standardize, CutsSixPatchesFromAnImageOfBachsSize) {
  const auto made = standardized(noise_image(1536, 2048), {.microns_per_pixel = 0.42});
  const std::vector<Corner> corners{{0, 0}, {204, 0}, {408, 0}, {0, 204}, {204, 204}, {408, 204}};
  EXPECT_EQ(made.rescaled, (Size{645, 860}));
  EXPECT_EQ(made.corners, corners);
  EXPECT_EQ(made.patches.size(), 6u * 272 * 272 * 3);
}

TEST(Standardize, DropsPatchesOfGlassAndCountsThem) {
  Image image = noise_image(272, 680);
  for (int y = 0; y < 272; ++y) std::fill_n(image.row(y).begin(), 3 * 476, std::uint8_t{240});
  const auto made = standardized(image, {});
  EXPECT_EQ(made.corners, (std::vector<Corner>{{408, 0}}));
  EXPECT_EQ(made.dropped, 2);
  EXPECT_EQ(made.patches[3 * (272 - 1)], image.row(0)[3 * 679]);
  EXPECT_EQ(standardized(image, {.min_contrast = 0}).count(), 3u);
}

TEST(Standardize, ThePaperTruncatesWhereOursRounds) {
  const Image image = noise_image(700, 700);
  const auto rounded = standardized(image, {.microns_per_pixel = 0.42});
  const auto truncated = standardized(image, {.microns_per_pixel = 0.42, .rounding = Rounding::kTruncate});
  double difference = 0;
  for (std::size_t i = 0; i < rounded.patches.size(); ++i)
    difference += rounded.patches[i] - truncated.patches[i];
  EXPECT_NEAR(difference / static_cast<double>(rounded.patches.size()), 0.5, 0.02);
}

TEST(Standardize, TakesImagesAsTheyAreOnlyInThePatchsSize) {
  const Image image = noise_image(272, 272);
  const StandardizeOptions options{.microns_per_pixel = 0.5, .as_is = true};
  EXPECT_EQ(standardized(image, options).patches, image.pixels);
  try {
    standardized(noise_image(272, 300), options);
    FAIL() << "an image of another size was taken";
  } catch (const RunError& error) {
    EXPECT_STREQ(error.what(),
                 "a.png: the image has 300 x 272 pixels, but images that are used without rescaling must "
                 "have the patch size, 272 x 272 pixels; have the dataset rescaled and cropped, or set "
                 "`standardize.patch_side`");
  }
}

TEST(Standardize, MasksFollowTheirImages) {
  for (const auto& [side, microns] : {std::pair{900, 0.5}, std::pair{150, 1.0}, std::pair{600, 1.0}}) {
    Image image = noise_image(side, side);
    Mask mask;
    mask.resize(side, side);
    // Large blocks of one grey level each, whose code is that level: they must still agree inside the blocks.
    for (int y = 0; y < side; ++y) {
      for (int x = 0; x < side; ++x) {
        const int level = 20 * (1 + x / 50 % 4) + 40 * (y / 50 % 3);
        mask.row(y)[x] = static_cast<std::uint16_t>(level);
        std::fill_n(&image.row(y)[3 * x], 3, static_cast<std::uint8_t>(level));
      }
    }
    WorkBuffers buffers;
    const auto made = standardize_image(
        image, [&] { return mask; }, {.microns_per_pixel = microns}, "a", buffers);
    ASSERT_GE(made.count(), 1u);
    ASSERT_EQ(made.masks.size() * 3, made.patches.size());
    std::size_t equal = 0;
    for (std::size_t i = 0; i < made.masks.size(); ++i) equal += made.masks[i] == made.patches[3 * i];
    EXPECT_GE(static_cast<double>(equal),
              (microns == 1.0 ? 1.0 : 0.85) * static_cast<double>(made.masks.size()));
  }
}

TEST(Standardize, RefusesAMaskOfAnotherSize) {
  Mask mask;
  mask.resize(10, 11);
  WorkBuffers buffers;
  Image image = noise_image(10, 10);
  EXPECT_THROW(standardize_image(
                   image, [&] { return mask; }, {}, "a", buffers),
               RunError);
}

TEST(Standardize, GivesUpALargeImageBeforeItsMaskIsRead) {
  Image large;
  large.resize(5000, 5000);  // 75 MB
  std::fill(large.pixels.begin(), large.pixels.end(), std::uint8_t{128});
  const auto read_mask = [&] {
    EXPECT_EQ(0u, large.pixels.capacity());
    Mask mask;
    mask.resize(5000, 5000);
    std::fill(mask.codes.begin(), mask.codes.end(), std::uint16_t{1});
    return mask;
  };
  WorkBuffers buffers;
  const auto made =
      standardize_image(large, read_mask, {.microns_per_pixel = 0.25, .min_contrast = 0}, "a", buffers);
  EXPECT_EQ(25u, made.count());
}

TEST(Standardize, RefusesAScaleThatFillsTheMemory) {
  EXPECT_THROW(standardized(noise_image(300, 300), {.microns_per_pixel = 1e4}), RunError);
  EXPECT_THROW(standardized(noise_image(300, 300), {.microns_per_pixel = 1e300}), RunError);
}

TEST(Standardize, ChecksItsOptions) {
  EXPECT_NO_THROW(check_options({}));
  EXPECT_THROW(check_options({.microns_per_pixel = 0}), RequestError);
  EXPECT_THROW(check_options({.microns_per_pixel = std::nan("")}), RequestError);
  EXPECT_THROW(check_options({.overlap = 1}), RequestError);
  EXPECT_THROW(check_options({.overlap = 0.999}), RequestError);
  EXPECT_THROW(check_options({.overlap = -0.1}), RequestError);
  EXPECT_THROW(check_options({.min_contrast = 2}), RequestError);
  EXPECT_THROW(check_options({.patch_side = 0}), RequestError);
}

TEST(Crop, StrideIsThePublishedCodes) {
  EXPECT_EQ(crop_stride(272, 0.25), 204);
  EXPECT_EQ(crop_stride(272, 0.5), 136);
  EXPECT_EQ(crop_stride(272, 0.75), 68);
  EXPECT_EQ(crop_stride(10, 0.9), 0);  // 1 - 0.9 is a little below 0.1 in double precision
}

// scikit-image's definition with plain sorting.
double spread_by_sorting(std::span<const std::uint8_t> rgb) {
  std::vector<double> luma;
  for (std::size_t i = 0; i < rgb.size(); i += 3) {
    luma.push_back((0.2125 * rgb[i] + 0.7154 * rgb[i + 1] + 0.0721 * rgb[i + 2]) / 255);
  }
  std::sort(luma.begin(), luma.end());
  const auto percentile = [&](double percent) {
    const double rank = percent / 100 * static_cast<double>(luma.size() - 1);
    const auto below = static_cast<std::size_t>(rank);
    return std::lerp(luma[below], luma[std::min(below + 1, luma.size() - 1)],
                     rank - static_cast<double>(below));
  };
  return (percentile(99) - percentile(5)) / 2;
}

TEST(BackgroundFilter, DecidesByTheExactSpreadHoweverClose) {
  const Image image = noise_image(31, 33);
  const double spread = spread_by_sorting(image.pixels);
  EXPECT_FALSE(BackgroundFilter(spread - 1e-9).is_background(image.pixels));
  EXPECT_TRUE(BackgroundFilter(spread + 1e-9).is_background(image.pixels));
  EXPECT_FALSE(BackgroundFilter(0).is_background(std::vector<std::uint8_t>{9, 9, 9}));
  EXPECT_TRUE(BackgroundFilter(0.05).is_background(std::vector<std::uint8_t>{9, 9, 9}));
}

}  // namespace
}  // namespace histokt
