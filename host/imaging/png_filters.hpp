// The filters of PNG rows, undone (PNG specification, third edition, section 9).
#pragma once

#include <cstddef>
#include <cstdint>

namespace histokt {

// Undoes one row. filter: the byte that stands before it, 0 to 4; false for any other. row: `bytes` of them
// as stored, after which four more may be read. above: the row above as it came out, or zeros. out: where it
// goes, at most at `row`. bytes_per_pixel: 1, 2 or 3.
bool undo_png_filter(int filter, const std::uint8_t* row, const std::uint8_t* above, std::size_t bytes,
                     int bytes_per_pixel, std::uint8_t* out);

}  // namespace histokt
