// Rescaling as scikit-image's `rescale(clip=True, preserve_range=True)` does it, in one pass over the input.
// Pure functions: any thread may call them, each with buffers of its own.
//
//   Picture out;
//   rescale(picture, rescaled_size({picture.height, picture.width}, 0.42), Rounding::kNearest, out);
#pragma once

#include <vector>

#include "imaging/picture.hpp"

namespace histokt {

// How a grey level between two integers becomes one. The published code truncates, which darkens by half a
// level.
enum class Rounding { kNearest, kTruncate };

// Both sides x scale, each rounded half to even and at least 1. `scale` must be positive, and both results
// below 2^31.
Size rescaled_size(Size size, double scale);

// The top left `wanted` part of `picture` rescaled to `full`; what lies outside it is never computed.
// `out` gets size `wanted`, and must not be `picture`. Where full is the picture's own size, pixels are
// copied.
void rescale_part(const Picture& picture, Size full, Size wanted, Rounding rounding, Picture& out);

// The whole of it.
void rescale(const Picture& picture, Size full, Rounding rounding, Picture& out);

// The same geometry for class codes, which have no values in between: each output takes the code of the input
// pixel its centre lies in.
void rescale_nearest_part(const Mask& mask, Size full, Size wanted, Mask& out);

}  // namespace histokt
