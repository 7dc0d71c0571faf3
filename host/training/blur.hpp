// SPDX-License-Identifier: MIT
// Gaussian blur of a patch, as torchvision's GaussianBlur: the image is mirrored beyond its edges without
// repeating the edge pixel. Needs no libtorch; thread-safe.
#pragma once

#include <cstdint>
#include <span>

namespace histokt {

// image: (height, width, 3) bytes; out: the result in grey levels, not rounded. `size` is odd, sigma above 0
// pixels.
void blur(std::span<const std::uint8_t> image, int height, int width, int size, double sigma,
          std::span<float> out);

}  // namespace histokt
