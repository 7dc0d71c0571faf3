// SPDX-License-Identifier: MIT
// The ground of synthetic tissue (collagen, fat, the loose tissue between glands), and single nuclei.
#pragma once

#include "canvas.hpp"

namespace histokt::synthetic {

// Wavy bundles of collagen that run along one direction.
class Fibres {
 public:
  // `density` 0 (loose, many clefts) to 1 (dense).
  Fibres(std::uint64_t key, float density);

  Dye dye(Point place) const;
  float direction(Point place) const;  // of the bundles, radians

 private:
  // Coordinates along and across the bundles.
  Point along(Point place) const;

  std::uint64_t key_;
  float cos_, sin_, wave_length_, wave_height_, phase_, density_;
};

// Cells of fat: thin septa of a Voronoi pattern between empty spaces.
class Fat {
 public:
  Fat(std::uint64_t key, float cell_size, float septum) : key_(key), size_(cell_size), septum_(septum) {}

  // The septum next to a place: the approximate distance of its middle, in micrometres, and its direction, in
  // radians.
  struct Septum {
    float distance, direction;
  };
  Septum septum(Point place) const;
  Dye dye(Point place) const;

 private:
  std::uint64_t key_;
  float size_, septum_;
};

// The look of nuclei.
struct NucleusKind {
  float haematoxylin = 1.2f;  // mean amount
  float clumps = 0.3f;        // share by which chromatin varies
  float clump_size = 1.2f;    // micrometres
  float rim = 0.3f;           // how much darker the membrane is, as a share
  float waver = 0.03f;        // irregularity of the outline
  float nucleoli = 0.0f;      // probability of one
};

// Draws one nucleus over the canvas.
void add_nucleus(Canvas& canvas, Point center, float radius_x, float radius_y, float angle,
                 const NucleusKind& kind, Draw draw);

}  // namespace histokt::synthetic
