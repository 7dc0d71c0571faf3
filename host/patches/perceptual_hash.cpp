// SPDX-License-Identifier: MIT
#include "patches/perceptual_hash.hpp"

#include <cmath>
#include <cstddef>
#include <numbers>
#include <vector>

namespace histokt {
namespace {

constexpr std::size_t kWaves = 8;
constexpr int kLeastCells = 32;  // a side, where the patch has them: four times the finest wave

// Luma summed over square cells that tile the patch, so that what is a flip of the patch is one of the cells.
struct Cells {
  std::size_t side = 0;
  std::vector<float> luma;  // (side, side), mean of the cell, 0..255
};

int cell_side(int side) {
  for (int cell = side / kLeastCells; cell > 1; --cell) {
    if (side % cell == 0) return cell;
  }
  return 1;
}

Cells cells_of(std::span<const std::uint8_t> pixels, int patch_side) {
  const auto cell = static_cast<std::size_t>(cell_side(patch_side));
  const std::size_t side = static_cast<std::size_t>(patch_side) / cell;
  std::vector<std::uint32_t> sums(side * side);
  const std::uint8_t* in = pixels.data();
  for (std::size_t y = 0; y < side * cell; ++y) {
    for (std::size_t x = 0; x < side; ++x) {
      std::uint32_t red = 0, green = 0, blue = 0;
      for (std::size_t i = 0; i < cell; ++i, in += 3) {
        red += in[0];
        green += in[1];
        blue += in[2];
      }
      sums[y / cell * side + x] += 77 * red + 150 * green + 29 * blue;  // BT.601 times 256
    }
  }
  Cells cells{side, std::vector<float>(side * side)};
  const float scale = 1.0f / (256.0f * static_cast<float>(cell * cell));
  for (std::size_t i = 0; i < sums.size(); ++i) cells.luma[i] = static_cast<float>(sums[i]) * scale;
  return cells;
}

bool is_flat(const Cells& cells) {
  double sum = 0, squares = 0;
  for (const float value : cells.luma) {
    sum += value;
    squares += double{value} * value;
  }
  const auto count = static_cast<double>(cells.luma.size());
  return squares / count - sum / count * (sum / count) < kFlatSpread * kFlatSpread;
}

// (kWaves, side): cos(pi u (2 x + 1) / (2 side)).
std::vector<double> waves(std::size_t side) {
  std::vector<double> table(kWaves * side);
  for (std::size_t u = 0; u < kWaves; ++u) {
    for (std::size_t x = 0; x < side; ++x) {
      table[u * side + x] =
          std::cos(std::numbers::pi * static_cast<double>(u * (2 * x + 1)) / (2 * static_cast<double>(side)));
    }
  }
  return table;
}

// Bit 8 v + u to bit 8 u + v.
std::uint64_t transposed(std::uint64_t hash) {
  std::uint64_t result = 0;
  for (unsigned v = 0; v < 8; ++v) {
    for (unsigned u = 0; u < 8; ++u) result |= (hash >> (8 * v + u) & 1) << (8 * u + v);
  }
  return result;
}

constexpr std::uint64_t kOddAcross = 0xAAAAAAAAAAAAAAAA;  // bits whose u is odd
constexpr std::uint64_t kOddDown = 0xFF00FF00FF00FF00;    // bits whose v is odd

}  // namespace

std::optional<std::uint64_t> perceptual_hash(std::span<const std::uint8_t> pixels, int side) {
  const Cells cells = cells_of(pixels, side);
  if (is_flat(cells)) return std::nullopt;
  // One table for each side a thread meets; a patch set has one side.
  thread_local std::size_t table_side = 0;
  thread_local std::vector<double> table;
  if (table_side != cells.side) {
    table = waves(cells.side);
    table_side = cells.side;
  }
  std::vector<double> across(cells.side * kWaves);  // (side, kWaves)
  for (std::size_t y = 0; y < cells.side; ++y) {
    for (std::size_t u = 0; u < kWaves; ++u) {
      double sum = 0;
      for (std::size_t x = 0; x < cells.side; ++x) {
        sum += double{cells.luma[y * cells.side + x]} * table[u * cells.side + x];
      }
      across[y * kWaves + u] = sum;
    }
  }
  std::uint64_t hash = 0;
  for (std::size_t v = 0; v < kWaves; ++v) {
    for (std::size_t u = v == 0 ? 1 : 0; u < kWaves; ++u) {
      double sum = 0;
      for (std::size_t y = 0; y < cells.side; ++y) sum += across[y * kWaves + u] * table[v * cells.side + y];
      if (sum > 0) hash |= std::uint64_t{1} << (8 * v + u);
    }
  }
  return hash;
}

std::array<std::uint64_t, 8> turned_hashes(std::uint64_t hash) {
  std::array<std::uint64_t, 8> all{};
  for (std::size_t i = 0; i < 8; ++i) {
    all[i] = (i & 4 ? transposed(hash) : hash) ^ (i & 1 ? kOddAcross : 0) ^ (i & 2 ? kOddDown : 0);
  }
  return all;
}

}  // namespace histokt
