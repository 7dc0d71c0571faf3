// SPDX-License-Identifier: MIT
// A perceptual hash of patches that survives recompression, brightening and slight blur, and the hashes of a
// patch's flips and quarter turns.
//
// It consists of signs: bit 8 v + u is set where the coefficient (u, v) of the patch's two-dimensional
// discrete cosine transform is above 0, u, v = 0 .. 7 counting half waves across and down, of luma; bit 0,
// the mean, is always 0. A flip negates the odd coefficients of one direction and the other diagonal swaps u
// and v, so that the hashes of all eight flips and turns follow from one by exchanging bits.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <span>

namespace histokt {

// Patches whose hashes differ in at most so many of 63 bits are near duplicates. Unrelated patches differ in
// about 31 bits; with independent fair bits, one of 10^13 pairs would differ in 4 or fewer.
inline constexpr int kNearDuplicateBits = 4;

// Luma with a smaller standard deviation than this (of 0..255) has signs of noise only.
inline constexpr double kFlatSpread = 2;

// pixels: (side, side, 3) RGB. nullopt if the patch is flat. Thread-safe.
std::optional<std::uint64_t> perceptual_hash(std::span<const std::uint8_t> pixels, int side);

// Hashes of the patch itself and of its seven other flips and turns.
std::array<std::uint64_t, 8> turned_hashes(std::uint64_t hash);

inline int differing_bits(std::uint64_t a, std::uint64_t b) {
  return std::popcount(a ^ b);
}

}  // namespace histokt
