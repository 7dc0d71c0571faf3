#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "imaging/background.hpp"
#include "imaging/standardize_picture.hpp"
#include "support/golden_tensors.hpp"

namespace histokt {
namespace {

using testing::read_golden;

Picture golden_picture(const std::string& name) {
  cv::Mat image = cv::imread(std::string(HISTOKT_GOLDENS) + "/" + name + ".png");
  cv::cvtColor(image, image, cv::COLOR_BGR2RGB);
  Picture picture;
  picture.resize(image.rows, image.cols);
  std::copy(image.datastart, image.dataend, picture.pixels.begin());
  return picture;
}

class StandardizeGoldens : public ::testing::TestWithParam<const char*> {};

TEST_P(StandardizeGoldens, AgreeWithThePublishedCode) {
  const std::string name = std::string("standardize_") + GetParam();
  const auto golden = read_golden(name + ".safetensors");
  StandardizeOptions options;
  options.microns_per_pixel = std::stod(golden.metadata.at("microns_per_pixel"));
  options.overlap = std::stod(golden.metadata.at("overlap"));
  options.rounding = Rounding::kTruncate;
  options.min_contrast = 0;
  WorkBuffers buffers;
  const StandardizedPicture made = standardize_picture(golden_picture(name), options, name, buffers);

  EXPECT_EQ(made.rescaled.height, std::stoi(golden.metadata.at("rescaled_height")));
  EXPECT_EQ(made.rescaled.width, std::stoi(golden.metadata.at("rescaled_width")));
  const auto wanted = golden["patches"].values<std::uint8_t>();
  ASSERT_EQ(made.patches.size(), wanted.size());
  int worst = 0;
  std::size_t exact = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const int error = made.patches[i] - wanted[i];
    worst = std::max(worst, std::abs(error));
    exact += error == 0;
  }
  EXPECT_LE(worst, 1);
  EXPECT_GE(static_cast<double>(exact), 0.999 * static_cast<double>(wanted.size()));
}

INSTANTIATE_TEST_SUITE_P(All, StandardizeGoldens,
                         ::testing::Values("cropped", "glas_like", "one_dim_wrapped", "both_dims_wrapped",
                                           "many_flips_93", "many_flips_112", "upscaled",
                                           "no_rescale_half_overlap"));

TEST(BackgroundFilter, DecidesAsThePublishedCodeOnTheGoldenPatches) {
  const auto golden = read_golden("background_filter.safetensors");
  const auto patches = golden["patches"].values<std::uint8_t>();
  const auto kept = golden["kept"].values<std::uint8_t>();
  BackgroundFilter filter;
  const std::size_t size = patches.size() / kept.size();
  for (std::size_t i = 0; i < kept.size(); ++i) {
    EXPECT_EQ(filter.is_background({patches.data() + i * size, size}), kept[i] == 0) << "patch " << i;
  }
}

}  // namespace
}  // namespace histokt
