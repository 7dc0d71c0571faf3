// PNG, BMP and WebP through OpenCV. OpenCV may hand out the readable part of a broken file, so each is
// checked for completeness first.
#include <zlib.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <string>

#include "imaging/decoders.hpp"

namespace histokt {
namespace {

using Bytes = std::span<const std::byte>;

[[noreturn]] void fail_cut_off(std::string_view name, const char* format, const std::string& detail) {
  fail_decoding(name, std::string("is a damaged or cut off ") + format + " file (" + detail +
                          "); copy or download it again");
}

std::uint32_t big_endian(Bytes bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | std::to_integer<std::uint32_t>(bytes[at + i]);
  return value;
}

std::uint32_t little_endian(Bytes bytes, std::size_t at, std::size_t count) {
  std::uint32_t value = 0;
  for (std::size_t i = count; i-- > 0;) value = value << 8 | std::to_integer<std::uint32_t>(bytes[at + i]);
  return value;
}

// Into the memory of `image` where that has the right size.
void decode_with_opencv(Bytes encoded, std::string_view name, const char* format, int flags, cv::Mat& image) {
  // OpenCV asks for a mutable pointer but only reads.
  const cv::Mat bytes(1, static_cast<int>(encoded.size()), CV_8U, const_cast<std::byte*>(encoded.data()));
  try {
    if (cv::imdecode(bytes, flags | cv::IMREAD_IGNORE_ORIENTATION, &image).empty()) {
      fail_cut_off(name, format, "its pixels cannot be decoded");
    }
  } catch (const cv::Exception& error) {
    fail_cut_off(name, format, error.err);
  }
}

// A picture may take hundreds of megabytes, so there is only one of it: in place, a few rows at a time.
void reverse_channels(cv::Mat& image) {
  constexpr int kRows = 64;
  for (int y = 0; y < image.rows; y += kRows) {
    cv::Mat rows = image.rowRange(y, std::min(y + kRows, image.rows));
    cv::cvtColor(rows, rows, cv::COLOR_BGR2RGB);
  }
}

void decode_colours(Bytes encoded, std::string_view name, const char* format, Size size, Picture& picture) {
  picture.resize(size.height, size.width);
  cv::Mat pixels(size.height, size.width, CV_8UC3, picture.pixels.data());
  decode_with_opencv(encoded, name, format, cv::IMREAD_COLOR, pixels);
  if (pixels.data != picture.pixels.data()) fail_cut_off(name, format, "its header tells another size than its pixels");
  reverse_channels(pixels);
}

constexpr std::size_t kPngSignature = 8;
constexpr std::size_t kPngChunkFrame = 12;  // length, type, checksum

bool is_harmless(std::string_view chunk) {
  return chunk == "pHYs" || chunk == "tIME" || chunk == "tEXt" || chunk == "zTXt" || chunk == "iTXt";
}

// The file without what might change its pixels on the way (colour profiles, notes on orientation, alpha of palettes),
// after every checksum was found right and the end mark in its place. Copied into `essential` only where there is such.
Bytes essential_png(Bytes encoded, std::string_view name, PixelBuffer<std::byte>& essential) {
  std::size_t at = kPngSignature;
  const auto copy_so_far = [&] {
    if (essential.empty()) essential.assign(encoded.begin(), encoded.begin() + static_cast<std::ptrdiff_t>(at));
  };
  while (true) {
    if (encoded.size() - at < kPngChunkFrame) fail_cut_off(name, "PNG", "it has no end mark");
    const std::size_t length = big_endian(encoded, at);
    if (length > encoded.size() - at - kPngChunkFrame)
      fail_cut_off(name, "PNG", "its last part is not whole");
    const Bytes chunk = encoded.subspan(at, length + kPngChunkFrame);
    const auto* checked = reinterpret_cast<const Bytef*>(chunk.data() + 4);
    if (::crc32(0, checked, static_cast<uInt>(length + 4)) != big_endian(chunk, length + 8)) {
      fail_cut_off(name, "PNG", "a checksum is wrong near byte " + std::to_string(at));
    }
    const std::string_view type(reinterpret_cast<const char*>(chunk.data()) + 4, 4);
    const bool is_kept = (chunk[4] & std::byte{0x20}) == std::byte{0} || is_harmless(type);
    if (!is_kept) copy_so_far();
    if (is_kept && !essential.empty()) essential.insert(essential.end(), chunk.begin(), chunk.end());
    if (type == "IEND") return essential.empty() ? encoded.first(at + chunk.size()) : Bytes(essential);
    at += chunk.size();
  }
}

struct PngHeader {
  Size size;
  int bits = 0;
  int colour_type = 0;
};

PngHeader png_header(Bytes encoded, std::string_view name, const DecodeLimits& limits) {
  if (encoded.size() < 33 || std::memcmp(encoded.data() + 12, "IHDR", 4) != 0) {
    fail_cut_off(name, "PNG", "it has no header");
  }
  return {checked_size(big_endian(encoded, 20), big_endian(encoded, 16), name, limits),
          std::to_integer<int>(encoded[24]), std::to_integer<int>(encoded[25])};
}

struct BmpHeader {
  std::int64_t height = 0;  // negative where rows run from the top
  std::int64_t width = 0;
  std::uint32_t bits = 0;
  std::uint32_t compression = 0;
  std::uint32_t stored_bytes = 0;  // of the pixels, where compressed
  std::uint32_t palette = 0;       // its entries, where given
};

BmpHeader bmp_header(Bytes encoded, std::string_view name) {
  if (encoded.size() < 26) fail_cut_off(name, "BMP", "it ends within its header");
  if (little_endian(encoded, 14, 4) == 12) {
    return {little_endian(encoded, 20, 2), little_endian(encoded, 18, 2), little_endian(encoded, 24, 2)};
  }
  if (encoded.size() < 54) fail_cut_off(name, "BMP", "it ends within its header");
  return {static_cast<std::int32_t>(little_endian(encoded, 22, 4)),
          static_cast<std::int32_t>(little_endian(encoded, 18, 4)),
          little_endian(encoded, 28, 2),
          little_endian(encoded, 30, 4),
          little_endian(encoded, 34, 4),
          little_endian(encoded, 46, 4)};
}

std::uint64_t bmp_pixel_bytes(const BmpHeader& header) {
  const bool run_length = header.compression == 1 || header.compression == 2;
  if (run_length) return header.stored_bytes;
  const std::uint64_t row = (static_cast<std::uint64_t>(header.width) * header.bits + 31) / 32 * 4;
  return row * static_cast<std::uint64_t>(std::llabs(header.height));
}

// Width and height of the three kinds of WebP stand in different places of the first part.
Size webp_size(Bytes encoded, std::string_view name, const DecodeLimits& limits) {
  if (encoded.size() < 30) fail_cut_off(name, "WebP", "it ends within its header");
  const std::string_view kind(reinterpret_cast<const char*>(encoded.data()) + 12, 4);
  if (kind == "VP8X") {
    return checked_size(little_endian(encoded, 27, 3) + 1LL, little_endian(encoded, 24, 3) + 1LL, name,
                        limits);
  }
  if (kind == "VP8L") {
    const std::uint32_t bits = little_endian(encoded, 21, 4);
    return checked_size((bits >> 14 & 0x3FFF) + 1LL, (bits & 0x3FFF) + 1LL, name, limits);
  }
  return checked_size(little_endian(encoded, 28, 2) & 0x3FFF, little_endian(encoded, 26, 2) & 0x3FFF, name,
                      limits);
}

}  // namespace

void check_png_header(Bytes start, std::string_view name, const DecodeLimits& limits) {
  png_header(start, name, limits);
}

void check_bmp_header(Bytes start, std::string_view name, const DecodeLimits& limits) {
  const BmpHeader header = bmp_header(start, name);
  checked_size(std::llabs(header.height), header.width, name, limits);
}

void check_webp_header(Bytes start, std::string_view name, const DecodeLimits& limits) {
  webp_size(start, name, limits);
}

void decode_png(Bytes encoded, std::string_view name, const DecodeLimits& limits, Picture& picture) {
  const Size size = png_header(encoded, name, limits).size;
  PixelBuffer<std::byte> copy;
  decode_colours(essential_png(encoded, name, copy), name, "PNG", size, picture);
}

void decode_png_mask(Bytes encoded, std::string_view name, const DecodeLimits& limits, Mask& mask) {
  const PngHeader header = png_header(encoded, name, limits);
  constexpr int kGrey = 0;
  if (header.colour_type != kGrey || header.bits < 8) {
    fail_decoding(name,
                  "is a PNG of colour type " + std::to_string(header.colour_type) + " with " +
                      std::to_string(header.bits) +
                      " bits; a class mask must be grey (type 0) with 8 or 16 bits, its numbers the classes");
  }
  PixelBuffer<std::byte> copy;
  mask.resize(header.size.height, header.size.width);
  cv::Mat codes(mask.height, mask.width, CV_16U, mask.codes.data());
  cv::Mat image = header.bits == 16 ? codes : cv::Mat();
  decode_with_opencv(essential_png(encoded, name, copy), name, "PNG", cv::IMREAD_UNCHANGED, image);
  if (image.size() != codes.size()) fail_cut_off(name, "PNG", "its header tells another size than its pixels");
  if (image.data != codes.data) image.convertTo(codes, CV_16U);
}

void decode_bmp(Bytes encoded, std::string_view name, const DecodeLimits& limits, Picture& picture) {
  const BmpHeader header = bmp_header(encoded, name);
  const Size size = checked_size(std::llabs(header.height), header.width, name, limits);
  constexpr std::uint32_t kBitFields = 3;
  if (header.compression > kBitFields || header.palette > 256) {
    fail_cut_off(name, "BMP", "its header names a compression or palette that no BMP has");
  }
  if (little_endian(encoded, 10, 4) + bmp_pixel_bytes(header) > encoded.size()) {
    fail_cut_off(name, "BMP",
                 "it has " + std::to_string(encoded.size()) + " bytes, fewer than its pixels need");
  }
  decode_colours(encoded, name, "BMP", size, picture);
}

void decode_webp(Bytes encoded, std::string_view name, const DecodeLimits& limits, Picture& picture) {
  const Size size = webp_size(encoded, name, limits);
  if (little_endian(encoded, 4, 4) > encoded.size() - 8) {
    fail_cut_off(name, "WebP", "it is shorter than its header says");
  }
  decode_colours(encoded, name, "WebP", size, picture);
}

}  // namespace histokt
