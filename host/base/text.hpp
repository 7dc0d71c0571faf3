// SPDX-License-Identifier: MIT
// Text helpers for messages and tables.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace histokt {

// The candidate nearest to `word` by edit distance, or "" if none is near enough to be meant.
std::string nearest_name(std::string_view word, std::span<const std::string> candidates);

// The current name of a word of version 0.1: "picture_side" is "image_side". Other words stay as they are.
std::string renamed(std::string_view word);

// " Did you mean "learning_rate"?", or the new name of a renamed word; "" if nothing is near.
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

// "1 patient", "3 patients", "2 patches", "0 classes": the word is in the singular.
std::string counted(std::size_t count, std::string_view word);

// "a, b and c".
std::string joined(std::span<const std::string> items, std::string_view last_separator = " and ");

// Shortest decimal text that reads back as the same double: 0.03, 5e-05.
std::string number_text(double value);

// "81.2 %" of a share in 0..1.
std::string percent_text(double share);

// A cell of CSV, quoted if necessary; and a line of such cells, with its line end.
std::string csv_cell(const std::string& text);
std::string csv_line(std::span<const std::string> cells);

// Formats as printf does.
[[gnu::format(printf, 1, 2)]] std::string formatted(const char* format, ...);

// Letters, digits, '.', '_' and '-' as they are, everything else as '-': for names of files and folders.
std::string file_safe(std::string_view text);

}  // namespace histokt
