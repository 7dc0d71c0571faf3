// SPDX-License-Identifier: MIT
#include "rebasin/assignment.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace histokt {
namespace {

constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

// Costs are the gains' negatives. Throughout, cost(i, j) - row_price[i] - column_price[j] is at least 0, and
// 0 where row i has column j.
class Assignment {
 public:
  Assignment(std::span<const double> gains, std::size_t n)
      : gains_(gains),
        n_(n),
        row_price_(n, 0.0),
        column_price_(n, 0.0),
        column_of_(n, kNone),
        row_of_(n, kNone),
        reached_from_(n, kNone),
        distance_(n) {}

  Permutation solve() {
    reduce_columns();
    for (std::size_t row = 0; row < n_; ++row) {
      if (column_of_[row] == kNone) augment(row);
    }
    return std::move(column_of_);
  }

 private:
  double cost(std::size_t row, std::size_t column) const { return -gains_[row * n_ + column]; }

  // Each column is priced at its cheapest row, which gets it if it has none yet.
  void reduce_columns() {
    std::vector<std::size_t> cheapest(n_, 0);
    for (std::size_t row = 1; row < n_; ++row) {
      for (std::size_t column = 0; column < n_; ++column) {
        if (cost(row, column) < cost(cheapest[column], column)) cheapest[column] = row;
      }
    }
    for (std::size_t column = 0; column < n_; ++column) {
      const std::size_t row = cheapest[column];
      column_price_[column] = cost(row, column);
      if (column_of_[row] != kNone) continue;
      column_of_[row] = column;
      row_of_[column] = row;
    }
  }

  // Gives `start` a column along the cheapest alternating path to a free one, after Dijkstra.
  void augment(std::size_t start) {
    std::vector<std::size_t> open(n_), rows = {start}, columns;
    for (std::size_t column = 0; column < n_; ++column) open[column] = column;
    std::fill(distance_.begin(), distance_.end(), std::numeric_limits<double>::infinity());
    double so_far = 0;
    std::size_t row = start, end = kNone;
    while (end == kNone) {
      const std::size_t nearest = relax(row, so_far, open);
      const std::size_t column = open[nearest];
      so_far = distance_[column];
      open[nearest] = open.back();
      open.pop_back();
      columns.push_back(column);
      if (row_of_[column] == kNone) {
        end = column;
      } else {
        row = row_of_[column];
        rows.push_back(row);
      }
    }
    row_price_[start] += so_far;
    for (std::size_t i = 1; i < rows.size(); ++i)
      row_price_[rows[i]] += so_far - distance_[column_of_[rows[i]]];
    for (std::size_t column : columns) column_price_[column] -= so_far - distance_[column];
    for (std::size_t column = end; column != kNone;) {
      const std::size_t taker = reached_from_[column];
      row_of_[column] = taker;
      std::swap(column_of_[taker], column);
    }
  }

  // Shortens the ways over `row` to the open columns; the place in `open` of the nearest, a free one if there
  // is.
  std::size_t relax(std::size_t row, double so_far, const std::vector<std::size_t>& open) {
    std::size_t nearest = 0;
    for (std::size_t at = 0; at < open.size(); ++at) {
      const std::size_t column = open[at];
      const double way = so_far + cost(row, column) - row_price_[row] - column_price_[column];
      if (way < distance_[column]) {
        distance_[column] = way;
        reached_from_[column] = row;
      }
      const double best = distance_[open[nearest]];
      if (distance_[column] < best || (distance_[column] == best && row_of_[column] == kNone)) nearest = at;
    }
    return nearest;
  }

  std::span<const double> gains_;
  std::size_t n_;
  std::vector<double> row_price_, column_price_;
  std::vector<std::size_t> column_of_, row_of_, reached_from_;
  std::vector<double> distance_;
};

}  // namespace

Permutation best_assignment(std::span<const double> gains, std::size_t n) {
  return Assignment(gains, n).solve();
}

}  // namespace histokt
