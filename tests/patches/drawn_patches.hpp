// SPDX-License-Identifier: MIT
// Patches with recognisable content: a few waves of colour each, drawn from a seed.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

namespace histokt::testing {

using Pixels = std::vector<std::uint8_t>;  // (side, side, 3)

inline Pixels drawn_patch(unsigned number, int side) {
  std::mt19937 random(number);
  const auto uniform = [&](double from, double to) { return from + (to - from) * (random() / 4294967296.0); };
  struct Wave {
    double across, down, phase, height;
  };
  std::vector<Wave> waves;
  for (int i = 0; i < 12; ++i)
    waves.push_back({uniform(-20, 20), uniform(-20, 20), uniform(0, 6.3), uniform(5, 25)});
  Pixels pixels;
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      double value = 128;
      for (const Wave& w : waves) value += w.height * std::sin(w.phase + (w.across * x + w.down * y) / side);
      for (const double tint : {1.0, 0.7, 0.9}) {
        pixels.push_back(static_cast<std::uint8_t>(std::clamp(value * tint, 0.0, 255.0)));
      }
    }
  }
  return pixels;
}

// The pixel at (x, y) of the result is that of the patch at place(x, y).
template <typename Place>
Pixels moved(const Pixels& patch, int side, const Place& place) {
  Pixels result(patch.size());
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      const std::array<int, 2> from = place(x, y);
      for (int c = 0; c < 3; ++c) {
        result[static_cast<std::size_t>((y * side + x) * 3 + c)] =
            patch[static_cast<std::size_t>((from[1] * side + from[0]) * 3 + c)];
      }
    }
  }
  return result;
}

inline Pixels brighter(Pixels patch, int by) {
  for (std::uint8_t& value : patch) value = static_cast<std::uint8_t>(std::clamp(value + by, 0, 255));
  return patch;
}

}  // namespace histokt::testing
