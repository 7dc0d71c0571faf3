#include "canvas.hpp"

#include <algorithm>
#include <cmath>

namespace histokt::synthetic {

Blob::Blob(Point center, float radius_x, float radius_y, float angle, float waver, std::uint64_t key)
    : center_(center),
      radius_x_(radius_x),
      radius_y_(radius_y),
      cos_(std::cos(angle)),
      sin_(std::sin(angle)) {
  Draw draw(key);
  for (int wave = 0; wave < 3; ++wave) {
    weights_[wave] = waver * draw.bell() / static_cast<float>(wave + 1);
    phases_[wave] = draw.angle();
  }
  least_radius_ = std::min(radius_x, radius_y);
  reach_ = std::max(radius_x, radius_y) * 1.5f + 1.0f;
}

float Blob::waver_at(float phase) const {
  return 1.0f + weights_[0] * std::cos(2 * phase + phases_[0]) +
         weights_[1] * std::cos(3 * phase + phases_[1]) + weights_[2] * std::cos(5 * phase + phases_[2]);
}

float Blob::depth(Point place) const {
  const float dx = place.x - center_.x, dy = place.y - center_.y;
  if (dx * dx + dy * dy > reach_ * reach_) return -reach_;
  const float u = (dx * cos_ + dy * sin_) / radius_x_, v = (dy * cos_ - dx * sin_) / radius_y_;
  const float radius = std::sqrt(u * u + v * v);
  return (waver_at(std::atan2(v, u)) - radius) * least_radius_;
}

Point Blob::outline(float phase, float inset) const {
  const float share = waver_at(phase) - inset / least_radius_;
  const float u = std::cos(phase) * radius_x_ * share, v = std::sin(phase) * radius_y_ * share;
  return {center_.x + u * cos_ - v * sin_, center_.y + u * sin_ + v * cos_};
}

Blob Blob::shrunk(float share) const {
  Blob smaller = *this;
  smaller.radius_x_ *= share;
  smaller.radius_y_ *= share;
  smaller.least_radius_ *= share;
  smaller.reach_ = std::max(smaller.radius_x_, smaller.radius_y_) * 1.5f + 1.0f;
  return smaller;
}

std::pair<int, int> Canvas::pixels(float center, float reach) const {
  const auto bounded = [&](float pixel) { return std::clamp(static_cast<int>(pixel), 0, side_); };
  return {bounded(std::floor((center - reach) / scale_)), bounded(std::ceil((center + reach) / scale_) + 1)};
}

}  // namespace histokt::synthetic
