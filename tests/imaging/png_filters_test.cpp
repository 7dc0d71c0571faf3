// SPDX-License-Identifier: MIT
// Rows of PNG unfiltered, against the specification's definition written plainly.
#include "imaging/png_filters.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <vector>

namespace histokt {
namespace {

int predicted(int filter, int left, int above, int corner) {
  const int estimate = left + above - corner;
  const int to_left = std::abs(estimate - left), to_above = std::abs(estimate - above);
  const int to_corner = std::abs(estimate - corner);
  switch (filter) {
    case 1:
      return left;
    case 2:
      return above;
    case 3:
      return (left + above) / 2;
    case 4:
      if (to_left <= to_above && to_left <= to_corner) return left;
      return to_above <= to_corner ? above : corner;
    default:
      return 0;
  }
}

TEST(PngFilters, AreUndoneAsTheSpecificationDefinesThem) {
  constexpr std::size_t kPixels = 1001;
  std::mt19937 random(1);
  for (int bytes_per_pixel : {1, 2, 3}) {
    for (int filter = 0; filter <= 4; ++filter) {
      const std::size_t bytes = kPixels * static_cast<std::size_t>(bytes_per_pixel);
      std::vector<std::uint8_t> row(bytes + 4), above(bytes + 4), expected(bytes);
      for (auto& byte : row) byte = static_cast<std::uint8_t>(random());
      for (auto& byte : above) byte = static_cast<std::uint8_t>(random());
      for (std::size_t i = 0; i < bytes; ++i) {
        const bool first = i < static_cast<std::size_t>(bytes_per_pixel);
        const std::size_t before = i - static_cast<std::size_t>(bytes_per_pixel);
        expected[i] = static_cast<std::uint8_t>(
            row[i] + predicted(filter, first ? 0 : expected[before], above[i], first ? 0 : above[before]));
      }
      ASSERT_TRUE(undo_png_filter(filter, row.data(), above.data(), bytes, bytes_per_pixel, row.data()));
      EXPECT_TRUE(std::equal(expected.begin(), expected.end(), row.begin()))
          << "filter " << filter << ", " << bytes_per_pixel << " bytes a pixel";
    }
  }
}

TEST(PngFilters, ThatPngHasNotAreRefused) {
  std::vector<std::uint8_t> row(10), above(10);
  for (int filter : {5, 255})
    EXPECT_FALSE(undo_png_filter(filter, row.data(), above.data(), 6, 3, row.data()));
}

}  // namespace
}  // namespace histokt
