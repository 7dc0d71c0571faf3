// Gaussian blur of a patch, as torchvision's GaussianBlur: the picture is mirrored beyond its edges without
// repeating the edge pixel. Needs no libtorch; thread-safe.
#pragma once

#include <cstdint>
#include <span>

namespace histokt {

// picture: (height, width, 3) bytes; out: the same in grey levels, not rounded. `size` is odd, sigma above 0
// pixels.
void blur(std::span<const std::uint8_t> picture, int height, int width, int size, double sigma,
          std::span<float> out);

}  // namespace histokt
