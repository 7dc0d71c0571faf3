// SPDX-License-Identifier: MIT
#include "optimizers/rmsgd/bounded_search.hpp"

#include <algorithm>
#include <cmath>

namespace histokt {
namespace {

struct Point {
  double place = 0, value = 0;
};

// Towards which side `step` goes; zero counts as up.
double direction(double step) {
  return step < 0 ? -1 : 1;
}

// The interval and the three lowest points found so far, best first.
class Brent {
 public:
  Brent(const std::function<double(double)>& function, double lower, double upper, double tolerance)
      : function_(function), lower_(lower), upper_(upper), tolerance_(tolerance) {
    const double place = lower_ + kGolden * (upper_ - lower_);
    best_ = second_ = third_ = {place, function_(place)};
  }

  bool done() const { return std::abs(best_.place - middle()) <= 2 * reach() - 0.5 * (upper_ - lower_); }

  void advance() {
    if (!take_parabola()) take_golden_section();
    const double place = best_.place + direction(step_) * std::max(std::abs(step_), reach());
    accept({place, function_(place)});
  }

  double best() const { return best_.place; }

 private:
  static constexpr double kGolden = 0.38196601125010515;            // (3 - sqrt 5) / 2
  static constexpr double kRootOfPrecision = 1.483239697419133e-8;  // sqrt(2.2e-16)

  double middle() const { return 0.5 * (lower_ + upper_); }
  // The least distance between two places worth telling apart.
  double reach() const { return kRootOfPrecision * std::abs(best_.place) + tolerance_ / 3; }

  // Sets step_ to the vertex of the parabola through the three points, if that lies inside the interval and
  // the step is less than half of the step before the last.
  bool take_parabola() {
    if (!(std::abs(before_last_) > reach())) return false;
    const double r = (best_.place - second_.place) * (best_.value - third_.value);
    double q = (best_.place - third_.place) * (best_.value - second_.value);
    double p = (best_.place - third_.place) * q - (best_.place - second_.place) * r;
    q = 2 * (q - r);
    if (q > 0) p = -p;
    q = std::abs(q);
    const double limit = before_last_;
    before_last_ = step_;
    if (!(std::abs(p) < std::abs(0.5 * q * limit)) || !(p > q * (lower_ - best_.place)) ||
        !(p < q * (upper_ - best_.place))) {
      return false;
    }
    step_ = p / q;
    const double place = best_.place + step_;
    if (place - lower_ < 2 * reach() || upper_ - place < 2 * reach()) {
      step_ = direction(middle() - best_.place) * reach();
    }
    return true;
  }

  void take_golden_section() {
    before_last_ = (best_.place >= middle() ? lower_ : upper_) - best_.place;
    step_ = kGolden * before_last_;
  }

  // Narrows the interval by a new point and ranks it.
  void accept(Point point) {
    if (point.value <= best_.value) {
      (point.place >= best_.place ? lower_ : upper_) = best_.place;
      third_ = second_;
      second_ = best_;
      best_ = point;
      return;
    }
    (point.place < best_.place ? lower_ : upper_) = point.place;
    if (point.value <= second_.value || second_.place == best_.place) {
      third_ = second_;
      second_ = point;
    } else if (point.value <= third_.value || third_.place == best_.place || third_.place == second_.place) {
      third_ = point;
    }
  }

  const std::function<double(double)>& function_;
  double lower_, upper_, tolerance_;
  Point best_, second_, third_;
  double step_ = 0, before_last_ = 0;
};

}  // namespace

double minimize_bounded(const std::function<double(double)>& function, double lower, double upper,
                        const SearchLimits& limits) {
  Brent search(function, lower, upper, limits.tolerance);
  for (int evaluations = 1; evaluations < limits.evaluations && !search.done(); ++evaluations)
    search.advance();
  return search.best();
}

double minimize_converged(const std::function<double(double)>& function, double lower, double upper) {
  constexpr int kPoints = 128;
  const double low = std::log(lower), spacing = (std::log(upper) - low) / (kPoints - 1);
  const std::function<double(double)> of_logarithm = [&](double place) { return function(std::exp(place)); };
  int best = 0;
  double best_value = of_logarithm(low);
  for (int point = 1; point < kPoints; ++point) {
    const double value = of_logarithm(low + point * spacing);
    if (value < best_value) {
      best = point;
      best_value = value;
    }
  }
  const double left = low + std::max(best - 1, 0) * spacing;
  const double right = low + std::min(best + 1, kPoints - 1) * spacing;
  return std::exp(minimize_bounded(of_logarithm, left, right, {1e-9, 500}));
}

}  // namespace histokt
