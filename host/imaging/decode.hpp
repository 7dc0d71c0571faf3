// SPDX-License-Identifier: MIT
// Decoding of image files. A file's first bytes decide its format, never its name. Thread-safe.
//
// Reads TIFF, JPEG, PNG, BMP and WebP. Every image becomes 8-bit RGB as Pillow's convert("RGB") gives it:
// grey is repeated, alpha is dropped (not blended), the upper 8 of 16 bits are kept, palettes are looked up,
// and an orientation tag is ignored. Of several pages the first is read.
//
// A file that is cut off or damaged is an error, never an image with a grey lower half. All failures are
// RunErrors whose sentence begins with the file's name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

#include "imaging/image.hpp"

namespace histokt {

struct DecodeLimits {
  // Checked against the header before any memory is allocated, so that a damaged or hostile header cannot ask
  // for hundreds of gigabytes. 200 million pixels are 600 MB as RGB: twice the largest region of BCSS (10,000
  // x 10,000), and still small enough for one image per core. The option is `standardize.max_pixels`.
  std::int64_t max_pixels = 200'000'000;
};

Image decode_image(const std::filesystem::path& file, const DecodeLimits& limits = {});
Image decode_image(std::span<const std::byte> encoded, std::string_view name,
                   const DecodeLimits& limits = {});

// As above, into an image whose memory is reused if it is large enough; after a failure its content is
// unspecified.
void decode_image_into(const std::filesystem::path& file, const DecodeLimits& limits, Image& image);
void decode_image_into(std::span<const std::byte> encoded, std::string_view name, const DecodeLimits& limits,
                       Image& image);

// A class mask: grey PNG or TIFF of 8 or 16 bits, whose codes are returned as stored.
Mask decode_mask(const std::filesystem::path& file, const DecodeLimits& limits = {});
Mask decode_mask(std::span<const std::byte> encoded, std::string_view name, const DecodeLimits& limits = {});

}  // namespace histokt
