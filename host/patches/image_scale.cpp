// SPDX-License-Identifier: MIT
#include "patches/image_scale.hpp"

#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdint>

#include "base/text.hpp"

namespace histokt {
namespace {

constexpr const char* kRemedy =
    "; set the dataset's `microns_per_pixel` to the scale of its images, or, where that statement is wrong, "
    "`standardize.scale_check = \"warn\"`";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_letter(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0;
}

std::optional<double> plausible(std::string_view number) {
  double value = 0;
  std::from_chars(number.data(), number.data() + number.size(), value);
  if (std::isfinite(value) && value >= 1e-3 && value <= 100) return value;
  return std::nullopt;
}

std::string_view number_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && is_digit(text[end])) ++end;
  if (end > at && end + 1 < text.size() && text[end] == '.' && is_digit(text[end + 1])) {
    ++end;
    while (end < text.size() && is_digit(text[end])) ++end;
  }
  return text.substr(at, end - at);
}

// The number that ends before `end`, with a point in it.
std::string_view number_before(std::string_view text, std::size_t end) {
  std::size_t at = end;
  while (at > 0 && (is_digit(text[at - 1]) || text[at - 1] == '.')) --at;
  const std::string_view number = text.substr(at, end - at);
  return number.find('.') != std::string_view::npos && is_digit(number.front()) ? number : std::string_view();
}

// `at` is where "mpp" stands.
std::optional<double> scale_around(std::string_view name, std::size_t at) {
  const std::size_t after = at + 3;
  if (at == 0 || !is_letter(name[at - 1])) {
    // A bare number behind it may count something else; one with a point, or behind '-' or '=', does not.
    const bool linked =
        after < name.size() && (name[after] == '-' || name[after] == '=' || name[after] == '_');
    const bool sure = linked && name[after] != '_';
    const std::string_view number = number_at(name, linked ? after + 1 : after);
    if (!number.empty() && (sure || number.find('.') != std::string_view::npos)) return plausible(number);
  }
  const bool ends = after >= name.size() || !(is_letter(name[after]) || is_digit(name[after]));
  if (!ends || at == 0) return std::nullopt;
  const bool apart = name[at - 1] == '_' || name[at - 1] == '-' || name[at - 1] == ' ';
  const std::string_view number = number_before(name, apart ? at - 1 : at);
  return number.empty() ? std::nullopt : plausible(number);
}

}  // namespace

std::optional<double> scale_in_name(std::string_view name) {
  if (const std::size_t slash = name.rfind('/'); slash != std::string_view::npos)
    name.remove_prefix(slash + 1);
  const auto low = [&](std::size_t i) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(name[i])));
  };
  for (std::size_t at = 0; at + 3 <= name.size(); ++at) {
    if (low(at) != 'm' || low(at + 1) != 'p' || low(at + 2) != 'p') continue;
    if (const auto scale = scale_around(name, at)) return scale;
  }
  return std::nullopt;
}

bool differs(double stated, double microns_per_pixel) {
  constexpr double kMost = 0.05;
  return std::abs(stated - microns_per_pixel) > kMost * microns_per_pixel * (1 + 1e-9);
}

bool differs(const StatedScale& stated, double microns_per_pixel) {
  return differs(stated.across, microns_per_pixel) || differs(stated.down, microns_per_pixel);
}

std::string scale_text(const StatedScale& stated) {
  const auto text = [](double value) { return formatted("%.4g", value); };
  return text(stated.across) +
         (differs(stated.down, stated.across) ? " x " + text(stated.down) : std::string());
}

std::string fault_in_names(const ImageDataset& dataset) {
  const ImageDatasetInfo& info = dataset.info();
  std::uint64_t count = 0;
  std::string first;
  for (std::uint64_t i = 0; i < info.size; ++i) {
    const std::string id = dataset.sample(i).id;
    const auto scale = scale_in_name(id);
    if (!scale || !differs(*scale, info.microns_per_pixel)) continue;
    if (count++ == 0) first = "`" + id + "` states " + number_text(*scale);
  }
  if (count == 0) return "";
  return "the names of " + counted(count, "image") + " of " + std::to_string(info.size) +
         " state another scale than `microns_per_pixel`, which is " + number_text(info.microns_per_pixel) +
         ": " + first + kRemedy;
}

std::string fault_in_tags(const StatedScale& stated, double microns_per_pixel) {
  return "its " + stated.where + " states " + scale_text(stated) +
         " microns per pixel, but `microns_per_pixel` is " + number_text(microns_per_pixel) + kRemedy;
}

}  // namespace histokt
