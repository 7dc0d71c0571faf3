// SPDX-License-Identifier: MIT
#include "imaging/decode.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <limits>
#include <new>
#include <stdexcept>
#include <string>

#include "base/errors.hpp"
#include "base/files.hpp"
#include "imaging/decoders.hpp"
#include "imaging/encoded_bytes.hpp"

namespace histokt {
namespace {

using namespace std::string_view_literals;

constexpr std::uint64_t kMostBytes = (1ull << 31) - 1;  // what OpenCV takes in one piece

enum class Format { kTiff, kJpeg, kPng, kBmp, kWebp, kUnknown };

Format format_of(std::string_view start) {
  for (const auto magic : {"II*\0"sv, "MM\0*"sv, "II+\0"sv, "MM\0+"sv}) {
    if (start.starts_with(magic)) return Format::kTiff;
  }
  if (start.starts_with("\xFF\xD8\xFF"sv)) return Format::kJpeg;
  if (start.starts_with("\x89PNG\r\n\x1A\n"sv)) return Format::kPng;
  if (start.starts_with("BM"sv)) return Format::kBmp;
  if (start.starts_with("RIFF"sv) && start.size() >= 12 && start.substr(8, 4) == "WEBP"sv)
    return Format::kWebp;
  return Format::kUnknown;
}

std::string hex_text(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    const auto value = static_cast<unsigned char>(byte);
    text += {kDigits[value >> 4], kDigits[value & 15], ' '};
  }
  if (!text.empty()) text.pop_back();
  return text;
}

// The disk's fault, not the image's.
[[noreturn]] void fail_reading(std::string_view name) {
  throw RunError(std::string(name) + ": cannot be read: " + read_failure(errno));
}

struct Start {
  std::array<char, 64> bytes{};
  std::size_t count = 0;
  std::string_view text() const { return {bytes.data(), count}; }
  std::span<const std::byte> header() const { return std::as_bytes(std::span(bytes.data(), count)); }
};

Start start_of(const EncodedBytes& source, std::string_view name) {
  if (source.size() == 0) fail_decoding(name, "is empty (0 bytes); expected an encoded image");
  Start start;
  const auto count = source.read_at(0, std::as_writable_bytes(std::span(start.bytes)));
  if (count < 0) fail_reading(name);
  start.count = static_cast<std::size_t>(count);
  return start;
}

PixelBuffer<std::byte> all_of(const EncodedBytes& source, std::string_view name) {
  if (source.size() > kMostBytes) {
    fail_decoding(name, "has more than 2 gigabytes, which only TIFF files may have; convert it to TIFF");
  }
  PixelBuffer<std::byte> bytes(source.size());
  const auto count = source.read_at(0, bytes);
  if (count < 0) fail_reading(name);
  if (static_cast<std::size_t>(count) != bytes.size())
    fail_decoding(name,
                  "became shorter while it was read; is it still being copied? Run again when it is whole");
  return bytes;
}

[[noreturn]] void fail_unknown(const Start& start, std::string_view name, const char* expected) {
  fail_decoding(name, "is no image this program reads (it begins with the bytes " +
                          hex_text(start.text().substr(0, 12)) + "); expected " + expected +
                          ". Convert it or move it away");
}

// `all` gives every byte of the source; TIFF, whose images are large and often uncompressed, reads its
// source piece by piece straight into the image instead.
template <typename All>
std::optional<StatedScale> decode_source(const EncodedBytes& source, const All& all, std::string_view name,
                                         const DecodeLimits& limits, Image& image) {
  const Start start = start_of(source, name);
  switch (format_of(start.text())) {
    case Format::kTiff:
      return decode_tiff(source, name, limits, image);
    case Format::kJpeg:
      return decode_jpeg(all(), name, limits, image);
    case Format::kPng:
      check_png_header(start.header(), name, limits);
      return decode_png(all(), name, limits, image);
    case Format::kBmp:
      check_bmp_header(start.header(), name, limits);
      decode_bmp(all(), name, limits, image);
      return std::nullopt;
    case Format::kWebp:
      check_webp_header(start.header(), name, limits);
      decode_webp(all(), name, limits, image);
      return std::nullopt;
    case Format::kUnknown:
      break;
  }
  fail_unknown(start, name, "TIFF, JPEG, PNG, BMP or WebP");
}

template <typename All>
Mask decode_mask_source(const EncodedBytes& source, const All& all, std::string_view name,
                        const DecodeLimits& limits) {
  const Start start = start_of(source, name);
  Mask mask;
  switch (format_of(start.text())) {
    case Format::kTiff:
      decode_tiff_mask(source, name, limits, mask);
      return mask;
    case Format::kPng:
      check_png_header(start.header(), name, limits);
      decode_png_mask(all(), name, limits, mask);
      return mask;
    default:
      fail_unknown(start, name, "a class mask as grey PNG or TIFF");
  }
}

// Runs `work`; memory that there is not is told with the image that needed it.
template <typename Work>
auto with_enough_memory(std::string_view name, const Work& work) {
  constexpr const char* kAdvice =
      "there is not enough memory to decode it; use fewer threads, or lower `standardize.max_pixels`";
  try {
    return work();
  } catch (const std::bad_alloc&) {
    throw RunError(std::string(name) + ": " + kAdvice);
  } catch (const std::length_error&) {
    throw RunError(std::string(name) + ": " + kAdvice);
  }
}

}  // namespace

