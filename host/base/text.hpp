// Small helpers for text that people read.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace histokt {

// The candidate nearest to `word` by edit distance, or "" where none is near enough to be meant.
std::string nearest_name(std::string_view word, std::span<const std::string> candidates);

// "did you mean `learning_rate`?" with a leading blank, or "" where nothing is near.
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

// "a, b and c".
std::string joined(std::span<const std::string> items, std::string_view last_separator = " and ");

// Shortest decimal text that reads back as the same double: 0.03, 5e-05.
std::string number_text(double value);

// "81.2 %" of a share in 0..1.
std::string percent_text(double share);

// A cell of CSV, quoted where it must be; and a line of such cells, its end included.
std::string csv_cell(const std::string& text);
std::string csv_line(std::span<const std::string> cells);

// As printf has it.
[[gnu::format(printf, 1, 2)]] std::string formatted(const char* format, ...);

// Letters, digits, '.', '_' and '-' as they are, everything else as '-': for names of files and folders.
std::string file_safe(std::string_view text);

}  // namespace histokt
