// SPDX-License-Identifier: MIT
// What a file means: which page and which channels are the image, how many bits count, what is transparent,
// and at which scale it was taken.
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <opencv2/imgcodecs.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/errors.hpp"
#include "imaging/decode.hpp"
#include "imaging/tiff_description.hpp"
#include "support/image_files.hpp"

namespace histokt {
namespace {

using testing::Bytes;
using testing::encode_png;
using testing::noise_image;
using testing::ScratchFolder;

constexpr int kHeight = 37, kWidth = 53;

// A page of a TIFF; samples interleaved, in row order.
struct Page {
  int height = kHeight, width = kWidth;
  std::vector<std::uint16_t> samples;
  std::uint16_t channels = 1, bits = 8;
  int photometric = PHOTOMETRIC_MINISBLACK;  // below 0: left out
  bool planar = false;
  std::uint32_t tile_height = 0, tile_width = 0;
  std::uint32_t kind = 0;  // NewSubfileType
  std::string description;
  std::vector<std::uint16_t> extra;
  std::uint16_t format = SAMPLEFORMAT_UINT;
  int most = 0;          // MaxSampleValue
  float resolution = 0;  // pixels an inch, a centimetre or, with RESUNIT_NONE, another unit
  std::uint16_t unit = RESUNIT_INCH;
};

// Rows of `columns` samples of `bits` bits, the highest first, each row filled up to a byte.
std::vector<std::uint8_t> packed(const std::vector<std::uint16_t>& samples, std::size_t columns, int bits) {
  std::vector<std::uint8_t> bytes;
  for (std::size_t at = 0; at < samples.size(); at += columns) {
    if (bits == 16) {
      const auto* start = reinterpret_cast<const std::uint8_t*>(samples.data() + at);
      bytes.insert(bytes.end(), start, start + 2 * columns);
      continue;
    }
    std::uint32_t held = 0;
    int count = 0;
    for (std::size_t x = 0; x < columns; ++x) {
      for (int bit = bits - 1; bit >= 0; --bit) {
        held = held << 1 | (samples[at + x] >> bit & 1u);
        if (++count == 8) bytes.push_back(static_cast<std::uint8_t>(held)), held = 0, count = 0;
      }
    }
    if (count > 0) bytes.push_back(static_cast<std::uint8_t>(held << (8 - count)));
  }
  return bytes;
}

// One channel of a page, or all of them where `channel` is below 0, of a rectangle that is filled up with 0.
std::vector<std::uint16_t> cut(const Page& page, int channel, int top, int left, int rows, int columns) {
  std::vector<std::uint16_t> part;
  for (int y = top; y < top + rows; ++y) {
    for (int x = left; x < left + columns; ++x) {
      for (int c = 0; c < page.channels; ++c) {
        if (channel >= 0 && c != channel) continue;
        const bool inside = y < page.height && x < page.width;
        const auto at = static_cast<std::size_t>((y * page.width + x) * page.channels + c);
        part.push_back(inside ? page.samples.at(at) : std::uint16_t{0});
      }
    }
  }
  return part;
}

void write_pixels(TIFF* tiff, const Page& page) {
  const int planes = page.planar ? page.channels : 1, together = page.planar ? 1 : page.channels;
  for (int plane = 0; plane < planes; ++plane) {
    const int channel = page.planar ? plane : -1;
    const auto at = static_cast<std::uint16_t>(plane);
    if (page.tile_width == 0) {
      for (int y = 0; y < page.height; ++y) {
        auto row = packed(cut(page, channel, y, 0, 1, page.width),
                          static_cast<std::size_t>(page.width * together), page.bits);
        TIFFWriteScanline(tiff, row.data(), static_cast<std::uint32_t>(y), at);
      }
      continue;
    }
    const int down = static_cast<int>(page.tile_height), right = static_cast<int>(page.tile_width);
    for (int top = 0; top < page.height; top += down) {
      for (int left = 0; left < page.width; left += right) {
        auto tile = packed(cut(page, channel, top, left, down, right),
                           static_cast<std::size_t>(right * together), page.bits);
        TIFFWriteEncodedTile(
            tiff,
            TIFFComputeTile(tiff, static_cast<std::uint32_t>(left), static_cast<std::uint32_t>(top), 0, at),
            tile.data(), static_cast<tmsize_t>(tile.size()));
      }
    }
  }
}

Bytes tiff_of(const std::vector<Page>& pages) {
  const ScratchFolder scratch;
  const auto file = scratch.path() / "image.tif";
  TIFFSetWarningHandler(nullptr);
  TIFF* tiff = TIFFOpen(file.c_str(), "w");
  if (!tiff) throw std::runtime_error("libtiff cannot write");
  for (const Page& page : pages) {
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, page.width);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, page.height);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, page.channels);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, page.bits);
    TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, page.format);
    TIFFSetField(tiff, TIFFTAG_SUBFILETYPE, page.kind);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
    TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, page.planar ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
    if (page.photometric >= 0) TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, page.photometric);
    if (!page.extra.empty())
      TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, static_cast<int>(page.extra.size()), page.extra.data());
    if (!page.description.empty()) TIFFSetField(tiff, TIFFTAG_IMAGEDESCRIPTION, page.description.c_str());
    if (page.most > 0) TIFFSetField(tiff, TIFFTAG_MAXSAMPLEVALUE, page.most);
    if (page.resolution > 0) {
      TIFFSetField(tiff, TIFFTAG_RESOLUTIONUNIT, page.unit);
      TIFFSetField(tiff, TIFFTAG_XRESOLUTION, page.resolution);
      TIFFSetField(tiff, TIFFTAG_YRESOLUTION, page.resolution);
    }
    if (page.tile_width > 0) {
      TIFFSetField(tiff, TIFFTAG_TILEWIDTH, page.tile_width);
      TIFFSetField(tiff, TIFFTAG_TILELENGTH, page.tile_height);
    } else {
      TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, 5);
    }
    write_pixels(tiff, page);
    TIFFWriteDirectory(tiff);
  }
  TIFFClose(tiff);
  std::vector<std::byte> bytes(std::filesystem::file_size(file));
  std::FILE* input = std::fopen(file.c_str(), "rb");
  if (!input || std::fread(bytes.data(), 1, bytes.size(), input) != bytes.size())
    throw std::runtime_error("cannot read back");
  std::fclose(input);
  return bytes;
}

