// Random flips, rotation and shift of training patches, as the paper's: what torchvision's
// RandomHorizontalFlip, RandomVerticalFlip and RandomAffine do to a PIL picture, with nearest neighbours and
// black fill. The result is normalised and written as floats in the same pass. Needs no libtorch; everything
// here is thread-safe.
#pragma once

#include <cstdint>
#include <span>

#include "training/normalization.hpp"

namespace histokt {

struct AugmentationOptions {
  double horizontal_flip = 0.5;  // probability
  double vertical_flip = 0.5;    // probability
  double rotation_degrees = 45;  // uniform in -45 .. 45; 0 for none
  double shift = 0.1;            // share of the side each way, in whole pixels; 0 for none

  bool operator==(const AugmentationOptions&) const = default;
};

// One draw, flips applied first.
struct AugmentationDraw {
  bool horizontal_flip = false;
  bool vertical_flip = false;
  double rotation_degrees = 0;  // clockwise on the screen
  int shift_right = 0;          // pixels
  int shift_down = 0;

  bool operator==(const AugmentationDraw&) const = default;
};

// What happens to one patch in one epoch: a pure function of its arguments. `stream` keeps apart what must
// not share numbers, for instance training and validation. One option switched off changes no other draw.
AugmentationDraw draw_augmentation(const AugmentationOptions& options, std::uint64_t seed,
                                   std::uint64_t stream, std::uint64_t epoch, std::uint64_t patch,
                                   int patch_side);

// picture: (height, width, 3) bytes; out: (height, width, 3) floats, normalised; black fill is normalised
// too.
void augment(const AugmentationDraw& draw, std::span<const std::uint8_t> picture, int height, int width,
             const NormalizationTable& table, std::span<float> out);

// The same without augmentation.
void normalize(std::span<const std::uint8_t> picture, const NormalizationTable& table, std::span<float> out);

}  // namespace histokt
