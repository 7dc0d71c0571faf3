// SPDX-License-Identifier: MIT
// Rescaling as scikit-image's `rescale(clip=True, preserve_range=True)` does it, in one pass over the input.
// Pure functions; thread-safe with separate buffers.
//
//   Image out;
//   rescale(image, rescaled_size({image.height, image.width}, 0.42), Rounding::kNearest, out);
#pragma once

#include <vector>

#include "imaging/image.hpp"

namespace histokt {

// How a fractional grey level becomes an integer. The published code truncates, which darkens by half a
// level.
enum class Rounding { kNearest, kTruncate };

// Both sides x scale, each rounded half to even and at least 1. `scale` must be positive, and both results
// below 2^31.
Size rescaled_size(Size size, double scale);

// The top left `wanted` part of `image` rescaled to `full`; nothing outside it is computed. `out` gets size
// `wanted`, and must not be `image`. If `full` is the image's own size, pixels are copied.
void rescale_part(const Image& image, Size full, Size wanted, Rounding rounding, Image& out);

// The whole image rescaled to `full`.
void rescale(const Image& image, Size full, Rounding rounding, Image& out);

// The same geometry for class codes, which cannot be interpolated: each output takes the code of the input
// pixel its centre lies in.
void rescale_nearest_part(const Mask& mask, Size full, Size wanted, Mask& out);

}  // namespace histokt