std::vector<std::uint16_t> samples_of(const Image& image, int scale = 1) {
  std::vector<std::uint16_t> samples;
  for (const std::uint8_t value : image.pixels) samples.push_back(static_cast<std::uint16_t>(value * scale));
  return samples;
}

Page colour_page(const Image& image) {
  return {.height = image.height,
          .width = image.width,
          .samples = samples_of(image),
          .channels = 3,
          .photometric = PHOTOMETRIC_RGB};
}

Page grey_page(const Image& image, int channel, int scale = 1) {
  Page page{.height = image.height, .width = image.width};
  for (std::size_t i = static_cast<std::size_t>(channel); i < image.pixels.size(); i += 3)
    page.samples.push_back(static_cast<std::uint16_t>(image.pixels[i] * scale));
  return page;
}

std::vector<Page> grey_pages(const Image& image, const std::string& description = "", int scale = 1,
                             std::uint16_t bits = 8) {
  std::vector<Page> pages;
  for (int channel = 0; channel < 3; ++channel) {
    pages.push_back(grey_page(image, channel, scale));
    pages.back().bits = bits;
  }
  pages.front().description = description;
  return pages;
}

bool shows(const Bytes& file, const Image& image, const DecodeLimits& limits = {}) {
  const Image read = decode_image(file, "a", limits);
  return read.height == image.height && read.width == image.width && read.pixels == image.pixels;
}

// Why a file is refused, or "" where it is read.
std::string refusal(const Bytes& file, const DecodeLimits& limits = {}) {
  try {
    decode_image(file, "a.file", limits);
    return "";
  } catch (const BadImage& error) {
    return error.what();
  }
}

std::string refusal(const std::vector<Page>& pages, const DecodeLimits& limits = {}) {
  return refusal(tiff_of(pages), limits);
}

bool says(const std::string& sentence, const std::string& part) {
  return sentence.starts_with("a.file: ") && sentence.find(part) != std::string::npos;
}

