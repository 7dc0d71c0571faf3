// SPDX-License-Identifier: MIT
#include "patches/image_scale.hpp"

#include <gtest/gtest.h>
#include <tiffio.h>

#include <string>

#include "base/errors.hpp"
#include "patches/standardize.hpp"
#include "scratch.hpp"

namespace histokt {
namespace {

using testing::Scratch;

TEST(ScaleInName, IsTheNumberBesideMpp) {
  EXPECT_EQ(scale_in_name("masks/TCGA-A1-A0SK-DX1_xmin45749_ymin25055_MPP-0.2500.png"), 0.25);
  EXPECT_EQ(scale_in_name("a_MPP-1.0000.png"), 1.0);
  EXPECT_EQ(scale_in_name("a_mpp0.5.png"), 0.5);
  EXPECT_EQ(scale_in_name("a_mpp_0.5.png"), 0.5);
  EXPECT_EQ(scale_in_name("a mpp=1.tif"), 1.0);
  EXPECT_EQ(scale_in_name("a_0.25MPP.tif"), 0.25);
  EXPECT_EQ(scale_in_name("a_0.25-mpp.tif"), 0.25);
}

TEST(ScaleInName, IsNotGuessedFromOtherNumbers) {
  for (const char* name : {"mpp1_0007.png", "MPP_3.png", "comppact-2.png", "0.25MPP/a.png", "a_MPP-.png",
                           "mpp", "a_MPP-0.0000.png", "3mpp.png", "a.b"}) {
    EXPECT_EQ(scale_in_name(name), std::nullopt) << name;
  }
}

TEST(Scales, DifferByMoreThanFivePercent) {
  EXPECT_FALSE(differs(0.2625, 0.25));
  EXPECT_TRUE(differs(0.263, 0.25));
  EXPECT_FALSE(differs(0.2375, 0.25));
  EXPECT_TRUE(differs(0.237, 0.25));
  EXPECT_TRUE(differs(StatedScale{0.25, 0.5, "x", true}, 0.25)) << "along one side";
}

// Four images of two classes, of which each has this description and resolution (pixels a centimetre).
class Scanned : public ImageDataset {
 public:
  Scanned(const Scratch& scratch, const std::string& name, const char* description, float resolution)
      : folder_(scratch / "files"), name_(name) {
    info_ = {.name = "scans", .classes = {"a", "b"}, .microns_per_pixel = 0.5, .size = 4};
    std::filesystem::create_directory(folder_);
    for (std::uint64_t i = 0; i < info_.size; ++i) write(file(i), description, resolution);
  }
  const ImageDatasetInfo& info() const override { return info_; }
  ImageSample sample(std::uint64_t index) const override {
    const std::string id = std::to_string(index) + name_;
    return {.id = id, .group = id, .label = static_cast<std::int64_t>(index % 2)};
  }
  std::unique_ptr<ImageReader> make_reader() const override { return std::make_unique<Reader>(*this); }

 private:
  class Reader : public ImageReader {
   public:
    explicit Reader(const Scanned& images) : images_(images) {}
    ImageSource read(std::uint64_t index) override { return images_.file(index); }
    MaskSource read_mask(std::uint64_t) override { throw RunError("no masks"); }
    const Scanned& images_;
  };

  std::filesystem::path file(std::uint64_t index) const { return folder_ / (std::to_string(index) + ".tif"); }

  static void write(const std::filesystem::path& file, const char* description, float resolution) {
    TIFF* tiff = TIFFOpen(file.c_str(), "w");
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, 16);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, 16);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 8);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 3);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_RGB);
    TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
    if (*description) TIFFSetField(tiff, TIFFTAG_IMAGEDESCRIPTION, description);
    TIFFSetField(tiff, TIFFTAG_RESOLUTIONUNIT, RESUNIT_CENTIMETER);
    TIFFSetField(tiff, TIFFTAG_XRESOLUTION, resolution);
    TIFFSetField(tiff, TIFFTAG_YRESOLUTION, resolution);
    for (std::uint32_t y = 0; y < 16; ++y) {
      unsigned char row[48];
      for (unsigned x = 0; x < 48; ++x) row[x] = static_cast<unsigned char>(x * y);
      TIFFWriteScanline(tiff, row, y, 0);
    }
    TIFFClose(tiff);
  }

  const std::filesystem::path folder_;
  const std::string name_;
  ImageDatasetInfo info_;
};

struct Case {
  const char* name = ".tif";
  const char* description = "";
  float resolution = 20000;  // 0.5 microns per pixel
  bool require_scale = true;
};

// The warnings, or the error behind "error: ".
std::string said_of(const Case& given) {
  const Scratch scratch;
  const Scanned dataset(scratch, given.name, given.description, given.resolution);
  StandardizeRequest request;
  request.image.patch_side = 8;
  request.image.min_contrast = 0;
  request.image.require_scale = given.require_scale;
  set_progress_enabled(false);
  Progress progress("standardising", "images", 4);
  try {
    std::string text;
    for (const std::string& warning : standardize(dataset, request, scratch / "out.h5", 2, progress).warnings)
      text += warning + "\n";
    return text;
  } catch (const RunError& error) {
    return std::string("error: ") + error.what();
  }
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

constexpr const char* kOme =
    "<OME><Image><Pixels SizeX=\"16\" SizeY=\"16\" SizeC=\"3\" PhysicalSizeX=\"0.25\" "
    "PhysicalSizeY=\"0.25\"/>"
    "</Image></OME>";

TEST(StandardizeScale, OfAnotherNameIsAnError) {
  const std::string said = said_of({.name = "_MPP-1.0000.tif"});
  EXPECT_TRUE(said.starts_with("error: scans: the names of 4 images of 4 state another scale")) << said;
  EXPECT_TRUE(holds(said, "`0_MPP-1.0000.tif` states 1;")) << said;
  EXPECT_EQ(said_of({.name = "_MPP-0.5000.tif"}), "");
}

TEST(StandardizeScale, OfOmeMetadataIsAnErrorAndOfResolutionAWarning) {
  const std::string ome = said_of({.description = kOme});
  EXPECT_TRUE(ome.starts_with("error: image `0.tif` of scans: its OME metadata")) << ome;
  EXPECT_TRUE(holds(ome, "states 0.25 microns per pixel, but `microns_per_pixel` is 0.5")) << ome;
  const std::string resolution = said_of({.resolution = 40000});
  EXPECT_TRUE(resolution.starts_with("the tags of 4 images of 4 state another scale")) << resolution;
  EXPECT_TRUE(holds(resolution, "`0.tif` states 0.25 in its TIFF resolution")) << resolution;
  EXPECT_EQ(said_of({}), "");
  EXPECT_EQ(said_of({.resolution = 118.11F}), "") << "300 dots an inch";
}

TEST(StandardizeScale, IsAWarningWhereTheUserSaysSo) {
  EXPECT_TRUE(
      said_of({.name = "_MPP-1.0000.tif", .require_scale = false}).starts_with("the names of 4 images"));
  EXPECT_TRUE(said_of({.description = kOme, .require_scale = false}).starts_with("the tags of 4 images"));
}

}  // namespace
}  // namespace histokt
