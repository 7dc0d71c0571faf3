// SPDX-License-Identifier: MIT
// Percentile bootstrap confidence intervals over groups (Efron 1979). Patches of one patient or slide
// resemble each other, so whole groups are resampled, with replacement and as many as there are; the middle
// 95 % of a metric's values over the resamples is its interval. Each resample is a function of its number
// alone: the same predictions have the same interval on any machine. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace histokt {

struct Interval {
  double low = 0, high = 0;
};

inline constexpr int kResamples = 2000;
// Fewer groups say too little about groups that were not tested: no interval is given.
inline constexpr std::size_t kGroupsForAnInterval = 10;

// times[g]: how often group g is drawn in resample number `resample`. The sum is times.size().
void draw_groups(int resample, std::span<std::uint32_t> times);

// The 2.5th and the 97.5th percentile, linear between neighbours. NaN (not defined in that resample) is
// ignored; nullopt if more than half of the values are NaN.
std::optional<Interval> middle_95_percent(std::vector<double> values);

// The interval of sum(numerators) / sum(denominators), one entry per group. nullopt for fewer than
// kGroupsForAnInterval.
std::optional<Interval> ratio_interval(std::span<const double> numerators,
                                       std::span<const double> denominators);

// "no interval: 4 patients were tested, and an interval needs at least 10"; "" if there are enough.
std::string why_no_interval(std::size_t groups, const std::string& group_level);

}  // namespace histokt