std::string ome(const std::string& pixels, const std::string& inside = "") {
  return R"(<?xml version="1.0"?><!-- a > b --><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0"><Pixels ID="Pixels:0" SizeX="53" SizeY="37" )" +
         pixels + ">" + inside + "</Pixels></Image></OME>";
}

const Image& wanted() {
  static const Image kImage = noise_image(kHeight, kWidth);
  return kImage;
}

TEST(Pages, OfGreyThatAreThreeAreColours) {
  EXPECT_TRUE(shows(tiff_of(grey_pages(wanted())), wanted()));
  EXPECT_TRUE(shows(tiff_of(grey_pages(wanted(), ome(R"(SizeC="3" SizeZ="1" SizeT="1")"))), wanted()));
  EXPECT_TRUE(
      shows(tiff_of(grey_pages(wanted(), "ImageJ=1.53\nimages=3\nchannels=3\nmode=composite\n")), wanted()));
  EXPECT_TRUE(shows(tiff_of(grey_pages(wanted(), R"({"shape": [3, 37, 53], "axes": "CYX"})")), wanted()));
}

TEST(Pages, OfSixteenBitsAreColoursWhereTheFileSaysSo) {
  EXPECT_TRUE(
      shows(tiff_of(grey_pages(wanted(), ome(R"(SizeC="3" SizeZ="1" SizeT="1")"), 257, 16)), wanted()));
  EXPECT_TRUE(says(refusal(grey_pages(wanted(), "", 257, 16)), "has 3 grey pages of 53 x 37 pixels"));
}

TEST(Pages, OfDepthsOrTimesAreNoColours) {
  for (const std::string& description :
       {ome(R"(SizeC="1" SizeZ="3" SizeT="1")"), ome(R"(SizeC="1" SizeZ="1" SizeT="3")"),
        std::string("ImageJ=1.53\nimages=3\nslices=3\n"), std::string("ImageJ=1.53\nimages=3\nframes=3\n"),
        std::string(R"({"shape": [3, 37, 53], "axes": "ZYX"})")}) {
    EXPECT_TRUE(says(refusal(grey_pages(wanted(), description)), "has 3 grey pages")) << description;
  }
}

TEST(Pages, OfColourAreTakenAsTheMetadataOrdersThem) {
  const std::vector<Page> own = grey_pages(wanted());
  std::vector<Page> turned = {own[2], own[1], own[0]};
  turned.front().description =
      ome(R"(SizeC="3" SizeZ="1" SizeT="1")",
          R"(<Channel ID="0" Name="Blue"/><Channel ID="1" Name="Green"/><Channel ID="2" Name="Red"/>)");
  EXPECT_TRUE(shows(tiff_of(turned), wanted()));
  turned.front().description =
      ome(R"(SizeC="3" SizeZ="1" SizeT="1")",
          R"(<TiffData FirstC="2" IFD="0"/><TiffData FirstC="1" IFD="1"/><TiffData FirstC="0" IFD="2"/>)");
  EXPECT_TRUE(shows(tiff_of(turned), wanted()));
}

TEST(Pages, OtherThanThreeAreRefusedByNumber) {
  const Page page = grey_page(wanted(), 0);
  EXPECT_TRUE(says(refusal({page, page}), "has 2 grey pages"));
  EXPECT_TRUE(says(refusal({page, page, page, page, page}), "has 5 grey pages"));
  EXPECT_TRUE(says(refusal({colour_page(wanted()), colour_page(wanted())}), "has 2 colour pages"));
}

TEST(Pages, ThatAreMissingAreNoticed) {
  Page page = grey_page(wanted(), 0);
  page.description = ome(R"(SizeC="3" SizeZ="1" SizeT="1")");
  EXPECT_TRUE(says(refusal({page}), "its description tells of 3 channels"));
  page.description = "ImageJ=1.53\nimages=3\nchannels=3\n";
  EXPECT_TRUE(says(refusal({page}), "its description tells of 3 channels"));
}

