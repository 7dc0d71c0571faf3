// SPDX-License-Identifier: MIT
// Line charts for papers, as SVG: panels above each other that share one horizontal axis and one legend.
//
//   const Series line{.name = "crc to os", .points = {{0, .3}, {.5, 1.2}, {1, .3}}};
//   const Figure figure{.x_title = "t", .panels = {{"loss", {line}}}};
//   write_file_atomically("barrier.svg", svg(figure));
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace histokt {

struct Series {
  std::string name;  // lines of one name look alike in all panels, with one legend entry
  std::vector<std::pair<double, double>> points;  // x and y; a y that is not finite leaves a gap
  bool reference = false;  // what others are compared with: grey, dashed, without markers
};

struct Panel {
  std::string title;
  std::vector<Series> series;
  // The ends of the vertical axis; by default the values' own, widened to round numbers.
  std::optional<double> low = {}, high = {};
};

struct Figure {
  std::string x_title;
  // Names of positions 0, 1, 2 ... on the horizontal axis; empty: a numeric axis.
  std::vector<std::string> x_names = {};
  std::vector<Panel> panels;
};

// A complete, self-contained SVG file. Lines differ in colour (Okabe and Ito's, distinguishable by the
// colour-blind) and in the form of their markers. The same figure gives the same bytes.
std::string svg(const Figure& figure);

// Round numbers at even distances, five to ten of them, the first not above low and the last not below high.
// If low and high are equal, or not finite, around low or 0.
std::vector<double> round_ticks(double low, double high);

}  // namespace histokt
