// SPDX-License-Identifier: MIT
// Mean and standard deviation of the colour channels over many patches.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "patches/patch_set.hpp"

namespace histokt {

// Of pixel values scaled to 0..1, RGB; the deviation is that of the population. NaN if there are no patches.
struct ChannelStatistics {
  std::array<double, 3> mean{};
  std::array<double, 3> standard_deviation{};
};

// Over the patches with these indices. Sums are exact integers, so the number of threads changes no bit.
// Throws Interrupted.
ChannelStatistics channel_statistics(const PatchSet& patches, std::span<const std::size_t> indices,
                                     int threads);

}  // namespace histokt
