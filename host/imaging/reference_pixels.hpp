// Rescaled values in double precision, each by itself, with the operations in the order in which SciPy does
// them, so that even the last bit is the published code's. Truncation needs it: in flat regions the sums are
// whole numbers give or take that bit, and it decides between two grey levels. Slow (some 100 ns a value);
// rescale() asks for few.
#pragma once

#include <vector>

#include "imaging/picture.hpp"
#include "imaging/polyphase.hpp"

namespace histokt {

// The lowest grey level of any channel: the published code clips to the picture's range, so that a sum a last
// bit below it does not lose a level. 0..255.
double lowest_level(const Picture& picture);

class ReferencePixels {
 public:
  // Keeps a reference to `picture`. One thread at a time.
  ReferencePixels(const Picture& picture, Size full);

  // Of the picture rescaled to `full`, clipped to the picture's range, before it is made an integer.
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

  const Picture& picture_;
  double lowest_;
  Axis down_;
  Axis right_;
  std::vector<double> line_;  // blurred down, around one pixel
};

}  // namespace histokt
