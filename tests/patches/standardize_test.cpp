// SPDX-License-Identifier: MIT
#include "patches/standardize.hpp"

#include <gtest/gtest.h>

#include <opencv2/imgcodecs.hpp>

#include "base/errors.hpp"
#include "base/interrupt.hpp"
#include "base/random.hpp"
#include "patches/scratch.hpp"
#include "patches/split_set.hpp"

namespace histokt {
namespace {

using testing::Scratch;

Image noise(int height, int width, std::uint64_t seed) {
  Image image;
  image.resize(height, width);
  Random random{seed};
  for (std::uint8_t& value : image.pixels) value = static_cast<std::uint8_t>(random.bits());
  return image;
}

void write_png(const std::filesystem::path& file, Image image) {
  ASSERT_TRUE(cv::imwrite(file.string(), cv::Mat(image.height, image.width, CV_8UC3, image.pixels.data())));
}

// Images of differing size, handed over in all three ways; image 4 is blank.
class Images : public ImageDataset {
 public:
  explicit Images(const Scratch& scratch, int count = 12) : folder_(scratch / "in") {
    std::filesystem::create_directories(folder_);
    info_ = {.name = "fake",
             .classes = {"a", "b"},
             .group_level = "slide",
             .size = static_cast<std::uint64_t>(count)};
    for (int i = 0; i < count; ++i) {
      Image image = noise(20 + 9 * (i % 4), 30 + i, static_cast<std::uint64_t>(i));
      if (i == 4) std::ranges::fill(image.pixels, std::uint8_t{240});
      write_png(file(static_cast<std::uint64_t>(i)), std::move(image));
    }
  }

  const ImageDatasetInfo& info() const override { return info_; }
  ImageSample sample(std::uint64_t index) const override {
    ImageSample sample{.id = std::to_string(index) + ".png",
                       .group = "slide " + std::to_string(index / 2),
                       .label = static_cast<std::int64_t>(index / 2 % 2)};
    if (info_.multi_label) sample.labels = {1, static_cast<std::uint8_t>(index % 2)};
    return sample;
  }
  MaskRules mask_rules() const override {
    return {.codes = {{1, 0}, {2, 1}, {3, MaskCode::kOtherTissue}}, .min_coverage = 0.2};
  }
  std::unique_ptr<ImageReader> make_reader() const override { return std::make_unique<Reader>(*this); }

  std::filesystem::path file(std::uint64_t index) const { return folder_ / (std::to_string(index) + ".png"); }
  ImageDatasetInfo info_;

