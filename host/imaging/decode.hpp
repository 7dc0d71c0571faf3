// SPDX-License-Identifier: MIT
// Decoding of image files. A file's first bytes decide its format, never its name. Thread-safe.
//
// Reads TIFF, JPEG, PNG, BMP and WebP. Every image becomes 8-bit RGB: grey is
// repeated, transparent pixels are laid on white, of 16 bits the upper 8 are kept, palettes are looked up,
// and an orientation tag is ignored. Of a TIFF's pages the largest is read; three grey ones
// of one size are red, green and blue. What could be meant in more than one way is refused: several pages of
// one size, channels that are neither colours nor marked as alpha, 16-bit samples that use few of their bits.
//
// A file that is cut off or damaged is an error, never an image with a grey lower half. All failures are
// RunErrors whose sentence begins with the file's name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "imaging/image.hpp"

namespace histokt {

struct DecodeLimits {
  // Checked against the header before any memory is allocated, so that a damaged or hostile header cannot ask
  // for hundreds of gigabytes. 200 million pixels are 600 MB as RGB: twice the largest region of BCSS (10,000
  // x 10,000), and still small enough for one image per core. The option is `standardize.max_pixels`.
  std::int64_t max_pixels = 200'000'000;

  // How many bits of a sample of 16 count, 1 to 16: 12 where a camera wrote 0 to 4095. 0: as the file says
  // (MaxSampleValue, OME's SignificantBits), else 16; an image that uses none of the upper two bits is then
  // refused, and so is one of signed samples. 8-bit files and masks don't change. `standardize.bits`.
  int bits = 0;
};

// The scale that an image file states itself.
struct StatedScale {
  double across = 0, down = 0;  // microns per pixel, along rows and columns
  std::string where;            // as "OME metadata (PhysicalSizeX)"
  bool is_certain = true;       // false for resolution tags, which programs also write unasked
};

Image decode_image(const std::filesystem::path& file, const DecodeLimits& limits = {});
Image decode_image(std::span<const std::byte> encoded, std::string_view name,
                   const DecodeLimits& limits = {});

// As above, into an image whose memory is reused if it is large enough; after a failure its content is
// unspecified. Returns the file's own scale, where it states one. Resolutions of 72, 96, 150 and 300 dots per
// inch state none: that is what programs write that know nothing.
std::optional<StatedScale> decode_image_into(const std::filesystem::path& file, const DecodeLimits& limits,
                                             Image& image);
std::optional<StatedScale> decode_image_into(std::span<const std::byte> encoded, std::string_view name,
                                             const DecodeLimits& limits, Image& image);

// A class mask: grey PNG or TIFF of 8 or 16 bits, whose numbers come out as they are stored. Of a TIFF's
// pages the largest is read.
Mask decode_mask(const std::filesystem::path& file, const DecodeLimits& limits = {});
Mask decode_mask(std::span<const std::byte> encoded, std::string_view name, const DecodeLimits& limits = {});

}  // namespace histokt
