// SPDX-License-Identifier: MIT
// Augmentation of training patches as in the paper: torchvision's RandomHorizontalFlip, RandomVerticalFlip
// and RandomAffine of a PIL image, with nearest neighbours and black fill; optionally also the published
// code's colour changes, blur and holes (cutout). The result is normalised and written as floats. Needs no
// libtorch; everything here is thread-safe.
//
// The order is the published one: flips, rotation and shift, blur, colour, normalisation, holes. Two of its
// quirks are kept: without colour changes the blur comes between flips and rotation, and colour distortion
// comes before the blur.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "training/colour_jitter.hpp"
#include "training/normalization.hpp"

namespace histokt {

struct AugmentationOptions {
  double horizontal_flip = 0.5;  // probability
  double vertical_flip = 0.5;    // probability
  double rotation_degrees = 45;  // uniform in -45 .. 45; 0 for none
  double shift = 0.1;            // share of the side each way, in whole pixels; 0 for none

  ColourJitter colour = ColourJitter::kNone;
  double colour_strength = 0;  // deviations of the normal amounts; of kDistortion see draw_augmentation()
  double blur_sigma = 0;       // pixels; 0 for none
  int blur_size = 9;           // side of the blur's kernel, odd
  int cutout_holes = 0;        // squares that become 0 after normalisation; they may overlap the edge
  int cutout_side = 16;        // pixels, even

  bool operator==(const AugmentationOptions&) const = default;
};

struct Hole {
  int x, y;  // of its centre

  bool operator==(const Hole&) const = default;
};

// The augmentation drawn for one patch.
struct AugmentationDraw {
  bool horizontal_flip = false;
  bool vertical_flip = false;
  double rotation_degrees = 0;  // clockwise on the screen
  int shift_right = 0;          // pixels
  int shift_down = 0;
  ColourDraw colour = {};
  double blur_sigma = 0;
  int blur_size = 9;
  std::vector<Hole> holes = {};
  int hole_side = 16;

  bool operator==(const AugmentationDraw&) const = default;
};

// The augmentation of one patch in one epoch: a pure function of its arguments. `stream` separates uses that
// must not share random numbers, such as training and validation. Switching one option off changes no other
// draw. Amounts of colour are normal with the deviation colour_strength. For kDistortion, brightness,
// contrast and saturation are uniform in 1 +- 0.8 strength, but not below 0, and hue in +- 0.2 strength.
AugmentationDraw draw_augmentation(const AugmentationOptions& options, std::uint64_t seed,
                                   std::uint64_t stream, std::uint64_t epoch, std::uint64_t patch,
                                   int patch_side);

// Source coordinates are fixed-point numbers with 16 fractional bits, as PIL's are: steps are exact, and the
// same pixels are sampled.
inline constexpr int kFractionBits = 16;
inline constexpr std::int64_t kFixedOne = std::int64_t{1} << kFractionBits;

// The source of output pixel (x, y): the inverse of "rotate about the centre, then shift", taken at pixel
// centres. The source's column is (x_start + x x_per_x + y x_per_y) / kFixedOne, rounded down, and black if
// that lies outside; the row likewise. Columns and rows are those of the flipped image.
struct InverseMap {
  std::int64_t x_per_x, x_per_y, x_start;
  std::int64_t y_per_x, y_per_y, y_start;

  InverseMap(const AugmentationDraw& draw, int height, int width);
};

// image: (height, width, 3) bytes; out: (height, width, 3) floats, normalised; black fill is normalised
// too.
void augment(const AugmentationDraw& draw, std::span<const std::uint8_t> image, int height, int width,
             const NormalizationTable& table, std::span<float> out);

// The same without augmentation.
void normalize(std::span<const std::uint8_t> image, const NormalizationTable& table, std::span<float> out);

}  // namespace histokt
