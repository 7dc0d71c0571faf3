// SPDX-License-Identifier: MIT
#include "base/bootstrap.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/random.hpp"
#include "base/text.hpp"

namespace histokt {
namespace {

double percentile(const std::vector<double>& sorted, double share) {
  const double at = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], at - static_cast<double>(below));
}

}  // namespace

void draw_groups(int resample, std::span<std::uint32_t> times) {
  std::fill(times.begin(), times.end(), 0U);
  Random random{random_word("bootstrap"), static_cast<std::uint64_t>(resample)};
  for (std::size_t i = 0; i < times.size(); ++i) ++times[random.below(times.size())];
}

std::optional<Interval> middle_95_percent(std::vector<double> values) {
  const std::size_t all = values.size();
  std::erase_if(values, [](double value) { return std::isnan(value); });
  if (values.empty() || 2 * values.size() < all) return std::nullopt;
  std::sort(values.begin(), values.end());
  return Interval{percentile(values, 0.025), percentile(values, 0.975)};
}

std::optional<Interval> ratio_interval(std::span<const double> numerators,
                                       std::span<const double> denominators) {
  const std::size_t groups = numerators.size();
  if (groups < kGroupsForAnInterval) return std::nullopt;
  std::vector<std::uint32_t> times(groups);
  std::vector<double> values;
  for (int resample = 0; resample < kResamples; ++resample) {
    draw_groups(resample, times);
    double above = 0, below = 0;
    for (std::size_t g = 0; g < groups; ++g) {
      above += times[g] * numerators[g];
      below += times[g] * denominators[g];
    }
    values.push_back(below != 0 ? above / below : std::numeric_limits<double>::quiet_NaN());
  }
  return middle_95_percent(std::move(values));
}

std::string why_no_interval(std::size_t groups, const std::string& group_level) {
  if (groups >= kGroupsForAnInterval) return "";
  return "no interval: " + counted(groups, group_level) + (groups == 1 ? " was" : " were") +
         " tested, and an interval needs at least " + std::to_string(kGroupsForAnInterval);
}

}  // namespace histokt
