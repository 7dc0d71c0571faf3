#include "imaging/decode.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <opencv2/imgcodecs.hpp>
#include <string>

#include "base/errors.hpp"
#include "support/picture_files.hpp"

namespace histokt {
namespace {

using testing::Bytes;
using testing::encode;
using testing::encode_tiff;
using testing::gradient_picture;
using testing::noise_picture;
using testing::ScratchFolder;
using testing::TiffKind;

constexpr int kHeight = 61, kWidth = 83;

Bytes tiff_of(const Picture& picture, const TiffKind& kind = {}) {
  return encode_tiff(picture.height, picture.width, picture.pixels, kind);
}

int worst_difference(const Picture& a, const Picture& b) {
  if (a.height != b.height || a.width != b.width) return 256;
  int worst = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i)
    worst = std::max(worst, std::abs(a.pixels[i] - b.pixels[i]));
  return worst;
}

bool equal(const Picture& a, const Picture& b) {
  return worst_difference(a, b) == 0;
}

Picture plain_picture(int height, int width, int red, int green, int blue) {
  Picture picture;
  picture.resize(height, width);
  for (std::size_t i = 0; i < picture.pixels.size(); i += 3) {
    picture.pixels[i] = static_cast<std::uint8_t>(red);
    picture.pixels[i + 1] = static_cast<std::uint8_t>(green);
    picture.pixels[i + 2] = static_cast<std::uint8_t>(blue);
  }
  return picture;
}

Bytes png_of(const cv::Mat& image) {
  std::vector<unsigned char> encoded;
  cv::imencode(".png", image, encoded);
  const auto* start = reinterpret_cast<const std::byte*>(encoded.data());
  return {start, start + encoded.size()};
}

// The error's sentence, or "" where there was none.
std::string sentence_of(const std::function<void()>& work) {
  try {
    work();
    return "";
  } catch (const RunError& error) {
    return error.what();
  }
}

std::string sentence_of(const std::filesystem::path& file) {
  return sentence_of([&] { decode_picture(file); });
}

TEST(Decode, ReadsLosslessFormatsBitForBit) {
  const Picture picture = noise_picture(kHeight, kWidth);
  EXPECT_TRUE(equal(decode_picture(encode(picture, ".png"), "a"), picture));
  EXPECT_TRUE(equal(decode_picture(encode(picture, ".bmp"), "a"), picture));
  for (const std::uint16_t compression :
       {COMPRESSION_NONE, COMPRESSION_PACKBITS, COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE}) {
    EXPECT_TRUE(equal(decode_picture(tiff_of(picture, {.compression = compression}), "a"), picture))
        << compression;
    EXPECT_TRUE(
        equal(decode_picture(tiff_of(picture, {.compression = compression, .tile_side = 32}), "a"), picture))
        << compression << " in tiles";
  }
}

TEST(Decode, ReadsLossyFormatsClosely) {
  const Picture picture = gradient_picture(kHeight, kWidth);
  EXPECT_LE(worst_difference(decode_picture(encode(picture, ".jpg"), "a"), picture), 12);
  EXPECT_LE(worst_difference(decode_picture(encode(picture, ".webp"), "a"), picture), 12);
}

TEST(Decode, GoesByTheContentNotTheName) {
  const ScratchFolder scratch;
  const Picture picture = noise_picture(kHeight, kWidth);
  EXPECT_TRUE(equal(decode_picture(scratch.write("really_a_png.jpg", encode(picture, ".png"))), picture));
  EXPECT_TRUE(equal(decode_picture(scratch.write("really_a_tiff", tiff_of(picture))), picture));
}

class CutOff : public ::testing::TestWithParam<const char*> {};

TEST_P(CutOff, IsAnErrorWhereverTheFileEnds) {
  const std::string kind = GetParam();
  const Picture picture = noise_picture(kHeight, kWidth);
  const auto in_tiff = [&](std::uint16_t compression, std::uint32_t tile_side) {
    return tiff_of(picture, {.compression = compression, .strip_rows = 7, .tile_side = tile_side});
  };
  const Bytes whole = kind == "tiff"          ? in_tiff(COMPRESSION_NONE, 0)
                      : kind == "tiff_lzw"    ? in_tiff(COMPRESSION_LZW, 0)
                      : kind == "tiff_packed" ? in_tiff(COMPRESSION_PACKBITS, 0)
                      : kind == "tiff_tiles"  ? in_tiff(COMPRESSION_NONE, 32)
                                              : encode(picture, "." + kind);
  ASSERT_NO_THROW(decode_picture(whole, "whole"));
  for (const double share : {0.001, 0.1, 0.5, 0.9, 0.999}) {
    const auto length =
        std::max<std::size_t>(1, static_cast<std::size_t>(share * static_cast<double>(whole.size())));
    const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    const std::string sentence = sentence_of([&] { decode_picture(part, "cut.file"); });
    EXPECT_TRUE(sentence.starts_with("cut.file: ")) << share << " of a " << kind << ": " << sentence;
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, CutOff,
                         ::testing::Values("png", "bmp", "jpg", "webp", "tiff", "tiff_lzw", "tiff_packed",
                                           "tiff_tiles"));

// Real uncompressed TIFFs keep their directory first: only the pixels are missing when they are cut off.
TEST(Decode, NoticesMissingPixelsBehindAWholeTiffDirectory) {
  const Picture picture = noise_picture(kHeight, kWidth);
  Bytes file = tiff_of(picture, {.strip_rows = kHeight});
  std::uint32_t directory = 0;
  std::memcpy(&directory, file.data() + 4, 4);
  // Moves the pixels behind the directory, and cuts the last byte off.
  const std::size_t pixel_bytes = picture.pixels.size();
  const Bytes pixels(file.begin() + 8, file.begin() + 8 + static_cast<std::ptrdiff_t>(pixel_bytes));
  std::uint16_t entries = 0;
  std::memcpy(&entries, file.data() + directory, 2);
  for (int i = 0; i < entries; ++i) {
    std::byte* entry = file.data() + directory + 2 + 12 * i;
    std::uint16_t tag = 0;
    std::memcpy(&tag, entry, 2);
    const auto offset = static_cast<std::uint32_t>(file.size());
    if (tag == TIFFTAG_STRIPOFFSETS) std::memcpy(entry + 8, &offset, 4);
  }
  file.insert(file.end(), pixels.begin(), pixels.end());
  EXPECT_TRUE(equal(decode_picture(file, "whole"), picture));
  file.pop_back();
  EXPECT_NE(sentence_of([&] { decode_picture(file, "cut"); }), "");
}

TEST(Decode, RepeatsGreyInAllChannels) {
  const Picture grey = plain_picture(kHeight, kWidth, 77, 77, 77);
  EXPECT_TRUE(equal(decode_picture(png_of(cv::Mat(kHeight, kWidth, CV_8UC1, cv::Scalar(77))), "a"), grey));
  const std::vector<std::uint8_t> samples(kHeight * kWidth, 77), inverted(kHeight * kWidth, 255 - 77);
  EXPECT_TRUE(equal(
      decode_picture(
          encode_tiff(kHeight, kWidth, samples, {.samples = 1, .photometric = PHOTOMETRIC_MINISBLACK}), "a"),
      grey));
  EXPECT_TRUE(equal(
      decode_picture(
          encode_tiff(kHeight, kWidth, inverted, {.samples = 1, .photometric = PHOTOMETRIC_MINISWHITE}), "a"),
      grey));
  std::vector<unsigned char> jpeg;
  cv::imencode(".jpg", cv::Mat(kHeight, kWidth, CV_8UC1, cv::Scalar(77)), jpeg);
  EXPECT_LE(worst_difference(decode_picture(std::as_bytes(std::span(jpeg)), "a"), grey), 1);
}

TEST(Decode, DropsAlphaWithoutBlending) {
  const Picture colour = plain_picture(kHeight, kWidth, 10, 20, 30);
  EXPECT_TRUE(equal(decode_picture(png_of(cv::Mat(kHeight, kWidth, CV_8UC4, cv::Scalar(30, 20, 10, 5))), "a"),
                    colour));
  std::vector<std::uint8_t> samples;
  for (int i = 0; i < kHeight * kWidth; ++i) samples.insert(samples.end(), {10, 20, 30, 5});
  EXPECT_TRUE(equal(decode_picture(encode_tiff(kHeight, kWidth, samples, {.samples = 4}), "a"), colour));
}

TEST(Decode, KeepsTheUpperHalfOfSixteenBits) {
  const Picture colour = plain_picture(kHeight, kWidth, 0x12, 0x34, 0xFF);
  const cv::Mat image(kHeight, kWidth, CV_16UC3, cv::Scalar(0xFFFF, 0x3456, 0x12FE));
  EXPECT_TRUE(equal(decode_picture(png_of(image), "a"), colour));
  std::vector<std::uint16_t> samples;
  for (int i = 0; i < kHeight * kWidth; ++i) samples.insert(samples.end(), {0x12FE, 0x3456, 0xFFFF});
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(samples.data()), 2 * samples.size());
  EXPECT_TRUE(equal(decode_picture(encode_tiff(kHeight, kWidth, bytes, {.bits = 16}), "a"), colour));
}

TEST(Decode, LooksPalettesUp) {
  const std::vector<std::uint8_t> codes(kHeight * kWidth, 100);
  const Bytes file = encode_tiff(kHeight, kWidth, codes, {.samples = 1, .photometric = PHOTOMETRIC_PALETTE});
  EXPECT_TRUE(equal(decode_picture(file, "a"), plain_picture(kHeight, kWidth, 100, 0, 155)));
}

TEST(Decode, TurnsInksToColours) {
  const Bytes file = testing::encode_cmyk_jpeg(kHeight, kWidth, 255, 0, 51, 0);
  EXPECT_LE(worst_difference(decode_picture(file, "a"), plain_picture(kHeight, kWidth, 0, 255, 204)), 2);
  const Bytes dark = testing::encode_cmyk_jpeg(kHeight, kWidth, 0, 0, 0, 204);
  EXPECT_LE(worst_difference(decode_picture(dark, "a"), plain_picture(kHeight, kWidth, 51, 51, 51)), 2);
}

TEST(Decode, FindsAFlippedBitInAPng) {
  Bytes file = encode(noise_picture(kHeight, kWidth), ".png");
  file[file.size() / 2] ^= std::byte{1};
  EXPECT_NE(sentence_of([&] { decode_picture(file, "a"); }).find("checksum"), std::string::npos);
}

TEST(Decode, RefusesTooManyPixelsFromTheHeader) {
  const DecodeLimits limits{.max_pixels = kHeight * kWidth - 1};
  const Picture picture = gradient_picture(kHeight, kWidth);
  for (const char* kind : {".png", ".bmp", ".jpg", ".webp"}) {
    const std::string sentence =
        sentence_of([&] { decode_picture(encode(picture, kind), "a.file", limits); });
    EXPECT_NE(sentence.find("83 x 61"), std::string::npos) << kind << sentence;
    EXPECT_NE(sentence.find("standardize.max_pixels"), std::string::npos) << kind << sentence;
  }
  EXPECT_NE(
      sentence_of([&] { decode_picture(tiff_of(picture), "a", limits); }).find("standardize.max_pixels"),
      std::string::npos);
  EXPECT_NO_THROW(decode_picture(encode(picture, ".png"), "a", {.max_pixels = kHeight * kWidth}));
}

TEST(Decode, NamesTheFileAndWhatItIsInstead) {
  const ScratchFolder scratch;
  const auto folder = scratch.path() / "a.png";
  std::filesystem::create_directory(folder);
  EXPECT_EQ(sentence_of(folder), folder.string() + ": is a folder; expected a picture file");

  const auto pipe = scratch.path() / "pipe.png";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_NE(sentence_of(pipe).find("no regular file"), std::string::npos);

  EXPECT_NE(sentence_of(scratch.write("empty.tif", {})).find("empty (0 bytes)"), std::string::npos);
  EXPECT_NE(sentence_of(scratch.path() / "none.png").find("No such file"), std::string::npos);

  const std::string text = "not a picture at all";
  EXPECT_NE(sentence_of(scratch.write("text.png", std::as_bytes(std::span(text)))).find("TIFF, JPEG, PNG"),
            std::string::npos);
}

TEST(Decode, ReusesTheMemoryOfThePictureBefore) {
  Picture picture = noise_picture(2 * kHeight, kWidth);
  const auto* memory = picture.pixels.data();
  const Picture wanted = noise_picture(kHeight, kWidth);
  decode_picture_into(tiff_of(wanted), "a", {}, picture);
  EXPECT_EQ(picture.pixels.data(), memory);
  EXPECT_TRUE(equal(picture, wanted));
}

TEST(DecodeMask, KeepsTheNumbersAsStored) {
  cv::Mat codes(kHeight, kWidth, CV_16UC1);
  for (int i = 0; i < kHeight * kWidth; ++i)
    codes.at<std::uint16_t>(i / kWidth, i % kWidth) = static_cast<std::uint16_t>(11 * i);
  const Mask wide = decode_mask(png_of(codes), "a");
  EXPECT_EQ(wide.row(40)[50], static_cast<std::uint16_t>(11 * (40 * kWidth + 50)));

  cv::Mat small;
  codes.convertTo(small, CV_8U, 1.0 / 256);
  const Mask narrow = decode_mask(png_of(small), "a");
  EXPECT_EQ(narrow.row(30)[20], small.at<std::uint8_t>(30, 20));

  std::vector<std::uint8_t> samples(small.begin<std::uint8_t>(), small.end<std::uint8_t>());
  for (const std::uint16_t photometric : {PHOTOMETRIC_MINISBLACK, PHOTOMETRIC_PALETTE}) {
    const Mask tiff =
        decode_mask(encode_tiff(kHeight, kWidth, samples, {.samples = 1, .photometric = photometric}), "a");
    EXPECT_TRUE(std::equal(tiff.codes.begin(), tiff.codes.end(), samples.begin()));
  }
}

TEST(DecodeMask, RefusesColours) {
  const Picture picture = gradient_picture(kHeight, kWidth);
  EXPECT_NE(sentence_of([&] { decode_mask(encode(picture, ".png"), "m.png"); }).find("must be grey"),
            std::string::npos);
  EXPECT_NE(sentence_of([&] { decode_mask(tiff_of(picture), "m.tif"); }).find("one channel"),
            std::string::npos);
  EXPECT_NE(sentence_of([&] { decode_mask(encode(picture, ".jpg"), "m.jpg"); }).find("grey PNG or TIFF"),
            std::string::npos);
}

}  // namespace
}  // namespace histokt
