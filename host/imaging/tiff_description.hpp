// SPDX-License-Identifier: MIT
// What stands in the text tag ImageDescription of a TIFF: the metadata of OME (XML), ImageJ (lines),
// tifffile (JSON) and Aperio. Pure functions of the text, which may be hostile; linear in its length.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "imaging/decode.hpp"
#include "imaging/image.hpp"

namespace histokt {

struct TiffDescription {
  int channels = 0;          // 0: not told
  int other_planes = 0;      // depths x times; 0: not told
  int images = 0;            // ImageJ's number of images, 0: not told
  int significant_bits = 0;  // 0: not told
  // Which plane, counted from 0 in the order of the pages, is red, green and blue.
  std::array<int, 3> plane_of = {0, 1, 2};
  std::optional<StatedScale> scale;
  // ImageJ: what a pixel's side is measured in, in microns; the resolution tags then count pixels a unit. 0:
  // not told.
  double unit_in_microns = 0;
};

// `size` is that of the page that is read: OME may tell of several images, of which those of another size do
// not matter.
TiffDescription read_tiff_description(std::string_view text, Size size);

}  // namespace histokt
