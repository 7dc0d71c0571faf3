// SPDX-License-Identifier: MIT
// A canvas of synthetic tissue before imaging: the amount of haematoxylin and eosin at each place. Places are
// in micrometres from the upper left corner; a pixel's place is its centre.
#pragma once

#include <complex>
#include <cstdint>
#include <utility>
#include <vector>

#include "random.hpp"

namespace histokt::synthetic {

// Amounts of the two dyes, 1 being a strongly stained nucleus or red cell; 0 is glass.
struct Dye {
  float haematoxylin = 0, eosin = 0;
};

inline Dye blend(Dye below, Dye above, float cover) {
  return {below.haematoxylin + cover * (above.haematoxylin - below.haematoxylin),
          below.eosin + cover * (above.eosin - below.eosin)};
}

// blend(below(), above(), cover), computing only what is visible.
template <typename Below, typename Above>
Dye layered(Below&& below, Above&& above, float cover) {
  if (cover <= 0) return below();
  return cover >= 1 ? above() : blend(below(), above(), cover);
}

struct Point {
  float x = 0, y = 0;
};

// A closed outline: an ellipse whose radius varies with the angle.
class Blob {
 public:
  // Radii in micrometres; `angle` turns the first one; `waver` is the deviation of the radius as a share.
  Blob(Point center, float radius_x, float radius_y, float angle, float waver, std::uint64_t key);

  // Distance inwards from the outline, about, in micrometres: positive inside, `least_radius` at the centre.
  float depth(Point place) const;

  // A place on the outline, `inset` micrometres inside it; phase in radians.
  Point outline(float phase, float inset) const;

  Point center() const { return center_; }
  float reach() const { return reach_; }
  float least_radius() const { return least_radius_; }
  Blob shrunk(float share) const;

 private:
  // The radius, as a share, in the direction of cosine and sine.
  float waver_at(float cosine, float sine) const;

  Point center_;
  float radius_x_, radius_y_, cos_, sin_, least_radius_, reach_;
  std::complex<float> waves_[3];  // of 2, 3 and 5 periods around the outline
};

class Canvas {
 public:
  Canvas(int side, float microns_per_pixel)
      : side_(side), scale_(microns_per_pixel), dyes_(static_cast<std::size_t>(side) * side) {}

  int side() const { return side_; }
  float microns_per_pixel() const { return scale_; }
  float extent() const { return static_cast<float>(side_) * scale_; }  // micrometres
  const std::vector<Dye>& dyes() const { return dyes_; }

  // Each place gets dye(place).
  template <typename Function>
  void cover(Function&& dye) {
    for (int y = 0; y < side_; ++y) {
      for (int x = 0; x < side_; ++x) at(x, y) = dye(place(x, y));
    }
  }

  // Places within the blob get dye(place, depth, what was there), blended over an edge `softness` wide.
  template <typename Function>
  void fill(const Blob& blob, float softness, Function&& dye) {
    const auto [left, right] = pixels(blob.center().x, blob.reach());
    const auto [top, bottom] = pixels(blob.center().y, blob.reach());
    for (int y = top; y < bottom; ++y) {
      for (int x = left; x < right; ++x) {
        const float depth = blob.depth(place(x, y));
        const float cover = smooth_step(-softness / 2, softness / 2, depth);
        if (cover > 0) at(x, y) = blend(at(x, y), dye(place(x, y), depth, at(x, y)), cover);
      }
    }
  }

 private:
  Dye& at(int x, int y) { return dyes_[static_cast<std::size_t>(y) * side_ + x]; }
  Point place(int x, int y) const {
    return {(static_cast<float>(x) + 0.5f) * scale_, (static_cast<float>(y) + 0.5f) * scale_};
  }
  // The range of pixels within `reach` of a coordinate, cut to the canvas.
  std::pair<int, int> pixels(float center, float reach) const;

  int side_;
  float scale_;
  std::vector<Dye> dyes_;
};

// Calls visit(place, draw) for places about `spacing` apart, out to `margin` beyond the canvas. `jitter` 0 is
// a grid, 1 moves each place anywhere within its cell. The same key gives the same places.
template <typename Visit>
void scatter(const Canvas& canvas, float spacing, float jitter, float margin, std::uint64_t key,
             Visit&& visit) {
  const int first = -static_cast<int>(std::ceil(margin / spacing));
  const int last = static_cast<int>(std::ceil((canvas.extent() + margin) / spacing));
  for (int row = first; row < last; ++row) {
    for (int column = first; column < last; ++column) {
      Draw draw(cell_bits(column, row, key));
      const float shift = row % 2 == 0 ? 0.25f : 0.75f;  // rows interlock
      const float x = static_cast<float>(column) + shift + jitter * draw.uniform(-0.5f, 0.5f);
      const float y = static_cast<float>(row) + 0.5f + jitter * draw.uniform(-0.5f, 0.5f);
      visit(Point{x * spacing, y * spacing}, draw);
    }
  }
}

}  // namespace histokt::synthetic