TEST(Pages, TheLargestIsTheImageWhereverItStands) {
  const Page image = colour_page(wanted());
  for (const std::uint32_t kind : {0u, std::uint32_t{FILETYPE_REDUCEDIMAGE}}) {
    Page overview = colour_page(noise_image(kHeight / 4, kWidth / 4));
    overview.kind = kind;
    EXPECT_TRUE(shows(tiff_of({overview, image}), wanted()));
    EXPECT_TRUE(shows(tiff_of({image, overview}), wanted()));
    EXPECT_TRUE(shows(tiff_of({overview, image, overview}), wanted()));
  }
  const std::vector<Page> colours = grey_pages(wanted());
  EXPECT_TRUE(shows(tiff_of({colour_page(noise_image(4, 6)), colours[0], colours[1], colours[2]}), wanted()));
}

TEST(Pages, OfAboutOneSizeAreTooAlike) {
  EXPECT_TRUE(says(refusal({colour_page(wanted()), colour_page(noise_image(kHeight - 3, kWidth))}),
                   "has pages of 53 x 37 and of 53 x 34 pixels"));
}

TEST(Pages, ThatAreTooLargeAreRefusedThoughASmallOneIsFirst) {
  const auto file = tiff_of({colour_page(noise_image(4, 4)), colour_page(wanted())});
  EXPECT_TRUE(says(refusal(file, {.max_pixels = 1000}), "standardize.max_pixels"));
}

TEST(Channels, ThreeThatAreCalledGreyAreColours) {
  Page page = colour_page(wanted());
  page.photometric = PHOTOMETRIC_MINISBLACK;
  page.extra = {EXTRASAMPLE_UNSPECIFIED, EXTRASAMPLE_UNSPECIFIED};
  for (const bool planar : {false, true}) {
    page.planar = planar;
    EXPECT_TRUE(shows(tiff_of({page}), wanted()));
  }
}

TEST(Channels, AreReadWithoutATagThatSaysWhatTheyAre) {
  Page page = colour_page(wanted());
  page.photometric = -1;
  EXPECT_TRUE(shows(tiff_of({page}), wanted()));
}

TEST(Channels, InPlanesAndTilesOfAnySizeAreReadAsThoseInRows) {
  for (const bool planar : {false, true}) {
    for (const auto& [height, width] :
         {std::array<std::uint32_t, 2>{0, 0}, {16, 16}, {48, 48}, {16, 80}, {64, 64}, {32, 16}}) {
      for (const std::uint16_t bits : {8, 16}) {
        Page page = colour_page(wanted());
        page.planar = planar;
        page.tile_height = height;
        page.tile_width = width;
        page.bits = bits;
        page.samples = samples_of(wanted(), bits == 16 ? 257 : 1);
        EXPECT_TRUE(shows(tiff_of({page}), wanted())) << planar << height << "x" << width << " " << bits;
      }
    }
  }
}

TEST(Channels, OfInksAreReadInPlanesAsInRows) {
  Page page{.channels = 4, .photometric = PHOTOMETRIC_SEPARATED};
  for (int i = 0; i < kHeight * kWidth * 4; ++i)
    page.samples.push_back(static_cast<std::uint16_t>(i * 7 % 256));
  const Image rows = decode_image(tiff_of({page}), "a");
  EXPECT_EQ(rows.pixels[1], (255 - 21) * (255 - 7) / 255);
  page.planar = true;
  EXPECT_EQ(decode_image(tiff_of({page}), "a").pixels, rows.pixels);
  page.tile_height = page.tile_width = 48;
  EXPECT_EQ(decode_image(tiff_of({page}), "a").pixels, rows.pixels);
}

TEST(Channels, ThatAreNeitherColourNorAlphaAreRefusedByNumber) {
  Page page{.samples = std::vector<std::uint16_t>(kHeight * kWidth * 5, 9), .channels = 5};
  page.extra = std::vector<std::uint16_t>(4, EXTRASAMPLE_UNSPECIFIED);
  EXPECT_TRUE(says(refusal({page}), "has 5 channels"));
  page.channels = 2;
  page.extra.resize(1);
  EXPECT_TRUE(says(refusal({page}), "has 2 channels, of which the second is not marked as alpha"));
  page.channels = 4;
  page.photometric = PHOTOMETRIC_RGB;
  page.samples[3] = 200;
  EXPECT_TRUE(says(refusal({page}), "has 4 channels, of which the fourth is not marked as alpha"));
}

