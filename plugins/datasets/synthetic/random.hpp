// SPDX-License-Identifier: MIT
// Counter-based random numbers and noise: pure functions of a key and a place, so that neither the order nor
// the number of threads can change an image.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <numbers>
#include <string_view>

namespace histokt::synthetic {

// One step of SplitMix64 (Steele, Lea and Flood 2014): a bijection of 64 bits that mixes well.
constexpr std::uint64_t mixed(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

// A key made of words; every word changes every number below it.
constexpr std::uint64_t key_of(std::initializer_list<std::uint64_t> words) {
  std::uint64_t key = 0x9216D5D98979FB1Bu;
  for (std::uint64_t word : words) key = mixed(key ^ mixed(word));
  return key;
}

// Text as a word of a key (FNV-1a).
constexpr std::uint64_t word_of(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325u;
  for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  return hash;
}

// Uniform in [0, 1), from the upper 24 bits.
constexpr float unit(std::uint64_t bits) {
  return static_cast<float>(bits >> 40) * 0x1.0p-24f;
}

// A stream of numbers under a key.
class Draw {
 public:
  explicit constexpr Draw(std::uint64_t key) : key_(key) {}

  constexpr std::uint64_t bits() { return mixed(key_ + 0xD1342543DE82EF95u * ++counter_); }
  constexpr float uniform() { return unit(bits()); }
  constexpr float uniform(float low, float high) { return low + (high - low) * uniform(); }
  constexpr bool chance(float probability) { return uniform() < probability; }
  float angle() { return uniform(0.0f, 2.0f * std::numbers::pi_v<float>); }
  // About normal, mean 0 and deviation 1, never farther out than 3.5: the sum of four 16-bit numbers.
  constexpr float bell() {
    const std::uint64_t all = bits();
    const std::uint64_t sum = (all & 0xFFFF) + (all >> 16 & 0xFFFF) + (all >> 32 & 0xFFFF) + (all >> 48);
    return (static_cast<float>(sum) * 0x1.0p-16f - 2.0f) * 1.7320508f;
  }

 private:
  std::uint64_t key_;
  std::uint64_t counter_ = 0;
};

// A number in [0, 1) for each cell of a grid.
constexpr std::uint64_t cell_bits(std::int32_t x, std::int32_t y, std::uint64_t key) {
  const std::uint64_t place =
      (static_cast<std::uint64_t>(static_cast<std::uint32_t>(x)) << 32) | static_cast<std::uint32_t>(y);
  return mixed(key ^ place * 0x9FB21C651E98DF25u);
}

// The largest integer not above x, without the function call of std::floor on older instruction sets.
constexpr std::int32_t floored(float x) {
  const auto whole = static_cast<std::int32_t>(x);
  return whole - (x < static_cast<float>(whole) ? 1 : 0);
}

// Value noise in [0, 1): random numbers at integer points, smooth in between.
inline float noise(float x, float y, std::uint64_t key) {
  const std::int32_t cell_x = floored(x), cell_y = floored(y);
  const auto fade = [](float t) { return t * t * t * (t * (t * 6.0f - 15.0f) + 10.0f); };
  const float u = fade(x - static_cast<float>(cell_x)), v = fade(y - static_cast<float>(cell_y));
  const auto at = [&](int dx, int dy) { return unit(cell_bits(cell_x + dx, cell_y + dy, key)); };
  const float top = at(0, 0) + u * (at(1, 0) - at(0, 0));
  const float bottom = at(0, 1) + u * (at(1, 1) - at(0, 1));
  return top + v * (bottom - top);
}

// Octaves of noise, each of half the size and 0.55 of the weight of the one before; in [0, 1), mean 0.5.
inline float fractal(float x, float y, std::uint64_t key, int octaves) {
  float sum = 0.0f, weight = 1.0f, total = 0.0f;
  for (int octave = 0; octave < octaves; ++octave) {
    sum += weight * noise(x, y, key + static_cast<std::uint64_t>(octave) * 0x632BE59BD9B4E019u);
    total += weight;
    weight *= 0.55f;
    x = x * 2.0f + 17.3f;
    y = y * 2.0f - 9.1f;
  }
  return sum / total;
}

// 0 below `low`, 1 above `high`, smooth in between.
inline float smooth_step(float low, float high, float x) {
  const float t = std::min(std::max((x - low) / (high - low), 0.0f), 1.0f);
  return t * t * (3.0f - 2.0f * t);
}

}  // namespace histokt::synthetic
