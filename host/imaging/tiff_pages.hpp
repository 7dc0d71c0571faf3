// SPDX-License-Identifier: MIT
// Which pages of a TIFF are the image: the largest page, wherever it stands, or three grey pages of one size
// that are red, green and blue. Used by the TIFF decoder only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "imaging/tiff_description.hpp"
#include "imaging/tiff_reader.hpp"

namespace histokt {

struct TiffPage {
  std::uint64_t offset = 0;  // of its directory in the file
  std::uint32_t height = 0, width = 0;
  std::uint16_t bits = 8, samples = 1;
  bool is_grey = false;     // one sample, black or white at 0
  bool is_reduced = false;  // marked as an overview of another page, or as a scanner's view of the glass
};

struct TiffImage {
  std::vector<std::uint64_t> pages;  // offsets: one, or those of red, green and blue
  TiffDescription description;
  std::optional<StatedScale> scale;
};

// Leaves the reader at the first of the chosen pages. Overviews, pages of at most half the largest one's area
// or marked as reduced, are passed over. Throws BadImage naming the pages where more than one of the rest
// could be meant, or where the file's description tells of channels that it does not hold.
TiffImage choose_tiff_pages(TiffReader& reader);

}  // namespace histokt