TEST(Channels, AFourthThatIsFullEverywhereChangesNothing) {
  for (const std::uint16_t fourth : {0, 255}) {
    Page page = colour_page(wanted());
    page.channels = 4;
    page.extra = {EXTRASAMPLE_UNSPECIFIED};
    page.samples.clear();
    for (std::size_t i = 0; i < wanted().pixels.size(); ++i) {
      page.samples.push_back(wanted().pixels[i]);
      if (i % 3 == 2) page.samples.push_back(fourth);
    }
    EXPECT_TRUE(shows(tiff_of({page}), wanted()));
  }
}

Page deep_page(int scale, std::uint16_t bits = 16) {
  Page page = colour_page(wanted());
  page.bits = bits;
  page.samples = samples_of(wanted(), scale);
  return page;
}

TEST(Bits, ThatAreFewOfSixteenAreRefusedWithWhatToSet) {
  EXPECT_TRUE(says(refusal({deep_page(16)}), "all below 4096"));
  EXPECT_TRUE(says(refusal({deep_page(16)}), "`bits = 12`"));
  EXPECT_TRUE(says(refusal({deep_page(4)}), "`bits = 10`"));
  EXPECT_TRUE(says(refusal({deep_page(64)}), "`bits = 14`"));
  EXPECT_TRUE(says(refusal({deep_page(1)}), "`bits = 8`"));
}

TEST(Bits, AreScaledByTheOptionOrTheTag) {
  EXPECT_TRUE(shows(tiff_of({deep_page(16)}), wanted(), {.bits = 12}));
  EXPECT_TRUE(shows(tiff_of({deep_page(1)}), wanted(), {.bits = 8}));
  EXPECT_TRUE(shows(tiff_of({colour_page(wanted())}), wanted(), {.bits = 12})) << "8-bit files stay";
  Page tagged = deep_page(16);
  tagged.most = 4095;
  EXPECT_TRUE(shows(tiff_of({tagged}), wanted()));
  tagged.most = 3987;  // the brightest sample instead of the largest possible
  tagged.samples = std::vector<std::uint16_t>(tagged.samples.size(), 3987);
  EXPECT_EQ(decode_image(tiff_of({tagged}), "a").pixels[0], 3987 >> 4);
  Page described = deep_page(16);
  described.description = ome(R"(SizeC="3" SizeZ="1" SizeT="1" Type="uint16" SignificantBits="12")");
  EXPECT_TRUE(shows(tiff_of({described}), wanted()));
}

TEST(Bits, ThatAreTooFewForASampleAreRefused) {
  EXPECT_TRUE(says(refusal({deep_page(257)}, {.bits = 12}), "above 4095"));
  Page tagged = deep_page(257);
  tagged.most = 4095;
  EXPECT_TRUE(says(refusal({tagged}), "its tags name"));
}

TEST(Bits, OfAnImageWithoutLightDoNotMatter) {
  Page black = deep_page(0);
  EXPECT_EQ(refusal({black}), "");
}

TEST(Bits, PackedWithoutGapsAreUnpacked) {
  for (const std::uint16_t bits : {10, 12, 14}) {
    EXPECT_TRUE(shows(tiff_of({deep_page(1 << (bits - 8), bits)}), wanted())) << bits;
  }
}

TEST(Bits, OfSignedSamplesHaveToBeNamed) {
  Page page = deep_page(16);
  page.format = SAMPLEFORMAT_INT;
  EXPECT_TRUE(says(refusal({page}), "has signed samples of 16 bits"));
  EXPECT_TRUE(shows(tiff_of({page}), wanted(), {.bits = 12}));
  page.samples[7] = 0x8000;
  EXPECT_TRUE(says(refusal({page}, {.bits = 12}), "some of them below 0"));
  Page narrow = colour_page(wanted());
  narrow.format = SAMPLEFORMAT_INT;
  EXPECT_TRUE(says(refusal({narrow}), "has signed samples of 8 bits"));
  page.format = SAMPLEFORMAT_IEEEFP;
  EXPECT_TRUE(says(refusal({page}), "floating-point"));
}

