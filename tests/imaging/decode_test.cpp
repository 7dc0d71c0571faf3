// SPDX-License-Identifier: MIT
#include "imaging/decode.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <opencv2/imgcodecs.hpp>
#include <string>

#include "base/errors.hpp"
#include "support/image_files.hpp"

namespace histokt {
namespace {

using testing::Bytes;
using testing::encode;
using testing::encode_png;
using testing::encode_tiff;
using testing::gradient_image;
using testing::noise_image;
using testing::ScratchFolder;
using testing::TiffKind;

constexpr int kHeight = 61, kWidth = 83;

Bytes tiff_of(const Image& image, const TiffKind& kind = {}) {
  return encode_tiff(image.height, image.width, image.pixels, kind);
}

int worst_difference(const Image& a, const Image& b) {
  if (a.height != b.height || a.width != b.width) return 256;
  int worst = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i)
    worst = std::max(worst, std::abs(a.pixels[i] - b.pixels[i]));
  return worst;
}

bool equal(const Image& a, const Image& b) {
  return worst_difference(a, b) == 0;
}

Image plain_image(int height, int width, int red, int green, int blue) {
  Image image;
  image.resize(height, width);
  for (std::size_t i = 0; i < image.pixels.size(); i += 3) {
    image.pixels[i] = static_cast<std::uint8_t>(red);
    image.pixels[i + 1] = static_cast<std::uint8_t>(green);
    image.pixels[i + 2] = static_cast<std::uint8_t>(blue);
  }
  return image;
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
  return sentence_of([&] { decode_image(file); });
}

TEST(Decode, ReadsLosslessFormatsBitForBit) {
  const Image image = noise_image(kHeight, kWidth);
  EXPECT_TRUE(equal(decode_image(encode(image, ".png"), "a"), image));
  EXPECT_TRUE(equal(decode_image(encode(image, ".bmp"), "a"), image));
  for (const std::uint16_t compression :
       {COMPRESSION_NONE, COMPRESSION_PACKBITS, COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE}) {
    EXPECT_TRUE(equal(decode_image(tiff_of(image, {.compression = compression}), "a"), image)) << compression;
    EXPECT_TRUE(
        equal(decode_image(tiff_of(image, {.compression = compression, .tile_side = 32}), "a"), image))
        << compression << " in tiles";
  }
}

TEST(Decode, ReadsLossyFormatsClosely) {
  const Image image = gradient_image(kHeight, kWidth);
  EXPECT_LE(worst_difference(decode_image(encode(image, ".jpg"), "a"), image), 12);
  EXPECT_LE(worst_difference(decode_image(encode(image, ".webp"), "a"), image), 12);
}

TEST(Decode, GoesByTheContentNotTheName) {
  const ScratchFolder scratch;
  const Image image = noise_image(kHeight, kWidth);
  EXPECT_TRUE(equal(decode_image(scratch.write("really_a_png.jpg", encode(image, ".png"))), image));
  EXPECT_TRUE(equal(decode_image(scratch.write("really_a_tiff", tiff_of(image))), image));
}

class CutOff : public ::testing::TestWithParam<const char*> {};

TEST_P(CutOff, IsAnErrorWhereverTheFileEnds) {
  const std::string kind = GetParam();
  const Image image = noise_image(kHeight, kWidth);
  const auto in_tiff = [&](std::uint16_t compression, std::uint32_t tile_side) {
    return tiff_of(image, {.compression = compression, .strip_rows = 7, .tile_side = tile_side});
  };
  const Bytes whole = kind == "tiff"           ? in_tiff(COMPRESSION_NONE, 0)
                      : kind == "tiff_lzw"     ? in_tiff(COMPRESSION_LZW, 0)
                      : kind == "tiff_packed"  ? in_tiff(COMPRESSION_PACKBITS, 0)
                      : kind == "tiff_tiles"   ? in_tiff(COMPRESSION_NONE, 32)
                      : kind == "tiff_deflate" ? in_tiff(COMPRESSION_ADOBE_DEFLATE, 0)
                      : kind == "tiff_jpeg"    ? in_tiff(COMPRESSION_JPEG, 32)
                      : kind == "progressive"  ? testing::encode_progressive_jpeg(image)
                                               : encode(image, "." + kind);
  ASSERT_NO_THROW(decode_image(whole, "whole"));
  for (const double share : {0.001, 0.1, 0.5, 0.9, 0.999}) {
    const auto length =
        std::max<std::size_t>(1, static_cast<std::size_t>(share * static_cast<double>(whole.size())));
    const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
    const std::string sentence = sentence_of([&] { decode_image(part, "cut.file"); });
    EXPECT_TRUE(sentence.starts_with("cut.file: ")) << share << " of a " << kind << ": " << sentence;
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, CutOff,
                         ::testing::Values("png", "bmp", "jpg", "webp", "tiff", "tiff_lzw", "tiff_packed",
                                           "tiff_tiles", "tiff_deflate", "tiff_jpeg", "progressive"));

TEST(Decode, ReadsProgressiveJpegs) {
  const Image image = gradient_image(kHeight, kWidth);
  EXPECT_LE(worst_difference(decode_image(testing::encode_progressive_jpeg(image), "a"), image), 12);
}

TEST(Decode, RefusesAJpegMadeToKeepItBusy) {
  const Bytes file = testing::encode_jpeg_of_many_scans(gradient_image(kHeight, kWidth));
  EXPECT_NE(sentence_of([&] { decode_image(file, "a"); }).find("more than 100 scans"), std::string::npos);
}

TEST(Decode, ReadsASinglePixelInEveryFormat) {
  const Image image = plain_image(1, 1, 100, 100, 100);
  for (const char* kind : {".png", ".bmp", ".jpg", ".webp"}) {
    EXPECT_LE(worst_difference(decode_image(encode(image, kind), "a"), image), 3) << kind;
  }
  EXPECT_TRUE(equal(decode_image(tiff_of(image), "a"), image));
}

TEST(Decode, TurnsNothingThatANoteOnOrientationAsksFor) {
  const Image image = noise_image(kHeight, kWidth);
  const Bytes jpeg = encode(image, ".jpg");
  EXPECT_TRUE(equal(decode_image(testing::with_exif_orientation(jpeg, 6), "a"), decode_image(jpeg, "a")));
  EXPECT_TRUE(equal(
      decode_image(encode_png({.height = kHeight, .width = kWidth, .orientation = 6}, image.pixels), "a"),
      image));
  EXPECT_TRUE(equal(decode_image(tiff_of(image, {.orientation = ORIENTATION_RIGHTTOP}), "a"), image));
  // Palettes are read on another way, which could turn images.
  std::vector<std::uint8_t> codes;
  for (int i = 0; i < kHeight * kWidth; ++i) codes.push_back(static_cast<std::uint8_t>(i));
  const TiffKind upright{.samples = 1, .photometric = PHOTOMETRIC_PALETTE};
  for (const std::uint16_t orientation : {ORIENTATION_BOTRIGHT, ORIENTATION_BOTLEFT, ORIENTATION_RIGHTTOP}) {
    TiffKind turned = upright;
    turned.orientation = orientation;
    EXPECT_TRUE(equal(decode_image(encode_tiff(kHeight, kWidth, codes, turned), "a"),
                      decode_image(encode_tiff(kHeight, kWidth, codes, upright), "a")))
        << orientation;
  }
  const Image shown = decode_image(encode_tiff(kHeight, kWidth, codes, upright), "a");
  EXPECT_EQ(shown.row(0)[3 * 5], 5) << "the first row comes first";
}

TEST(Decode, ReadsEveryKindOfPng) {
  const std::uint8_t grey[] = {10, 20, 30, 40}, bits[] = {0b10100000, 0b01000000},
                     grey_alpha[] = {10, 0, 20, 255};
  const std::uint8_t codes[] = {0x12, 0x30};  // four bits each
  EXPECT_EQ(
      decode_image(encode_png({.height = 2, .width = 2, .bits = 8, .colour_type = 0}, grey), "a").row(1)[3],
      40);
  EXPECT_EQ(
      decode_image(encode_png({.height = 2, .width = 3, .bits = 1, .colour_type = 0}, bits), "a").row(0)[6],
      255);
  EXPECT_EQ(decode_image(encode_png({.height = 1, .width = 2, .bits = 8, .colour_type = 4}, grey_alpha), "a")
                .row(0)[0],
            255)
      << "transparent";
  const Image looked_up =
      decode_image(encode_png({.height = 1, .width = 3, .bits = 4, .colour_type = 3}, codes), "a");
  EXPECT_EQ(looked_up.row(0)[3], 2);
  EXPECT_EQ(looked_up.row(0)[5], 253);
}

TEST(Decode, NoticesAPngWhoseChecksumsAreRightButWhosePixelsEnd) {
  const std::vector<std::uint8_t> rows(kHeight / 2 * kWidth * 3, 9);
  EXPECT_NE(sentence_of([&] { decode_image(encode_png({.height = kHeight, .width = kWidth}, rows), "a"); }),
            "");
}

// Real uncompressed TIFFs keep their directory first: only the pixels are missing when they are cut off.
TEST(Decode, NoticesMissingPixelsBehindAWholeTiffDirectory) {
  const Image image = noise_image(kHeight, kWidth);
  Bytes file = tiff_of(image, {.strip_rows = kHeight});
  std::uint32_t directory = 0;
  std::memcpy(&directory, file.data() + 4, 4);
  // Moves the pixels behind the directory, and cuts the last byte off.
  const std::size_t pixel_bytes = image.pixels.size();
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
  EXPECT_TRUE(equal(decode_image(file, "whole"), image));
  file.pop_back();
  EXPECT_NE(sentence_of([&] { decode_image(file, "cut"); }), "");
}

TEST(Decode, RepeatsGreyInAllChannels) {
  const Image grey = plain_image(kHeight, kWidth, 77, 77, 77);
  EXPECT_TRUE(equal(decode_image(png_of(cv::Mat(kHeight, kWidth, CV_8UC1, cv::Scalar(77))), "a"), grey));
  const std::vector<std::uint8_t> samples(kHeight * kWidth, 77), inverted(kHeight * kWidth, 255 - 77);
  EXPECT_TRUE(equal(
      decode_image(
          encode_tiff(kHeight, kWidth, samples, {.samples = 1, .photometric = PHOTOMETRIC_MINISBLACK}), "a"),
      grey));
  EXPECT_TRUE(equal(
      decode_image(
          encode_tiff(kHeight, kWidth, inverted, {.samples = 1, .photometric = PHOTOMETRIC_MINISWHITE}), "a"),
      grey));
  std::vector<unsigned char> jpeg;
  cv::imencode(".jpg", cv::Mat(kHeight, kWidth, CV_8UC1, cv::Scalar(77)), jpeg);
  EXPECT_LE(worst_difference(decode_image(std::as_bytes(std::span(jpeg)), "a"), grey), 1);
}

TEST(Decode, KeepsTheUpperHalfOfSixteenBits) {
  const Image colour = plain_image(kHeight, kWidth, 0x12, 0x34, 0xFF);
  const cv::Mat image(kHeight, kWidth, CV_16UC3, cv::Scalar(0xFFFF, 0x3456, 0x12FE));
  EXPECT_TRUE(equal(decode_image(png_of(image), "a"), colour));
  std::vector<std::uint16_t> samples;
  for (int i = 0; i < kHeight * kWidth; ++i) samples.insert(samples.end(), {0x12FE, 0x3456, 0xFFFF});
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(samples.data()), 2 * samples.size());
  EXPECT_TRUE(equal(decode_image(encode_tiff(kHeight, kWidth, bytes, {.bits = 16}), "a"), colour));
}

TEST(Decode, LooksPalettesUp) {
  const std::vector<std::uint8_t> codes(kHeight * kWidth, 100);
  const Bytes file = encode_tiff(kHeight, kWidth, codes, {.samples = 1, .photometric = PHOTOMETRIC_PALETTE});
  EXPECT_TRUE(equal(decode_image(file, "a"), plain_image(kHeight, kWidth, 100, 0, 155)));
}

TEST(Decode, TurnsInksToColours) {
  const Bytes file = testing::encode_cmyk_jpeg(kHeight, kWidth, 255, 0, 51, 0);
  EXPECT_LE(worst_difference(decode_image(file, "a"), plain_image(kHeight, kWidth, 0, 255, 204)), 2);
  const Bytes dark = testing::encode_cmyk_jpeg(kHeight, kWidth, 0, 0, 0, 204);
  EXPECT_LE(worst_difference(decode_image(dark, "a"), plain_image(kHeight, kWidth, 51, 51, 51)), 2);
}

TEST(Decode, FindsAFlippedBitInAPng) {
  Bytes file = encode(noise_image(kHeight, kWidth), ".png");
  file[file.size() / 2] ^= std::byte{1};
  EXPECT_NE(sentence_of([&] { decode_image(file, "a"); }).find("checksum"), std::string::npos);
}

TEST(Decode, RefusesTooManyPixelsFromTheHeader) {
  const DecodeLimits limits{.max_pixels = kHeight * kWidth - 1};
  const Image image = gradient_image(kHeight, kWidth);
  for (const char* kind : {".png", ".bmp", ".jpg", ".webp"}) {
    const std::string sentence = sentence_of([&] { decode_image(encode(image, kind), "a.file", limits); });
    EXPECT_NE(sentence.find("83 x 61"), std::string::npos) << kind << sentence;
    EXPECT_NE(sentence.find("standardize.max_pixels"), std::string::npos) << kind << sentence;
  }
  EXPECT_NE(sentence_of([&] { decode_image(tiff_of(image), "a", limits); }).find("standardize.max_pixels"),
            std::string::npos);
  EXPECT_NO_THROW(decode_image(encode(image, ".png"), "a", {.max_pixels = kHeight * kWidth}));
}

// Writes a number over an entry of the first directory of a little-endian TIFF.
void set_tiff_entry(Bytes& file, std::uint16_t wanted, std::uint32_t value) {
  std::uint32_t directory = 0;
  std::uint16_t entries = 0;
  std::memcpy(&directory, file.data() + 4, 4);
  std::memcpy(&entries, file.data() + directory, 2);
  for (int i = 0; i < entries; ++i) {
    std::byte* entry = file.data() + directory + 2 + 12 * i;
    std::uint16_t tag = 0;
    const std::uint16_t kLong = 4;
    std::memcpy(&tag, entry, 2);
    if (tag != wanted) continue;
    std::memcpy(entry + 2, &kLong, 2);
    std::memcpy(entry + 8, &value, 4);
  }
}

void set_number(Bytes& file, std::size_t at, std::uint32_t value, std::size_t count, bool big_endian) {
  for (std::size_t i = 0; i < count; ++i) {
    file.at(at + i) = static_cast<std::byte>(value >> 8 * (big_endian ? count - 1 - i : i));
  }
}

long peak_megabytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

// Small files whose headers say 20,000 x 20,000.
std::vector<std::pair<std::string, Bytes>> boasting_files() {
  constexpr std::uint32_t kSide = 20'000;
  const Image image = gradient_image(kHeight, kWidth);
  Bytes png = encode(image, ".png"), bmp = encode(image, ".bmp"), jpg = encode(image, ".jpg"),
        tiff = tiff_of(image), webp(40);
  for (const std::size_t at : {16, 20}) set_number(png, at, kSide, 4, true);
  for (const std::size_t at : {18, 22}) set_number(bmp, at, kSide, 4, false);
  for (std::size_t at = 0; at + 9 < jpg.size();
       ++at) {  // the frame header: marker, length, bits, height, width
    if (jpg[at] != std::byte{0xFF} || jpg[at + 1] != std::byte{0xC0}) continue;
    set_number(jpg, at + 5, kSide, 2, true);
    set_number(jpg, at + 7, kSide, 2, true);
    break;
  }
  set_tiff_entry(tiff, TIFFTAG_IMAGEWIDTH, kSide);
  set_tiff_entry(tiff, TIFFTAG_IMAGELENGTH, kSide);
  std::memcpy(webp.data(), "RIFF\x20\0\0\0WEBPVP8X", 16);
  set_number(webp, 24, kSide - 1, 3, false);
  set_number(webp, 27, kSide - 1, 3, false);
  return {{"png", png}, {"bmp", bmp}, {"jpg", jpg}, {"tiff", tiff}, {"webp", webp}};
}

TEST(Decode, RefusesAHeaderThatBoastsBeforeMemoryIsTaken) {
  const auto files = boasting_files();
  const long before = peak_megabytes();
  for (const auto& [kind, file] : files) {
    const std::string sentence = sentence_of([&] { decode_image(file, "a.file"); });
    EXPECT_NE(sentence.find("a.file: has 20000 x 20000 pixels, more than the 200000000 allowed"),
              std::string::npos)
        << kind << ": " << sentence;
    EXPECT_NE(sentence.find("standardize.max_pixels"), std::string::npos) << kind << ": " << sentence;
  }
  EXPECT_LT(peak_megabytes() - before, 60);
}

TEST(Decode, RefusesAVastImageInAFileOfSomeKilobytes) {
  const std::vector<std::uint8_t> rows(20'000 / 8 * 20'000, 0);
  const ScratchFolder scratch;
  const auto file = scratch.write(
      "vast.png", encode_png({.height = 20'000, .width = 20'000, .bits = 1, .colour_type = 0}, rows));
  EXPECT_LT(std::filesystem::file_size(file), 1'000'000u);
  const long before = peak_megabytes();
  EXPECT_NE(sentence_of(file).find("standardize.max_pixels"), std::string::npos);
  EXPECT_LT(peak_megabytes() - before, 60);
}

TEST(Decode, RefusesTilesLargerThanAnyImage) {
  Bytes file = tiff_of(noise_image(kHeight, kWidth), {.tile_side = 32});
  set_tiff_entry(file, TIFFTAG_TILEWIDTH, 65'536);
  set_tiff_entry(file, TIFFTAG_TILELENGTH, 65'536);
  EXPECT_NE(sentence_of([&] { decode_image(file, "a"); }).find("a tile of this TIFF"), std::string::npos);
}

TEST(Decode, NamesLinksThatLeadNowhereOrInACircle) {
  const ScratchFolder scratch;
  std::filesystem::create_symlink("gone.png", scratch.path() / "link.png");
  std::filesystem::create_symlink("loop.png", scratch.path() / "loop.png");
  EXPECT_NE(
      sentence_of(scratch.path() / "link.png").find("a symbolic link to gone.png, which does not exist; fix"),
      std::string::npos);
  EXPECT_NE(sentence_of(scratch.path() / "loop.png").find("leads back to itself; fix"), std::string::npos);
}

// What `work` returns in a process without the rights of the superuser.
std::string as_nobody(const std::function<std::string()>& work) {
  int ends[2];
  if (::pipe(ends) != 0) return "no pipe";
  const pid_t child = ::fork();
  if (child == 0) {
    constexpr uid_t kNobody = 65534;
    if (::geteuid() == 0 && ::setresuid(kNobody, kNobody, kNobody) != 0) ::_exit(1);
    const std::string text = work();
    const ssize_t written = ::write(ends[1], text.data(), text.size());
    ::_exit(written < 0);
  }
  ::close(ends[1]);
  std::string text;
  char block[512];
  for (ssize_t n; (n = ::read(ends[0], block, sizeof block)) > 0;)
    text.append(block, static_cast<std::size_t>(n));
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  return text;
}

TEST(Decode, SaysThatAFileMayNotBeRead) {
  const ScratchFolder scratch;
  const auto file = scratch.write("secret.png", encode(noise_image(2, 2), ".png"));
  ::chmod(scratch.path().c_str(), 0755);
  ::chmod(file.c_str(), 0);
  const std::string said = as_nobody([&] { return sentence_of(file); });
  EXPECT_EQ(said, file.string() +
                      ": cannot be opened for reading: Permission denied; change its permissions, or "
                      "those of the folders above it");
}

TEST(Decode, NamesTheFileAndWhatItIsInstead) {
  const ScratchFolder scratch;
  const auto folder = scratch.path() / "a.png";
  std::filesystem::create_directory(folder);
  EXPECT_EQ(sentence_of(folder),
            folder.string() + ": is a folder; expected an image file. Rename it or move it away");

  const auto pipe = scratch.path() / "pipe.png";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_NE(sentence_of(pipe).find("not a regular file"), std::string::npos);

  EXPECT_NE(sentence_of(scratch.write("empty.tif", {})).find("empty (0 bytes)"), std::string::npos);
  EXPECT_NE(sentence_of(scratch.path() / "none.png").find("No such file"), std::string::npos);

  const std::string text = "not an image at all";
  EXPECT_NE(sentence_of(scratch.write("text.png", std::as_bytes(std::span(text)))).find("TIFF, JPEG, PNG"),
            std::string::npos);
}

TEST(Decode, ReusesTheMemoryOfTheImageBefore) {
  Image image = noise_image(2 * kHeight, kWidth);
  const auto* memory = image.pixels.data();
  const Image wanted = noise_image(kHeight, kWidth);
  decode_image_into(tiff_of(wanted), "a", {}, image);
  EXPECT_EQ(image.pixels.data(), memory);
  EXPECT_TRUE(equal(image, wanted));
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
  const Image image = gradient_image(kHeight, kWidth);
  EXPECT_NE(sentence_of([&] { decode_mask(encode(image, ".png"), "m.png"); }).find("must be grey"),
            std::string::npos);
  EXPECT_NE(sentence_of([&] { decode_mask(tiff_of(image), "m.tif"); }).find("one channel"),
            std::string::npos);
  EXPECT_NE(sentence_of([&] { decode_mask(encode(image, ".jpg"), "m.jpg"); }).find("grey PNG or TIFF"),
            std::string::npos);
}

}  // namespace
}  // namespace histokt
