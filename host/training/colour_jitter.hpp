// SPDX-License-Identifier: MIT
// Colour augmentation of a patch: the published code's choices, computed as scikit-image, PIL and torchvision
// do. All but kDistortion shift colours in proportion to the variation within the patch. Needs no libtorch;
// everything here is thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "training/normalization.hpp"

namespace histokt {

enum class ColourJitter {
  kNone,
  kYcbcr,       // Cb and Cr are shifted by amount x their standard deviation over the patch
  kHsv,         // hue and saturation likewise, hue with its circular deviation
  kRgb,         // along each principal component of the colours by amount x its variance (of values in 0..1)
  kDistortion,  // brightness, contrast, saturation and hue, in random order, as torchvision's ColorJitter
};

// The colour changes of one patch.
struct ColourDraw {
  ColourJitter kind = ColourJitter::kNone;
  std::array<double, 3> amount = {};                    // of each shifted thing, in the order above
  double brightness = 1, contrast = 1, saturation = 1;  // factors
  double hue = 0;                                       // share of a turn, from -0.5 to 0.5
  std::array<int, 4> order = {0, 1, 2, 3};              // of brightness, contrast, saturation, hue

  bool operator==(const ColourDraw&) const = default;
};

// pixels: (n, 3) bytes, RGB. They are overwritten; the result goes to `out`, (n, 3) floats, normalised.
void jitter(const ColourDraw& draw, std::span<std::uint8_t> pixels, const NormalizationTable& table,
            float* out);

// kDistortion alone, in place, which gives bytes.
void distort(const ColourDraw& draw, std::span<std::uint8_t> pixels);

}  // namespace histokt
