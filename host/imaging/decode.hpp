// Encoded pictures to pixels. What a file is, its first bytes say, never its name. Any thread may call.
//
// Read are TIFF, JPEG, PNG, BMP and WebP. Whatever they hold, a picture comes out as 8-bit RGB as
// Pillow's convert("RGB") gives it: grey is repeated, alpha is dropped (not blended), of 16 bits the upper 8
// are kept, palettes are looked up, and an orientation noted in the file turns nothing. Of several pages the
// first is read.
//
// A file that is cut off or damaged is an error, never a picture with a grey lower half. All failures are
// RunErrors whose sentence begins with the file's name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

#include "imaging/picture.hpp"

namespace histokt {

struct DecodeLimits {
  // Checked against the header before any memory is taken, so that a damaged or hostile header cannot ask for
  // hundreds of gigabytes. 200 million pixels are 600 MB as RGB: twice the largest region of BCSS (10,000 x
  // 10,000), and still small enough for one picture a core. The option is `standardize.max_pixels`.
  std::int64_t max_pixels = 200'000'000;
};

Picture decode_picture(const std::filesystem::path& file, const DecodeLimits& limits = {});
Picture decode_picture(std::span<const std::byte> encoded, std::string_view name,
                       const DecodeLimits& limits = {});

// As above, into a picture whose memory is reused where it is large enough; after a failure it holds
// anything.
void decode_picture_into(const std::filesystem::path& file, const DecodeLimits& limits, Picture& picture);
void decode_picture_into(std::span<const std::byte> encoded, std::string_view name,
                         const DecodeLimits& limits, Picture& picture);

// A class mask: grey PNG or TIFF of 8 or 16 bits, whose numbers come out as they are stored.
Mask decode_mask(const std::filesystem::path& file, const DecodeLimits& limits = {});
Mask decode_mask(std::span<const std::byte> encoded, std::string_view name, const DecodeLimits& limits = {});

}  // namespace histokt
