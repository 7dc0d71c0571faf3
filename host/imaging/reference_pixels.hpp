// SPDX-License-Identifier: MIT
// Reference rescaling in double precision, one value at a time, with the operations in SciPy's order, so that
// even the last bit is the published code's. Truncation needs it: in flat regions the sums are whole numbers
// up to that bit, which decides between two grey levels. Slow (some 100 ns per value); rescale() needs few of
// them.
#pragma once

#include <vector>

#include "imaging/image.hpp"
#include "imaging/polyphase.hpp"

namespace histokt {

// The lowest grey level of any channel: the published code clips to the image's range, so that a sum one last
// bit below it does not lose a level. 0..255.
double lowest_level(const Image& image);

class ReferencePixels {
 public:
  // Keeps a reference to `image`. One thread at a time.
  ReferencePixels(const Image& image, Size full);

  // The value in the image rescaled to `full`, clipped to the image's range, before rounding or truncation.
  double value(int y, int x, int channel);

 private:
  // A Gaussian along one side, and the index of the pixel at each position -radius .. side + radius.
  struct Axis {
    Axis(int side, int full);
    int at(int position) const {
      const int index = position + radius;
      return mirrored[static_cast<std::size_t>(index)];
    }

    int side;
    int full;
    int radius;
    std::vector<double> gaussian;  // at the distances -radius .. 0
    std::vector<int> mirrored;
  };

  // Blurs the columns around `centre` down at row `row`, then to the side at `centre`.
  double blurred(int row, int centre, int channel);

  const Image& image_;
  double lowest_;
  Axis down_;
  Axis right_;
  std::vector<double> line_;  // blurred down, around one pixel
};

}  // namespace histokt
