// SPDX-License-Identifier: MIT
// Colour normalisation: a patch's channels are shifted and scaled to mean 0 and standard deviation 1 over the
// training patches. Needs no libtorch.
#pragma once

#include <array>

namespace histokt {

// Per channel (R, G, B), of values in 0..1.
struct Normalization {
  std::array<double, 3> mean = {0, 0, 0};
  std::array<double, 3> deviation = {1, 1, 1};

  bool operator==(const Normalization&) const = default;
};

// The normalisation that the published ImageNet weights were trained with.
inline constexpr Normalization kImageNetNormalization{{0.485, 0.456, 0.406}, {0.229, 0.224, 0.225}};

// The normalised value of each byte of each channel: (byte / 255 - mean) / deviation.
class NormalizationTable {
 public:
  // Throws RunError if a deviation is not above 0.
  explicit NormalizationTable(const Normalization& normalization);

  // 256 values.
  const float* channel(int index) const { return values_[index].data(); }

 private:
  std::array<std::array<float, 256>, 3> values_;
};

}  // namespace histokt
