// SPDX-License-Identifier: MIT
#include "report/plot.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/text.hpp"

namespace histokt {
namespace {

// All in pixels.
constexpr double kWidth = 760, kLeft = 72, kRight = 20, kPanelHeight = 190, kPanelGap = 34, kLegendLine = 20;
constexpr double kCharacter = 6.6;  // the mean width of a letter at 12 pixels, for the legend's layout
constexpr std::array kColours = {"#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"};
constexpr const char* kGrey = "#888888";
constexpr std::size_t kMarkers = 4;

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
    }
  }
  return result;
}

std::string label_of(double value) {
  return formatted("%.6g", std::abs(value) < 1e-12 ? 0.0 : value);
}

// Letters, not bytes: what follows in a letter of UTF-8 begins with the bits 10.
double width_of(const std::string& text) {
  const auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  return kCharacter * static_cast<double>(std::count_if(text.begin(), text.end(), begins));
}

std::string text_at(double x, double y, const std::string& text, const char* more = "") {
  return formatted("<text x=\"%.1f\" y=\"%.1f\" %s>", x, y, more) + escaped(text) + "</text>\n";
}

std::string line(double x1, double y1, double x2, double y2, const char* stroke) {
  return formatted("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>\n", x1, y1, x2, y2,
                   stroke);
}

std::string marker(std::size_t form, double x, double y, const char* colour) {
  switch (form % kMarkers) {
    case 0:
      return formatted("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>\n", x, y, colour);
    case 1:
      return formatted("<rect x=\"%.1f\" y=\"%.1f\" width=\"5.6\" height=\"5.6\" fill=\"%s\"/>\n", x - 2.8,
                       y - 2.8, colour);
    case 2:
      return formatted("<path d=\"M%.1f %.1f l3.6 6.2 h-7.2 z\" fill=\"%s\"/>\n", x, y - 4, colour);
    default:
      return formatted("<path d=\"M%.1f %.1f l3.8 3.8 l-3.8 3.8 l-3.8 -3.8 z\" fill=\"%s\"/>\n", x, y - 3.8,
                       colour);
  }
}

// How lines of one name are drawn, in the order of their first appearance.
class Legend {
 public:
  explicit Legend(const Figure& figure) {
    for (const Panel& panel : figure.panels) {
      for (const Series& series : panel.series) {
        if (place_of(series) == entries_.size())
          entries_.push_back({series.name, series.reference, count(series)});
      }
    }
  }
  const char* colour(const Series& series) const {
    const Entry& entry = entries_.at(place_of(series));
    return entry.reference ? kGrey : kColours[entry.number % kColours.size()];
  }
  std::size_t form(const Series& series) const { return entries_.at(place_of(series)).number; }

  // Draws it from y on, in as many lines as it takes, and moves y below it.
  std::string draw(double& y) const {
    std::string result;
    double x = kLeft;
    for (const Entry& entry : entries_) {
      const double width = 34 + width_of(entry.name) + 18;
      if (x > kLeft && x + width > kWidth - kRight) {
        x = kLeft;
        y += kLegendLine;
      }
      const Series series{entry.name, {}, entry.reference};
      result += formatted(
          "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" stroke-width=\"1.8\"%s/>\n", x,
          y, x + 26, y, colour(series), entry.reference ? " stroke-dasharray=\"5 4\"" : "");
      if (!entry.reference) result += marker(entry.number, x + 13, y, colour(series));
      result += text_at(x + 32, y + 4, entry.name);
      x += width;
    }
    y += kLegendLine;
    return result;
  }

 private:
  struct Entry {
    std::string name;
    bool reference;
    std::size_t number;  // among those that are no reference
  };
  std::size_t place_of(const Series& series) const {
    const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
      return entry.name == series.name && entry.reference == series.reference;
    });
    return static_cast<std::size_t>(found - entries_.begin());
  }
  std::size_t count(const Series& series) { return series.reference ? 0 : plain_++; }

  std::vector<Entry> entries_;
  std::size_t plain_ = 0;
};

// Values of an axis and the pixels they stand at.
struct Scale {
  double low = 0, high = 1, first_pixel = 0, last_pixel = 1;

  double at(double value) const {
    return first_pixel + (value - low) / (high - low) * (last_pixel - first_pixel);
  }
};

struct Range {
  double low = std::numeric_limits<double>::infinity(), high = -std::numeric_limits<double>::infinity();

