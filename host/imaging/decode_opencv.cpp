// SPDX-License-Identifier: MIT
// BMP and WebP. Uncompressed 24-bit BMP, the usual kind, is read here, the others through OpenCV, which may
// return the readable part of a broken file, so that each is checked for completeness first.
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

std::uint32_t little_endian(Bytes bytes, std::size_t at, std::size_t count) {
  std::uint32_t value = 0;
  for (std::size_t i = count; i-- > 0;) value = value << 8 | std::to_integer<std::uint32_t>(bytes[at + i]);
  return value;
}

// Into the memory of `decoded` where that has the right size.
void decode_with_opencv(Bytes encoded, std::string_view name, const char* format, int flags,
                        cv::Mat& decoded) {
  // OpenCV asks for a mutable pointer but only reads.
  const cv::Mat bytes(1, static_cast<int>(encoded.size()), CV_8U, const_cast<std::byte*>(encoded.data()));
  try {
    if (cv::imdecode(bytes, flags | cv::IMREAD_IGNORE_ORIENTATION, &decoded).empty()) {
      fail_cut_off(name, format, "its pixels cannot be decoded");
    }
  } catch (const cv::Exception& error) {
    fail_cut_off(name, format, error.err);
  }
}

// An image may take hundreds of megabytes, so there is only one of it: in place, a few rows at a time.
void reverse_channels(cv::Mat& decoded) {
  constexpr int kRows = 64;
  for (int y = 0; y < decoded.rows; y += kRows) {
    cv::Mat rows = decoded.rowRange(y, std::min(y + kRows, decoded.rows));
    cv::cvtColor(rows, rows, cv::COLOR_BGR2RGB);
  }
}

// Blue, green, red and opacity to red, green and blue.
void lay_on_white(const std::uint8_t* bgra, int columns, std::uint8_t* rgb) {
  for (int x = 0; x < columns; ++x, bgra += 4, rgb += 3) {
    for (int c = 0; c < 3; ++c) rgb[c] = on_white(bgra[2 - c], bgra[3]);
  }
}

void decode_colours(Bytes encoded, std::string_view name, const char* format, Size size, Image& image) {
  image.resize(size.height, size.width);
  cv::Mat pixels(size.height, size.width, CV_8UC3, image.pixels.data());
  decode_with_opencv(encoded, name, format, cv::IMREAD_COLOR, pixels);
  if (pixels.data != image.pixels.data())
    fail_cut_off(name, format, "its header tells another size than its pixels");
  reverse_channels(pixels);
}

