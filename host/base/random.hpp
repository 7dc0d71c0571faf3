// SPDX-License-Identifier: MIT
// Counter-based random numbers: each is a pure function of a key and a counter, so the order and number of
// threads cannot change them. Keys are built from words: (seed, run, epoch, sample).
#pragma once

#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <numbers>
#include <string_view>
#include <vector>

namespace histokt {

// One step of SplitMix64 (Steele, Lea and Flood 2014): a bijection of 64 bits that mixes well.
constexpr std::uint64_t splitmix64(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

// A word of text as a number (FNV-1a), to name what a stream of numbers is for: random_word("shuffle").
constexpr std::uint64_t random_word(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325u;
  for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  return hash;
}

// A stream of random numbers under one key. A copy continues from the same position.
class Random {
 public:
  // The key is a list of words; every word changes every number.
  constexpr Random(std::initializer_list<std::uint64_t> key) {
    for (std::uint64_t word : key) key_ = splitmix64(key_ ^ splitmix64(word));
  }

  constexpr std::uint64_t bits() { return splitmix64(key_ + 0xD1342543DE82EF95u * ++counter_); }

  // Uniform in [0, 1), 53 bits.
  constexpr double uniform() { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }
  constexpr double uniform(double low, double high) { return low + (high - low) * uniform(); }

  // Uniform in 0 .. n-1, n > 0. The bias is below n / 2^64.
  constexpr std::uint64_t below(std::uint64_t n) {
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>(bits()) * n) >> 64);
  }

  // Standard normal (Box and Muller, one of the pair).
  double normal() {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    return radius * std::cos(2.0 * std::numbers::pi * uniform());
  }

  // Fisher-Yates.
  template <typename T>
  void shuffle(std::vector<T>& items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
  }

 private:
  std::uint64_t key_ = 0x243F6A8885A308D3u;
  std::uint64_t counter_ = 0;
};

}  // namespace histokt