  void add(double value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

Scale x_scale(const Figure& figure) {
  Range range;
  for (const Panel& panel : figure.panels) {
    for (const Series& series : panel.series) {
      for (const auto& [x, y] : series.points) range.add(x);
    }
  }
  if (!figure.x_names.empty()) range = {-0.5, static_cast<double>(figure.x_names.size()) - 0.5};
  if (!(range.high > range.low))
    range = {std::isfinite(range.low) ? range.low - 0.5 : 0, std::isfinite(range.low) ? range.low + 0.5 : 1};
  return {range.low, range.high, kLeft, kWidth - kRight};
}

std::vector<double> y_ticks(const Panel& panel) {
  Range range;
  for (const Series& series : panel.series) {
    for (const auto& [x, y] : series.points) range.add(y);
  }
  return round_ticks(panel.low.value_or(range.low), panel.high.value_or(range.high));
}

std::string curve(const Series& series, const Legend& legend, const Scale& x, const Scale& y) {
  const char* colour = legend.colour(series);
  std::string path, markers;
  bool open = false;
  for (const auto& [at, value] : series.points) {
    const bool there = std::isfinite(at) && std::isfinite(value);
    if (there) path += formatted("%s%.1f %.1f ", open ? "L" : "M", x.at(at), y.at(value));
    if (there && !series.reference) markers += marker(legend.form(series), x.at(at), y.at(value), colour);
    open = there;
  }
  return "<path d=\"" + path +
         formatted("\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.8\"%s/>\n", colour,
                   series.reference ? " stroke-dasharray=\"5 4\"" : "") +
         markers;
}

std::string draw_panel(const Panel& panel, const Legend& legend, const Scale& x, double top) {
  const double bottom = top + kPanelHeight;
  const std::vector<double> ticks = y_ticks(panel);
  const Scale y{ticks.front(), ticks.back(), bottom, top};
  std::string result = text_at(kLeft, top - 9, panel.title, "font-weight=\"bold\"");
  for (const double tick : ticks) {
    result += line(kLeft, y.at(tick), kWidth - kRight, y.at(tick), "#E3E3E3");
    result += text_at(kLeft - 8, y.at(tick) + 4, label_of(tick), "text-anchor=\"end\"");
  }
  for (const Series& series : panel.series) {
    if (series.reference) result += curve(series, legend, x, y);
  }
  for (const Series& series : panel.series) {
    if (!series.reference) result += curve(series, legend, x, y);
  }
  return result + line(kLeft, top, kLeft, bottom, "#444444") +
         line(kLeft, bottom, kWidth - kRight, bottom, "#444444");
}

// What stands under the last panel; moves y below it.
std::string draw_x_axis(const Figure& figure, const Scale& x, double& y) {
  std::string result;
  double longest = 12;
  for (std::size_t i = 0; i < figure.x_names.size(); ++i) {
    const double at = x.at(static_cast<double>(i));
    result += line(at, y, at, y + 4, "#444444");
    const std::string turned =
        formatted("text-anchor=\"end\" transform=\"rotate(-50 %.1f %.1f)\"", at + 4, y + 14);
    result += text_at(at + 4, y + 14, figure.x_names[i], turned.c_str());
    longest = std::max(longest, 0.77 * width_of(figure.x_names[i]) + 12);
  }
  if (figure.x_names.empty()) {
    for (const double tick : round_ticks(x.low, x.high)) {
      if (tick < x.low - 1e-9 || tick > x.high + 1e-9) continue;
      result += line(x.at(tick), y, x.at(tick), y + 4, "#444444");
      result += text_at(x.at(tick), y + 18, label_of(tick), "text-anchor=\"middle\"");
    }
  }
  y += longest + 24;
  result += text_at((kLeft + kWidth - kRight) / 2, y, figure.x_title, "text-anchor=\"middle\"");
  y += 14;
  return result;
}

}  // namespace

std::vector<double> round_ticks(double low, double high) {
  if (!std::isfinite(low) || !std::isfinite(high)) low = high = std::isfinite(low) ? low : 0;
  if (!(high > low)) {
    const double around = low == 0 ? 1 : std::abs(low) / 2;
    low -= around;
    high += around;
  }
  const double rough = (high - low) / 5, power = std::pow(10, std::floor(std::log10(rough)));
  const double step = power * (rough / power < 1.5   ? 1
                               : rough / power < 3.5 ? 2
                               : rough / power < 7.5 ? 5
                                                     : 10);
  // A value that is a multiple up to rounding is one.
  const auto first = static_cast<long>(std::floor(low / step + 1e-9)),
             last = static_cast<long>(std::ceil(high / step - 1e-9));
  std::vector<double> ticks;
  for (long i = first; i <= last; ++i) ticks.push_back(static_cast<double>(i) * step);
  return ticks;
}

std::string svg(const Figure& figure) {
  const Legend legend(figure);
  const Scale x = x_scale(figure);
  double y = 22;
  std::string body = legend.draw(y);
  y += 22;
  for (const Panel& panel : figure.panels) {
    body += draw_panel(panel, legend, x, y);
    y += kPanelHeight + kPanelGap;
  }
  y -= kPanelGap;
  body += draw_x_axis(figure, x, y);
  return formatted(
             "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f "
             "%.0f\" "
             "font-family=\"Helvetica, Arial, DejaVu Sans, sans-serif\" font-size=\"12\" fill=\"#222222\">\n"
             "<rect width=\"100%%\" height=\"100%%\" fill=\"#FFFFFF\"/>\n",
             kWidth, y, kWidth, y) +
         body + "</svg>\n";
}

}  // namespace histokt