// As decode_colours, for four channels, the last of them opacity; laid on white.
void decode_transparent(Bytes encoded, std::string_view name, const char* format, Size size, Image& image) {
  cv::Mat pixels;
  decode_with_opencv(encoded, name, format, cv::IMREAD_UNCHANGED, pixels);
  if (pixels.rows != size.height || pixels.cols != size.width || pixels.type() != CV_8UC4)
    fail_cut_off(name, format, "its header tells another size than its pixels");
  image.resize(size.height, size.width);
  for (int y = 0; y < size.height; ++y) lay_on_white(pixels.ptr(y), size.width, image.row(y).data());
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

// Rows of blue, green and red, each filled up to a multiple of four bytes.
void read_bmp_rows(Bytes pixels, bool from_below, Size size, Image& image) {
  image.resize(size.height, size.width);
  const std::size_t stride = (static_cast<std::size_t>(size.width) * 3 + 3) / 4 * 4;
  for (int y = 0; y < size.height; ++y) {
    const auto stored = static_cast<std::size_t>(from_below ? size.height - 1 - y : y);
    const cv::Mat row(1, size.width, CV_8UC3, const_cast<std::byte*>(pixels.data() + stored * stride));
    cv::Mat out(1, size.width, CV_8UC3, image.pixels.data() + static_cast<std::size_t>(y) * size.width * 3);
    cv::cvtColor(row, out, cv::COLOR_BGR2RGB);
  }
}

// Whether the fourth byte of each pixel is its opacity: a header may say so; where it says nothing, a byte
// that is not 0 everywhere counts.
bool has_bmp_alpha(Bytes encoded, const BmpHeader& header, Bytes pixels, Size size) {
  constexpr std::uint32_t kPlain = 0, kBitFields = 3, kOpacity = 0xFF000000;
  if (header.bits != 32) return false;
  const std::uint32_t header_bytes = little_endian(encoded, 14, 4);
  if (header.compression == kBitFields) {
    // Red, green, blue and opacity, which only the longer headers have.
    return header_bytes >= 56 && encoded.size() >= 70 && little_endian(encoded, 54, 4) == 0xFF0000 &&
           little_endian(encoded, 58, 4) == 0xFF00 && little_endian(encoded, 62, 4) == 0xFF &&
           little_endian(encoded, 66, 4) == kOpacity;
  }
  if (header.compression != kPlain) return false;
  const std::size_t count = static_cast<std::size_t>(size.height) * static_cast<std::size_t>(size.width);
  for (std::size_t i = 0; i < count; ++i) {
    if (pixels[4 * i + 3] != std::byte{0}) return true;
  }
  return false;
}

void read_transparent_bmp_rows(Bytes pixels, bool from_below, Size size, Image& image) {
  image.resize(size.height, size.width);
  for (int y = 0; y < size.height; ++y) {
    const auto stored = static_cast<std::size_t>(from_below ? size.height - 1 - y : y);
    const Bytes row = pixels.subspan(stored * 4 * static_cast<std::size_t>(size.width));
    lay_on_white(reinterpret_cast<const std::uint8_t*>(row.data()), size.width, image.row(y).data());
  }
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

struct WebpKind {
  bool has_alpha = false;
  bool is_animated = false;
};

// Of a header that webp_size() has read.
WebpKind webp_kind(Bytes encoded) {
  const std::string_view kind(reinterpret_cast<const char*>(encoded.data()) + 12, 4);
  if (kind == "VP8X") {
    const std::uint32_t flags = little_endian(encoded, 20, 1);
    return {(flags & 0x10) != 0, (flags & 0x02) != 0};
  }
  return {kind == "VP8L" && (little_endian(encoded, 21, 4) >> 28 & 1) != 0, false};
}

}  // namespace

void check_bmp_header(Bytes start, std::string_view name, const DecodeLimits& limits) {
  const BmpHeader header = bmp_header(start, name);
  checked_size(std::llabs(header.height), header.width, name, limits);
}

void check_webp_header(Bytes start, std::string_view name, const DecodeLimits& limits) {
  webp_size(start, name, limits);
}

void decode_bmp(Bytes encoded, std::string_view name, const DecodeLimits& limits, Image& image) {
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
  constexpr std::uint32_t kPlain = 0;
  const Bytes pixels = encoded.subspan(little_endian(encoded, 10, 4));
  if (header.bits == 24 && header.compression == kPlain) {
    read_bmp_rows(pixels, header.height > 0, size, image);
  } else if (has_bmp_alpha(encoded, header, pixels, size)) {
    read_transparent_bmp_rows(pixels, header.height > 0, size, image);
  } else {
    decode_colours(encoded, name, "BMP", size, image);
  }
}

void decode_webp(Bytes encoded, std::string_view name, const DecodeLimits& limits, Image& image) {
  const Size size = webp_size(encoded, name, limits);
  if (little_endian(encoded, 4, 4) > encoded.size() - 8) {
    fail_cut_off(name, "WebP", "it is shorter than its header says");
  }
  const WebpKind kind = webp_kind(encoded);
  if (kind.is_animated)
    fail_decoding(name, "is an animated WebP, several images in one file; save each as a file of its own");
  kind.has_alpha ? decode_transparent(encoded, name, "WebP", size, image)
                 : decode_colours(encoded, name, "WebP", size, image);
}

}  // namespace histokt
