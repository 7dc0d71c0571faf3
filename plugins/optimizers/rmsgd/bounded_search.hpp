// SPDX-License-Identifier: MIT
// Minimisation of a function of one variable within bounds. Pure functions, safe from any thread.
#pragma once

#include <functional>

namespace histokt {

struct SearchLimits {
  double tolerance = 1e-5;  // absolute, of the place of the minimum
  int evaluations = 500;
};

// Where `function` has a minimum in [lower, upper], by Brent's method (fmin of Forsythe, Malcolm and Moler,
// Computer Methods for Mathematical Computations, 1977, section 8.2): golden section, replaced by a parabola
// through the three best points if that parabola is acceptable. The first point divides the interval by the
// golden section; the ends are never evaluated. An interval narrower than the tolerance gives that point.
double minimize_bounded(const std::function<double(double)>& function, double lower, double upper,
                        const SearchLimits& limits = {});

// The lowest minimum in [lower, upper], 0 < lower <= upper, to 9 digits whatever the scale: a scan over
// points in geometric progression, then Brent's method between the neighbours of the lowest.
double minimize_converged(const std::function<double(double)>& function, double lower, double upper);

}  // namespace histokt
