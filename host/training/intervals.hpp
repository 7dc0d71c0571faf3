// SPDX-License-Identifier: MIT
// 95 % confidence intervals of metrics, by bootstrap over the groups of the samples (base/bootstrap.hpp).
// Needs no libtorch.
#pragma once

#include <map>
#include <string>

#include "base/bootstrap.hpp"
#include "training/samples.hpp"

namespace histokt {

// By the key of the metric, for those of the table (metrics.hpp) that have an interval. A metric that is
// undefined in most resamples is left out; the map is empty for fewer than kGroupsForAnInterval groups.
// threads: does not change the result.
std::map<std::string, Interval> metric_intervals(const Samples& samples, int threads);

}  // namespace histokt
