// SPDX-License-Identifier: MIT
// Patch positions in a standardised image, and the reflection wrap that enlarges small images.
#pragma once

#include <vector>

#include "imaging/image.hpp"

namespace histokt {

// Left top corner of a patch, in pixels of the standardised image.
struct Corner {
  int left = 0;
  int top = 0;
  friend bool operator==(const Corner&, const Corner&) = default;
};

// int(patch_side x (1 - overlap)), as the published code computes it in double precision: 272 at 0.25 gives
// 204.
int crop_stride(int patch_side, double overlap);

// Corners of all whole patches, row by row from the top left. A remainder at the right or bottom edge is
// ignored.
std::vector<Corner> patch_corners(Size size, int patch_side, int stride);

// The top left part of `size` that whole patches cover.
Size covered_part(Size size, int patch_side, int stride);

// Each side that is shorter than `side` is mirrored about its edge pixels, which are not repeated, again and
// again up to `side`; the original stays at the top left (numpy.pad's "reflect" below and on the right).
// `out` must not be the input.
void reflection_wrap(const Image& image, int side, Image& out);
void reflection_wrap(const Mask& mask, int side, Mask& out);

}  // namespace histokt