void fail_decoding(std::string_view name, const std::string& what) {
  throw BadImage(std::string(name) + ": " + what);
}

void fail_cut_off(std::string_view name, const char* format, const std::string& detail) {
  fail_decoding(name, std::string("is a damaged or cut off ") + format + " file (" + detail +
                          "); copy or download it again");
}

std::optional<StatedScale> resolution_scale(double across, double down, const char* where) {
  constexpr double kMicronsPerInch = 25400;
  const double dots = kMicronsPerInch / across;
  for (const double unasked : {72.0, 96.0, 150.0, 300.0}) {
    if (std::abs(dots - unasked) < 0.005 * unasked) return std::nullopt;
  }
  if (!(dots > 1)) return std::nullopt;
  return StatedScale{across, down, where, false};
}

Size checked_size(std::int64_t height, std::int64_t width, std::string_view name,
                  const DecodeLimits& limits) {
  const std::string size = std::to_string(width) + " x " + std::to_string(height) + " pixels";
  if (height <= 0 || width <= 0) fail_decoding(name, "says that it has " + size + "; the file is damaged");
  if (width > limits.max_pixels / height) {
    fail_decoding(name, "has " + size + ", more than the " + std::to_string(limits.max_pixels) +
                            " allowed; raise `standardize.max_pixels` if the file is right");
  }
  constexpr std::int64_t kMostSide =
      std::numeric_limits<int>::max() / 4;  // a row of 4 channels is counted in int
  if (std::max(height, width) > kMostSide)
    fail_decoding(name, "has " + size + ", a side too long to be read; cut it into images of fewer pixels");
  return {static_cast<int>(height), static_cast<int>(width)};
}

std::optional<StatedScale> decode_image_into(const std::filesystem::path& file, const DecodeLimits& limits,
                                             Image& image) {
  const FileBytes source(file);
  const std::string name = file.string();
  PixelBuffer<std::byte> bytes;
  const auto all = [&] { return std::span<const std::byte>(bytes = all_of(source, name)); };
  return with_enough_memory(name, [&] { return decode_source(source, all, name, limits, image); });
}

std::optional<StatedScale> decode_image_into(std::span<const std::byte> encoded, std::string_view name,
                                             const DecodeLimits& limits, Image& image) {
  const MemoryBytes source(encoded);
  return with_enough_memory(name, [&] {
    return decode_source(
        source, [&] { return encoded; }, name, limits, image);
  });
}

Image decode_image(const std::filesystem::path& file, const DecodeLimits& limits) {
  Image image;
  decode_image_into(file, limits, image);
  return image;
}

Image decode_image(std::span<const std::byte> encoded, std::string_view name, const DecodeLimits& limits) {
  Image image;
  decode_image_into(encoded, name, limits, image);
  return image;
}

Mask decode_mask(const std::filesystem::path& file, const DecodeLimits& limits) {
  const FileBytes source(file);
  const std::string name = file.string();
  PixelBuffer<std::byte> bytes;
  const auto all = [&] { return std::span<const std::byte>(bytes = all_of(source, name)); };
  return with_enough_memory(name, [&] { return decode_mask_source(source, all, name, limits); });
}

Mask decode_mask(std::span<const std::byte> encoded, std::string_view name, const DecodeLimits& limits) {
  const MemoryBytes source(encoded);
  return with_enough_memory(name, [&] {
    return decode_mask_source(
        source, [&] { return encoded; }, name, limits);
  });
}

}  // namespace histokt
