// SPDX-License-Identifier: MIT
// The decoders behind decode.hpp, one per library. Each reads one image, checks its size against the limits
// before it allocates memory, and throws RunError beginning with `name`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "imaging/decode.hpp"
#include "imaging/encoded_bytes.hpp"
#include "imaging/image.hpp"

namespace histokt {

[[noreturn]] void fail_decoding(std::string_view name, const std::string& what);
// "is a damaged or cut off PNG file (detail)", and what to do.
[[noreturn]] void fail_cut_off(std::string_view name, const char* format, const std::string& detail);

// Fails unless both sides are positive and the image is within the limits.
Size checked_size(std::int64_t height, std::int64_t width, std::string_view name, const DecodeLimits& limits);

// What resolution tags state, from the sides of a pixel in microns; nothing where a program that knows
// nothing writes the same (72, 96, 150 or 300 dots per inch, or a pixel an inch).
std::optional<StatedScale> resolution_scale(double across, double down, const char* where);

// A colour on a white ground, of an opacity of 0 to 255.
inline std::uint8_t on_white(int colour, int opacity) {
  return static_cast<std::uint8_t>((colour * opacity + 255 * (255 - opacity) + 127) / 255);
}

// The decoders of formats that may state a scale return it.
std::optional<StatedScale> decode_tiff(const EncodedBytes& source, std::string_view name,
                                       const DecodeLimits& limits, Image& image);
void decode_tiff_mask(const EncodedBytes& source, std::string_view name, const DecodeLimits& limits,
                      Mask& mask);

// Check the size alone, from the file's first 64 bytes, before the rest is read.
void check_png_header(std::span<const std::byte> start, std::string_view name, const DecodeLimits& limits);
void check_bmp_header(std::span<const std::byte> start, std::string_view name, const DecodeLimits& limits);
void check_webp_header(std::span<const std::byte> start, std::string_view name, const DecodeLimits& limits);

std::optional<StatedScale> decode_jpeg(std::span<const std::byte> encoded, std::string_view name,
                                       const DecodeLimits& limits, Image& image);

std::optional<StatedScale> decode_png(std::span<const std::byte> encoded, std::string_view name,
                                      const DecodeLimits& limits, Image& image);
void decode_png_mask(std::span<const std::byte> encoded, std::string_view name, const DecodeLimits& limits,
                     Mask& mask);
void decode_bmp(std::span<const std::byte> encoded, std::string_view name, const DecodeLimits& limits,
                Image& image);
void decode_webp(std::span<const std::byte> encoded, std::string_view name, const DecodeLimits& limits,
                 Image& image);

}  // namespace histokt