Bytes sixteen_bit_png(int scale) {
  cv::Mat image(kHeight, kWidth, CV_16UC3);
  for (std::size_t i = 0; i < wanted().pixels.size(); ++i) {
    const std::size_t swapped = i / 3 * 3 + 2 - i % 3;
    image.ptr<std::uint16_t>()[swapped] = static_cast<std::uint16_t>(wanted().pixels[i] * scale);
  }
  std::vector<unsigned char> encoded;
  cv::imencode(".png", image, encoded);
  const auto* start = reinterpret_cast<const std::byte*>(encoded.data());
  return {start, start + encoded.size()};
}

TEST(Bits, OfAPngAreCountedToo) {
  EXPECT_TRUE(shows(sixteen_bit_png(257), wanted()));
  EXPECT_TRUE(says(refusal(sixteen_bit_png(16)), "`bits = 12`"));
  EXPECT_TRUE(shows(sixteen_bit_png(16), wanted(), {.bits = 12}));
}

// Two pixels, of which the second is half or wholly transparent.
TEST(Alpha, IsLaidOnWhite) {
  const std::uint8_t rgba[] = {10, 20, 30, 255, 0, 0, 0, 0, 100, 100, 100, 128};
  const Image png = decode_image(encode_png({.height = 1, .width = 3, .colour_type = 6}, rgba), "a");
  const PixelBuffer<std::uint8_t> expected = {10, 20, 30, 255, 255, 255, 177, 177, 177};
  EXPECT_EQ(png.pixels, expected);
  const std::uint8_t grey[] = {10, 255, 0, 0};
  EXPECT_EQ(decode_image(encode_png({.height = 1, .width = 2, .colour_type = 4}, grey), "a").pixels[3], 255);

  Page page{.height = 1, .width = 3, .channels = 4, .photometric = PHOTOMETRIC_RGB};
  page.samples.assign(std::begin(rgba), std::end(rgba));
  page.extra = {EXTRASAMPLE_UNASSALPHA};
  for (const bool planar : {false, true}) {
    page.planar = planar;
    EXPECT_EQ(decode_image(tiff_of({page}), "a").pixels, expected);
    for (std::uint16_t& sample : page.samples) sample = static_cast<std::uint16_t>(sample * 257);
    page.bits = 16;
    EXPECT_EQ(decode_image(tiff_of({page}), "a").pixels, expected);
    page.bits = 8;
    page.samples.assign(std::begin(rgba), std::end(rgba));
  }
  page.extra = {EXTRASAMPLE_ASSOCALPHA};
  page.samples = {10, 20, 30, 255, 0, 0, 0, 0, 50, 50, 50, 128};
  EXPECT_EQ(decode_image(tiff_of({page}), "a").pixels, expected);
}

TEST(Alpha, OfWebpAndBmpIsLaidOnWhite) {
  cv::Mat bgra(4, 4, CV_8UC4, cv::Scalar(30, 20, 10, 255));
  bgra.colRange(2, 4).setTo(cv::Scalar(0, 0, 0, 0));
  std::vector<unsigned char> encoded;
  ASSERT_TRUE(cv::imencode(".webp", bgra, encoded, {cv::IMWRITE_WEBP_QUALITY, 101}));
  const Image webp = decode_image(std::as_bytes(std::span(encoded)), "a");
  EXPECT_EQ(webp.row(0)[0], 10);
  EXPECT_EQ(webp.row(0)[2 * 3], 255);
  ASSERT_TRUE(cv::imencode(".bmp", bgra, encoded));
  const Image bmp = decode_image(std::as_bytes(std::span(encoded)), "a");
  EXPECT_EQ(bmp.row(0)[0], 10);
  EXPECT_EQ(bmp.row(0)[2 * 3], 255);
}

StatedScale scale_of(const Page& page) {
  Image image;
  return decode_image_into(tiff_of({page}), "a", {}, image).value_or(StatedScale{});
}

