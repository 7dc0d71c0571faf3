// SPDX-License-Identifier: MIT
// Decoding of PNG row filters (PNG specification, third edition, section 9).
#pragma once

#include <cstddef>
#include <cstdint>

namespace histokt {

// Undoes one row. filter: the byte before it, 0 to 4; returns false for any other. row: `bytes` bytes as
// stored, after which four more must be readable. above: the decoded row above, or zeros. out: the
// destination, at most at `row`. bytes_per_pixel: 1, 2 or 3.
bool undo_png_filter(int filter, const std::uint8_t* row, const std::uint8_t* above, std::size_t bytes,
                     int bytes_per_pixel, std::uint8_t* out);

}  // namespace histokt
