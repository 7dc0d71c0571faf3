// How sure a number is: the percentile bootstrap over groups (Efron 1979). Patches of one patient or slide
// resemble each other, so whole groups are drawn, with replacement and as many as there are; the middle 95 %
// of what a metric then comes to is its interval. Every draw is a function of its number: the same
// predictions have the same interval on any machine. Thread-safe.
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
// Fewer say nothing about groups that were not tested: then there is no interval.
inline constexpr std::size_t kGroupsForAnInterval = 10;

// times[g]: how often group g stands in resample number `resample`. The sum is times.size().
void draw_groups(int resample, std::span<std::uint32_t> times);

// The 2.5th and the 97.5th percentile, linear between neighbours. NaN (not defined in that resample) is left
// out; nothing where it is more than half of the values.
std::optional<Interval> middle_95_percent(std::vector<double> values);

// Of sum(numerators) / sum(denominators), an entry a group. Nothing for fewer than kGroupsForAnInterval.
std::optional<Interval> ratio_interval(std::span<const double> numerators,
                                       std::span<const double> denominators);

// "no interval: 4 patients were tested, and it takes at least 10"; "" where there are enough.
std::string why_no_interval(std::size_t groups, const std::string& group_level);

}  // namespace histokt
