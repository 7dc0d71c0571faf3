// A hash that pictures keep when they are compressed again, brightened or blurred a little, and one by which
// flips and quarter turns are found as well.
//
// It is made of signs: bit 8 v + u is set where the coefficient (u, v) of the patch's two-dimensional
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

// Patches whose hashes differ in at most so many of 63 bits are near duplicates. Of patches that
// have nothing in common about 31 bits differ; if bits were tossed, 4 or fewer would once in 10^13 pairs.
inline constexpr int kNearDuplicateBits = 4;

// Luma that spreads by less than this (standard deviation, of 0..255) has signs of noise alone.
inline constexpr double kFlatSpread = 2;

// pixels: (side, side, 3) RGB. nullopt where the patch is flat. Thread-safe.
std::optional<std::uint64_t> perceptual_hash(std::span<const std::uint8_t> pixels, int side);

// Of the patch as it is and its seven other flips and turns.
std::array<std::uint64_t, 8> turned_hashes(std::uint64_t hash);

inline int differing_bits(std::uint64_t a, std::uint64_t b) {
  return std::popcount(a ^ b);
}

}  // namespace histokt
