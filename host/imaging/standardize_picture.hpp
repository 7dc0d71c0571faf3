// One picture to patches, as the paper standardises every dataset (section 3): rescale to a common number of
// microns per pixel, reflection-wrap what is too small, crop with overlap, drop background.
//
//   StandardizeOptions options{.microns_per_pixel = 0.42};
//   WorkBuffers buffers;  // one a thread, reused from picture to picture
//   StandardizedPicture made = standardize_picture(decode_picture(file), options, file.string(), buffers);
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "imaging/crop.hpp"
#include "imaging/decode.hpp"
#include "imaging/picture.hpp"
#include "imaging/rescale.hpp"

namespace histokt {

struct StandardizeOptions {
  double microns_per_pixel = 1.0;         // of the pictures
  double target_microns_per_pixel = 1.0;  // of the patches
  int patch_side = 272;                   // pixels
  double overlap = 0.25;                  // share of a patch's side that the next one shows again, in [0, 1)
  double min_contrast = 0.05;             // see BackgroundFilter; 0 keeps every patch
  Rounding rounding = Rounding::kNearest;
  bool as_is = false;  // no rescaling, wrap, crop or filter: each picture is one patch and must have its size
  std::int64_t max_pixels = DecodeLimits{}.max_pixels;  // of the rescaled picture
};

// Throws RequestError naming the option (`standardize.overlap`, ...) whose value makes no sense.
void check_options(const StandardizeOptions& options);

// Patches in the order of their corners, row by row; those dropped leave no gap.
struct StandardizedPicture {
  Size rescaled;                      // after rescaling
  Size size;                          // after the wrap: what the corners refer to
  std::vector<Corner> corners;        // n
  PixelBuffer<std::uint8_t> patches;  // (n, P, P, 3)
  PixelBuffer<std::uint16_t> masks;   // (n, P, P), or empty where no mask was given
  int dropped = 0;                    // by the background filter

  std::size_t count() const { return corners.size(); }
};

// Scratch memory that is worth keeping from picture to picture; belongs to one thread at a time.
struct WorkBuffers {
  Picture rescaled;
  Picture wrapped;
  Mask rescaled_mask;
  Mask wrapped_mask;
};

// Throws RunError, beginning with `name`, where the picture cannot be standardised: as_is and another size,
// or a rescaled size beyond max_pixels. `options` must have passed check_options.
StandardizedPicture standardize_picture(const Picture& picture, const StandardizeOptions& options,
                                        std::string_view name, WorkBuffers& buffers);

// The same, with the class mask of the picture, which must have its size: masks are rescaled to the nearest
// pixel. The mask is asked for once the picture has been rescaled; a large picture is given up by then, so
// that never both stand in memory.
StandardizedPicture standardize_picture(Picture& picture, const std::function<Mask()>& read_mask,
                                        const StandardizeOptions& options, std::string_view name,
                                        WorkBuffers& buffers);

}  // namespace histokt
