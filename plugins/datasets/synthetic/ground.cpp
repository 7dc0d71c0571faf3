// SPDX-License-Identifier: MIT
#include "ground.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace histokt::synthetic {

Fibres::Fibres(std::uint64_t key, float density) : key_(key), density_(density) {
  Draw draw(key_of({key, word_of("fibres")}));
  const float angle = draw.angle();
  cos_ = std::cos(angle), sin_ = std::sin(angle);
  wave_length_ = draw.uniform(38, 75);
  wave_height_ = draw.uniform(2.5f, 7);
  phase_ = draw.angle();
}

Point Fibres::along(Point place) const {
  const float u = place.x * cos_ + place.y * sin_, v = place.y * cos_ - place.x * sin_;
  const float drift = 34 * fractal(place.x / 90, place.y / 90, key_ ^ word_of("drift"), 2);
  const float wave =
      wave_height_ * std::sin(2 * std::numbers::pi_v<float> * (u + 0.8f * drift) / wave_length_ + phase_);
  return {u, v + drift + wave};
}

float Fibres::direction(Point place) const {
  // The slope of the lines of equal `along(...).y`, by differences.
  const float step = 0.5f, here = along(place).y;
  const float dx = along({place.x + step, place.y}).y - here, dy = along({place.x, place.y + step}).y - here;
  return std::atan2(dx, -dy);
}

Dye Fibres::dye(Point place) const {
  const Point at = along(place);
  const float bundles = fractal(at.x / 55, at.y / 7.5f, key_ ^ word_of("bundles"), 3);
  const float strands = noise(at.x / 26, at.y / 1.5f, key_ ^ word_of("strands"));
  const float thin = 0.36f - 0.14f * density_;  // bundles below this part and leave a cleft
  const float cleft = 1 - smooth_step(thin - 0.05f, thin + 0.07f, bundles + 0.10f * (strands - 0.5f));
  const float eosin = 0.40f + 0.42f * bundles + 0.24f * (strands - 0.5f);
  return blend({0.05f + 0.04f * strands, eosin}, {0.01f, 0.04f}, cleft);
}

Fat::Septum Fat::septum(Point straight) const {
  const auto bend = [&](const char* axis) {  // septa are not straight
    return 5.0f * (noise(straight.x / 17, straight.y / 17, key_ ^ word_of(axis)) - 0.5f);
  };
  const Point place = {straight.x + bend("bend x"), straight.y + bend("bend y")};
  const float x = place.x / size_, y = place.y / size_;
  const auto column = static_cast<std::int32_t>(std::floor(x)),
             row = static_cast<std::int32_t>(std::floor(y));
  float nearest = 9, second = 9;
  Point first_cell, second_cell;
  for (int dy = -2; dy <= 2; ++dy) {
    for (int dx = -2; dx <= 2; ++dx) {
      const std::uint64_t bits = cell_bits(column + dx, row + dy, key_);
      const Point cell = {static_cast<float>(column + dx) + 0.1f + 0.8f * unit(bits),
                          static_cast<float>(row + dy) + 0.1f + 0.8f * unit(bits << 24)};
      const float distance = (cell.x - x) * (cell.x - x) + (cell.y - y) * (cell.y - y);
      if (distance < nearest) {
        second = nearest, second_cell = first_cell;
        nearest = distance, first_cell = cell;
      } else if (distance < second) {
        second = distance, second_cell = cell;
      }
    }
  }
  const float dx = second_cell.x - first_cell.x, dy = second_cell.y - first_cell.y;
  return {size_ * (second - nearest) / (2 * std::max(std::hypot(dx, dy), 0.05f)), std::atan2(dx, -dy)};
}

Dye Fat::dye(Point place) const {
  const float width = septum_ * (0.55f + 0.9f * noise(place.x / 30, place.y / 30, key_ ^ word_of("width")));
  const float wall = 1 - smooth_step(width - 0.5f, width + 0.6f, septum(place).distance);
  const float texture = noise(place.x / 2, place.y / 2, key_ ^ word_of("texture"));
  return blend({0.0f, 0.02f}, {0.07f, 0.48f + 0.3f * texture}, wall);
}

void add_nucleus(Canvas& canvas, Point center, float radius_x, float radius_y, float angle,
                 const NucleusKind& kind, Draw draw) {
  const std::uint64_t key = draw.bits();
  const float amount = kind.haematoxylin * (1 + 0.14f * draw.bell());
  const Blob blob(center, radius_x, radius_y, angle, kind.waver, key);
  canvas.fill(blob, 0.9f, [&](Point place, float depth, Dye) -> Dye {
    const float clump = fractal(place.x / kind.clump_size, place.y / kind.clump_size, key, 2) - 0.5f;
    const float membrane = kind.rim * (1 - smooth_step(0.2f, 1.3f, depth));
    return {std::max(0.15f, amount * (1 + 2 * kind.clumps * clump + membrane)), 0.22f};
  });
  if (!draw.chance(kind.nucleoli)) return;
  const float off = 0.4f * blob.least_radius();
  const Point at = {center.x + draw.uniform(-off, off), center.y + draw.uniform(-off, off)};
  const float radius = draw.uniform(0.8f, 1.35f);
  canvas.fill(Blob(at, radius, radius, 0, 0.05f, key + 1), 0.8f, [&](Point, float, Dye) -> Dye {
    return {amount * 1.55f, 0.5f};
  });
}

}  // namespace histokt::synthetic
