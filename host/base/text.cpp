// SPDX-License-Identifier: MIT
#include "base/text.hpp"

#include <cstdio>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdarg>
#include <numeric>

namespace histokt {
namespace {

// Levenshtein distance with a swap of neighbours counted as one edit, case ignored.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + change});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1])) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

}  // namespace

std::string nearest_name(std::string_view word, std::span<const std::string> candidates) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(2, word.size() / 2) + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance && distance < std::max(word.size(), candidate.size())) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string renamed(std::string_view word) {
  constexpr std::string_view kBefore = "picture", kNow = "image";
  std::string now(word);
  for (auto at = now.find(kBefore); at != std::string::npos; at = now.find(kBefore, at + kNow.size())) {
    now.replace(at, kBefore.size(), kNow);
  }
  return now;
}

std::string did_you_mean(std::string_view word, std::span<const std::string> candidates) {
  const std::string now = renamed(word);
  if (now != word && std::ranges::find(candidates, now) != candidates.end()) {
    return " It is called \"" + now + "\" now.";
  }
  const std::string nearest = nearest_name(word, candidates);
  return nearest.empty() ? "" : " Did you mean \"" + nearest + "\"?";
}

std::string counted(std::size_t count, std::string_view word) {
  const bool hissing =
      word.ends_with("s") || word.ends_with("tch") || word.ends_with("sh") || word.ends_with("x");
  return std::to_string(count) + " " + std::string(word) + (count == 1 ? "" : hissing ? "es" : "s");
}

std::string joined(std::span<const std::string> items, std::string_view last_separator) {
  std::string text;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i) text += i + 1 == items.size() ? last_separator : std::string_view(", ");
    text += items[i];
  }
  return text;
}

std::string number_text(double value) {
  if (std::isnan(value)) return "nan";  // whatever its sign bit
  char text[64];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  return error == std::errc() ? std::string(text, end) : "?";
}

std::string formatted(const char* format, ...) {
  std::va_list values, again;
  va_start(values, format);
  va_copy(again, values);
  std::string text(static_cast<std::size_t>(std::max(0, std::vsnprintf(nullptr, 0, format, values))), '\0');
  std::vsnprintf(text.data(), text.size() + 1, format, again);
  va_end(again);
  va_end(values);
  return text;
}

std::string file_safe(std::string_view text) {
  std::string safe(text);
  for (char& c : safe) {
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '.' && c != '_' && c != '-') c = '-';
  }
  return safe;
}

std::string percent_text(double share) {
  return formatted("%.1f %%", 100 * share);
}

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

std::string csv_line(std::span<const std::string> cells) {
  std::string line;
  for (const std::string& cell : cells) line += (&cell == cells.data() ? "" : ",") + csv_cell(cell);
  return line + "\n";
}

}  // namespace histokt
