// SPDX-License-Identifier: MIT
// Standardising one image into patches as the paper does (section 3): rescale to a common number of microns
// per pixel, reflection-wrap small images, crop with overlap, drop background.
//
//   StandardizeOptions options{.microns_per_pixel = 0.42};
//   WorkBuffers buffers;  // one a thread, reused from image to image
//   StandardizedImage made = standardize_image(decode_image(file), options, file.string(), buffers);
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "imaging/crop.hpp"
#include "imaging/decode.hpp"
#include "imaging/image.hpp"
#include "imaging/rescale.hpp"

namespace histokt {

struct StandardizeOptions {
  double microns_per_pixel = 1.0;         // of the images
  double target_microns_per_pixel = 1.0;  // of the patches
  int patch_side = 272;                   // pixels
  double overlap = 0.25;                  // share of a patch's side shared with the next one, in [0, 1)
  double min_contrast = 0.05;             // see BackgroundFilter; 0 keeps every patch
  Rounding rounding = Rounding::kNearest;
  bool as_is = false;  // no rescaling, wrap, crop or filter: each image is one patch and must have its size
  int bits = 0;        // of a 16-bit sample that count; see DecodeLimits
  bool require_scale = true;  // an image that surely states another scale is an error, not a warning
  std::int64_t max_pixels = DecodeLimits{}.max_pixels;  // of the rescaled image
};

// Throws RequestError naming the option (`standardize.overlap`, ...) whose value is invalid.
void check_options(const StandardizeOptions& options);

// Patches in the order of their corners, row by row, without gaps for dropped ones.
struct StandardizedImage {
  Size rescaled;                      // after rescaling
  Size size;                          // after the wrap: what the corners refer to
  std::vector<Corner> corners;        // n
  PixelBuffer<std::uint8_t> patches;  // (n, P, P, 3)
  PixelBuffer<std::uint16_t> masks;   // (n, P, P), or empty if no mask was given
  int dropped = 0;                    // by the background filter

  std::size_t count() const { return corners.size(); }
};

// Scratch memory, kept from image to image; belongs to one thread at a time.
struct WorkBuffers {
  Image rescaled;
  Image wrapped;
  Mask rescaled_mask;
  Mask wrapped_mask;
};

// Throws RunError, beginning with `name`, if the image cannot be standardised: as_is with another size, or a
// rescaled size beyond max_pixels. `options` must have passed check_options.
StandardizedImage standardize_image(const Image& image, const StandardizeOptions& options,
                                    std::string_view name, WorkBuffers& buffers);

// The same, with the class mask of the image, which must have its size: masks are rescaled to the nearest
// pixel. The mask is read once the image has been rescaled; a large image is freed before that, so that both
// are never in memory together.
StandardizedImage standardize_image(Image& image, const std::function<Mask()>& read_mask,
                                    const StandardizeOptions& options, std::string_view name,
                                    WorkBuffers& buffers);

}  // namespace histokt
