// SPDX-License-Identifier: MIT
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
    const float weight = waver * draw.bell() / static_cast<float>(wave + 1);
    waves_[wave] = std::polar(1.0f, draw.angle()) * weight;
  }
  least_radius_ = std::min(radius_x, radius_y);
  reach_ = std::max(radius_x, radius_y) * 1.5f + 1.0f;
}

float Blob::waver_at(float cosine, float sine) const {
  // Powers of e^(i phase) give the multiples of the angle without a trigonometric function for each pixel.
  const float cos2 = cosine * cosine - sine * sine, sin2 = 2 * cosine * sine;
  const float cos3 = cos2 * cosine - sin2 * sine, sin3 = sin2 * cosine + cos2 * sine;
  const float cos5 = cos2 * cos3 - sin2 * sin3, sin5 = sin2 * cos3 + cos2 * sin3;
  return 1.0f + waves_[0].real() * cos2 - waves_[0].imag() * sin2 + waves_[1].real() * cos3 -
         waves_[1].imag() * sin3 + waves_[2].real() * cos5 - waves_[2].imag() * sin5;
}

float Blob::depth(Point place) const {
  const float dx = place.x - center_.x, dy = place.y - center_.y;
  if (dx * dx + dy * dy > reach_ * reach_) return -reach_;
  const float u = (dx * cos_ + dy * sin_) / radius_x_, v = (dy * cos_ - dx * sin_) / radius_y_;
  const float radius = std::sqrt(u * u + v * v);
  if (radius < 1e-6f) return least_radius_;
  return (waver_at(u / radius, v / radius) - radius) * least_radius_;
}

Point Blob::outline(float phase, float inset) const {
  const float cosine = std::cos(phase), sine = std::sin(phase);
  const float share = waver_at(cosine, sine) - inset / least_radius_;
  const float u = cosine * radius_x_ * share, v = sine * radius_y_ * share;
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