 private:
  class Reader : public ImageReader {
   public:
    explicit Reader(const Images& images) : images_(images) {}
    ImageSource read(std::uint64_t index) override {
      const auto file = images_.file(index);
      if (index % 3 == 0) return file;
      if (index % 3 == 2) return decode_image(file);
      const std::string text = read_file(file);
      const auto bytes = std::as_bytes(std::span(text));
      return std::vector<std::byte>(bytes.begin(), bytes.end());
    }
    // The upper half is class 0, the lower half another tissue.
    MaskSource read_mask(std::uint64_t index) override {
      const Image image = decode_image(images_.file(index));
      Mask mask;
      mask.resize(image.height, image.width);
      std::ranges::fill(mask.codes, std::uint16_t{3});
      for (int y = 0; y < mask.height / 2; ++y) std::ranges::fill(mask.row(y), std::uint16_t{1});
      return mask;
    }
    const Images& images_;
  };
  const std::filesystem::path folder_;
};

StandardizeRequest small_request() {
  StandardizeRequest request;
  request.image.patch_side = 16;
  return request;
}

StandardizeSummary run(const ImageDataset& dataset, const StandardizeRequest& request,
                       const std::filesystem::path& output, int threads) {
  set_progress_enabled(false);
  Progress progress("standardising", "images", dataset.info().size);
  return standardize(dataset, request, output, threads, progress);
}

TEST(Standardize, MakesThePatchesOfEveryImageInOrder) {
  const Scratch scratch;
  const Images dataset(scratch);
  const auto summary = run(dataset, small_request(), scratch / "out.h5", 2);
  EXPECT_EQ(summary.images, 12u);
  EXPECT_EQ(summary.dropped_background, 2u);  // 34 x 20 has two places for a patch of 16

  const PatchSet set(scratch / "out.h5");
  EXPECT_EQ(set.size(), summary.patches);
  EXPECT_EQ(set.digest(), summary.digest);
  EXPECT_EQ(set.info().group_level, "slide");
  std::size_t next = 0;
  WorkBuffers buffers;
  for (std::uint64_t i = 0; i < 12; ++i) {
    StandardizeOptions options = small_request().image;
    const auto made = standardize_image(decode_image(dataset.file(i)), options, "p", buffers);
    for (std::size_t k = 0; k < made.count(); ++k, ++next) {
      ASSERT_EQ(set.table().source.at(next), std::to_string(i) + ".png");
      EXPECT_EQ(set.table().left[next], made.corners[k].left);
      EXPECT_EQ(set.table().id[next], std::to_string(i) + ".png@" + std::to_string(made.corners[k].left) +
                                          "," + std::to_string(made.corners[k].top));
      EXPECT_EQ(set.table().label[next], static_cast<std::int64_t>(i / 2 % 2));
      EXPECT_TRUE(std::ranges::equal(set.pixels(next), std::span(made.patches).subspan(k * 768, 768)));
    }
  }
  EXPECT_EQ(next, set.size());
}

TEST(Standardize, GivesTheSameBytesForAnyNumberOfThreads) {
  const Scratch scratch;
  const Images dataset(scratch, 40);
  StandardizeRequest request = small_request();
  request.split = SplitOptions{};
  run(dataset, request, scratch / "one.h5", 1);
  run(dataset, request, scratch / "three.h5", 3);
  run(dataset, request, scratch / "again.h5", 3);
  const std::string one = read_file(scratch / "one.h5");
  EXPECT_EQ(read_file(scratch / "three.h5"), one);
  EXPECT_EQ(read_file(scratch / "again.h5"), one);
  EXPECT_GT(SplitSet(scratch / "one.h5").train().size(), 0u);
}

TEST(Standardize, NamesTheFirstBadImageAndLeavesNoFile) {
  const Scratch scratch;
  const Images dataset(scratch);
  for (const int bad : {9, 5}) {
    const auto file = dataset.file(static_cast<std::uint64_t>(bad));
    std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2);
  }
  for (const int threads : {1, 4}) {
    const std::string said =
        testing::message_of<RunError>([&] { run(dataset, small_request(), scratch / "out.h5", threads); });
    EXPECT_NE(said.find("image `5.png` of fake"), std::string::npos) << said;
    EXPECT_EQ(scratch.file_count(), 1u);  // the images' folder
  }
}

TEST(Standardize, SkipsBadImagesWhereAskedTo) {
  const Scratch scratch;
  const Images dataset(scratch);
  std::filesystem::resize_file(dataset.file(7), 200);
  StandardizeRequest request = small_request();
  request.on_bad_image = OnBadImage::kSkip;
  const auto summary = run(dataset, request, scratch / "out.h5", 2);
  EXPECT_EQ(summary.images, 11u);
  EXPECT_EQ(summary.skipped_images, std::vector<std::string>{"7.png"});
  ASSERT_EQ(summary.warnings.size(), 1u);
  EXPECT_NE(summary.warnings[0].find("7.png"), std::string::npos);
  EXPECT_EQ(PatchSet(scratch / "out.h5").info().skipped_images, summary.skipped_images);
}

TEST(Standardize, MeasuresLabelsInMasksAndDropsWhatTheyHardlyCover) {
  const Scratch scratch;
  Images dataset(scratch);
  dataset.info_.multi_label = dataset.info_.labels_from_masks = true;
  StandardizeRequest request = small_request();
  request.image.overlap = 0;
  const auto summary = run(dataset, request, scratch / "out.h5", 2);
  // Heights 20, 29, 38, 47 hold 1, 1, 2, 2 rows of patches; of the classes' 19 and 23 upper rows the second
  // row of patches shows 3 and 7 of 16: 0.1875 is below 0.2.
  const PatchSet set(scratch / "out.h5");
  EXPECT_EQ(summary.dropped_uncovered, 2u + 2u + 2u);  // images 2, 6 and 10 are two patches wide
  for (std::size_t i = 0; i < set.size(); ++i) {
    EXPECT_EQ(set.labels(i)[0], 1);
    EXPECT_EQ(set.labels(i)[1], 0);
    EXPECT_EQ(set.table().shares[2 * i + 1], 0.0f);
  }
  EXPECT_EQ(set.table().shares[0], 0.625f);  // 10 of 16 rows of the first image
}

TEST(Standardize, TakesPatchesAsTheyAre) {
  const Scratch scratch;
  Images dataset(scratch, 2);
  write_png(dataset.file(0), noise(16, 16, 1));
  write_png(dataset.file(1), noise(16, 16, 2));
  dataset.info_.as_is = dataset.info_.multi_label = true;
  run(dataset, small_request(), scratch / "out.h5", 1);
  const PatchSet set(scratch / "out.h5");
  EXPECT_EQ(set.table().id, (std::vector<std::string>{"0.png", "1.png"}));
  EXPECT_EQ(set.table().labels, (std::vector<std::uint8_t>{1, 0, 1, 1}));
}

TEST(Standardize, StopsWhenInterruptedAndLeavesNoFile) {
  const Scratch scratch;
  const Images dataset(scratch);
  set_interrupt_requested(true);
  EXPECT_THROW(run(dataset, small_request(), scratch / "out.h5", 2), Interrupted);
  set_interrupt_requested(false);
  EXPECT_EQ(scratch.file_count(), 1u);
}

TEST(Standardize, SaysThatEverythingWasDropped) {
  const Scratch scratch;
  const Images dataset(scratch);
  StandardizeRequest request = small_request();
  request.image.min_contrast = 1;
  const std::string said =
      testing::message_of<RunError>([&] { run(dataset, request, scratch / "out.h5", 2); });
  EXPECT_NE(said.find("no patch of fake is left"), std::string::npos) << said;
}

TEST(Standardize, RefusesImagesOfTheSameId) {
  class Twins : public Images {
   public:
    using Images::Images;
    ImageSample sample(std::uint64_t) const override { return {.id = "twin", .group = "g", .label = 0}; }
  };
  const Scratch scratch;
  const Twins dataset(scratch, 2);
  const std::string said =
      testing::message_of<RunError>([&] { run(dataset, small_request(), scratch / "out.h5", 1); });
  EXPECT_NE(said.find("`twin` of fake: its id occurs twice"), std::string::npos) << said;
}

}  // namespace
}  // namespace histokt