TEST(Scale, IsReadFromOmeInItsUnit) {
  Page page = colour_page(wanted());
  const auto said = [&](const char* sizes) {
    page.description = ome(std::string("SizeC=\"3\" ") + sizes);
    return scale_of(page);
  };
  EXPECT_DOUBLE_EQ(said(R"(PhysicalSizeX="0.25" PhysicalSizeY="0.25")").across, 0.25);
  EXPECT_DOUBLE_EQ(said("PhysicalSizeX='0.25' PhysicalSizeXUnit='\xC2\xB5m' PhysicalSizeY='0.5'").down, 0.5);
  EXPECT_NEAR(said(R"(PhysicalSizeX="250" PhysicalSizeXUnit="nm")").across, 0.25, 1e-12);
  EXPECT_NEAR(said(R"(PhysicalSizeX="0.00025" PhysicalSizeXUnit="mm")").across, 0.25, 1e-12);
  EXPECT_NEAR(said(R"(PhysicalSizeX="0.25" PhysicalSizeXUnit="&#181;m")").across, 0.25, 1e-12);
  EXPECT_TRUE(said(R"(PhysicalSizeX="0.25")").is_certain);
  EXPECT_EQ(said(R"(PhysicalSizeX="1" PhysicalSizeXUnit="pixel")").across, 0);
  EXPECT_EQ(said("").across, 0);
}

TEST(Scale, OfAnotherImageInTheSameMetadataDoesNotCount) {
  const std::string text =
      "<OME><Image><Pixels SizeX=\"5\" SizeY=\"4\" PhysicalSizeX=\"8\"/></Image>"
      "<Image><Pixels SizeX=\"53\" SizeY=\"37\" PhysicalSizeX=\"0.5\"/></Image></OME>";
  EXPECT_DOUBLE_EQ(read_tiff_description(text, {kHeight, kWidth}).scale.value_or(StatedScale{}).across, 0.5);
}

TEST(Scale, OfTiffResolutionIsUncertainAndThatOfScreensIsNone) {
  Page page = colour_page(wanted());
  const auto across = [&](float resolution, std::uint16_t unit) {
    page.resolution = resolution;
    page.unit = unit;
    return scale_of(page);
  };
  EXPECT_NEAR(across(101600, RESUNIT_INCH).across, 0.25, 1e-6);
  EXPECT_FALSE(across(101600, RESUNIT_INCH).is_certain);
  EXPECT_NEAR(across(20000, RESUNIT_CENTIMETER).across, 0.5, 1e-6);
  for (const float dots : {72.F, 96.F, 150.F, 300.F}) EXPECT_EQ(across(dots, RESUNIT_INCH).across, 0) << dots;
  EXPECT_EQ(across(118.11F, RESUNIT_CENTIMETER).across, 0) << "300 dots an inch";
  EXPECT_EQ(across(4, RESUNIT_NONE).across, 0);
  page.description = "ImageJ=1.53\nunit=micron\n";
  EXPECT_NEAR(across(4, RESUNIT_NONE).across, 0.25, 1e-6);
}

TEST(Scale, OfAperiosDescriptionIsRead) {
  Page page = colour_page(wanted());
  page.description = "Aperio Image Library v11\n53x37|AppMag = 20|MPP = 0.4990|Left = 3";
  EXPECT_DOUBLE_EQ(scale_of(page).across, 0.499);
}

TEST(Description, ThatIsHostileTellsNothing) {
  for (const std::string text :
       {"<OME", "<OME><Pixels SizeX=", "<OME><Pixels SizeX=\"53", "<OME><Pixels =\"\"/>", "<OME><!--",
        "ImageJ=", "ImageJ=\nimages=99999999999999999999\nslices=-3", "{\"axes\":", "{\"axes\": \"",
        "Aperio|MPP=|MPP",
        "<OME><Pixels SizeX=\"53\" SizeY=\"37\" PhysicalSizeX=\"nan\" PhysicalSizeY=\"-1\" "
        "SizeZ=\"99999999\" SizeT=\"99999999\"/>"}) {
    const TiffDescription said = read_tiff_description(text, {kHeight, kWidth});
    EXPECT_FALSE(said.scale.has_value()) << text;
    EXPECT_EQ(said.channels, 0) << text;
  }
}

}  // namespace
}  // namespace histokt
