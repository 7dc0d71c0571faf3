// Where the patches of a standardised picture lie, and the reflection wrap that makes a small picture large
// enough.
#pragma once

#include <vector>

#include "imaging/picture.hpp"

namespace histokt {

// Left top corner of a patch, in pixels of the standardised picture.
struct Corner {
  int left = 0;
  int top = 0;
  friend bool operator==(const Corner&, const Corner&) = default;
};

// int(patch_side x (1 - overlap)), as the published code computes it in double precision: 272 at 0.25 gives
// 204.
int crop_stride(int patch_side, double overlap);

// Corners of all whole patches, row by row from the top left. A remainder at the right or bottom edge gets
// none.
std::vector<Corner> patch_corners(Size size, int patch_side, int stride);

// The top left part of `size` that whole patches cover.
Size covered_part(Size size, int patch_side, int stride);

// Each side that is shorter than `side` is mirrored about its edge pixels, which are not repeated, again and
// again up to `side`; the original stays at the top left (numpy.pad's "reflect" below and on the right).
// `out` must not be the input.
void reflection_wrap(const Picture& picture, int side, Picture& out);
void reflection_wrap(const Mask& mask, int side, Mask& out);

}  // namespace histokt
