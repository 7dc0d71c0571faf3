// Random changes of a patch's colours, as the published code has them to choose from, and as scikit-image,
// PIL and torchvision compute them. All but kDistortion measure how much the patch itself varies and shift it
// by so much. Needs no libtorch; everything here is thread-safe.
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

// What happens to the colours of one patch.
struct ColourDraw {
  ColourJitter kind = ColourJitter::kNone;
  std::array<double, 3> amount = {};                    // of each shifted thing, in the order above
  double brightness = 1, contrast = 1, saturation = 1;  // factors
  double hue = 0;                                       // share of a turn, from -0.5 to 0.5
  std::array<int, 4> order = {0, 1, 2, 3};              // of brightness, contrast, saturation, hue

  bool operator==(const ColourDraw&) const = default;
};

// pixels: (n, 3) bytes, RGB. They end as scratch; the result goes to `out`, (n, 3) floats, normalised.
void jitter(const ColourDraw& draw, std::span<std::uint8_t> pixels, const NormalizationTable& table,
            float* out);

// kDistortion alone, which leaves bytes.
void distort(const ColourDraw& draw, std::span<std::uint8_t> pixels);

}  // namespace histokt
