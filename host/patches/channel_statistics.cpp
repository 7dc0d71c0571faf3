// SPDX-License-Identifier: MIT
#include "patches/channel_statistics.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <limits>
#include <mutex>
#include <thread>
#include <vector>

#include "base/interrupt.hpp"

namespace histokt {
namespace {

struct Sums {
  std::array<std::uint64_t, 3> values{};
  std::array<std::uint64_t, 3> squares{};

  void add(const Sums& other) {
    for (std::size_t c = 0; c < 3; ++c) {
      values[c] += other.values[c];
      squares[c] += other.squares[c];
    }
  }
};

// Blocks of so many bytes keep sums of squares within 32 bits for each place in the block: 3 x 16 places,
// 65,025 x 1,000 < 2^32. A fixed number of places lets the compiler use vectors.
constexpr std::size_t kPlaces = 48;
constexpr std::size_t kRows = 1000;

Sums sums_of(std::span<const std::uint8_t> bytes) {
  Sums sums;
  while (!bytes.empty()) {
    std::array<std::uint32_t, kPlaces> values{}, squares{};
    const std::size_t rows = std::min(kRows, bytes.size() / kPlaces);
    for (std::size_t row = 0; row < rows; ++row) {
      const std::uint8_t* const in = bytes.data() + row * kPlaces;
      for (std::size_t i = 0; i < kPlaces; ++i) {
        const std::uint32_t value = in[i];
        values[i] += value;
        squares[i] += value * value;
      }
    }
    bytes = bytes.subspan(rows * kPlaces);
    if (bytes.size() < kPlaces) {
      for (std::size_t i = 0; i < bytes.size(); ++i) {
        const std::uint64_t value = bytes[i];
        sums.values[i % 3] += value;
        sums.squares[i % 3] += value * value;
      }
      bytes = {};
    }
    for (std::size_t i = 0; i < kPlaces; ++i) {
      sums.values[i % 3] += values[i];
      sums.squares[i % 3] += squares[i];
    }
  }
  return sums;
}

}  // namespace

ChannelStatistics channel_statistics(const PatchSet& patches, std::span<const std::size_t> indices,
                                     int threads) {
  ChannelStatistics result;
  if (indices.empty()) {
    result.mean.fill(std::numeric_limits<double>::quiet_NaN());
    result.standard_deviation = result.mean;
    return result;
  }
  Sums sums;
  std::mutex mutex;
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    Sums own;
    for (std::size_t i = next++; i < indices.size() && !interrupt_requested(); i = next++) {
      own.add(sums_of(patches.pixels(indices[i])));
      patches.forget(indices[i]);
    }
    const std::lock_guard lock(mutex);
    sums.add(own);
  };
  {
    std::vector<std::jthread> workers;
    for (int i = 1; i < threads; ++i) workers.emplace_back(work);
    work();
  }
  throw_if_interrupted();

  const auto side = static_cast<double>(patches.info().patch_side);
  const double count = side * side * static_cast<double>(indices.size());
  for (std::size_t c = 0; c < 3; ++c) {
    const double mean = static_cast<double>(sums.values[c]) / count;
    const double variance = static_cast<double>(sums.squares[c]) / count - mean * mean;
    result.mean[c] = mean / 255;
    result.standard_deviation[c] = std::sqrt(std::max(variance, 0.0)) / 255;
  }
  return result;
}

}  // namespace histokt
