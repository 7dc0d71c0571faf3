// SPDX-License-Identifier: MIT
// Text helpers for plugins that read names and tables made by people. Safe from any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace histokt::adapters {

// Whether the bytes are UTF-8 as Unicode allows it: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view bytes);

// The same text with each letter and its marks as one character (Unicode's NFC), or taken apart (NFD). File
// systems of macOS take names apart, keyboards don't: "u" and a diaeresis is not the bytes of "\u00FC". What
// is not UTF-8 stays as it is.
std::string composed(std::string_view text);
std::string decomposed(std::string_view text);

// Without blanks and tabs at both ends.
std::string_view trimmed(std::string_view text);

// ASCII letters in lower case, everything else as it is.
std::string lower_case(std::string_view text);

// `text` with each `from` turned into `to`, from left to right, without rescanning replacements.
std::string replaced(std::string_view text, std::string_view from, std::string_view to);

// "a, b and c"; of more than `most` items the first ones and how many are left: "a, b and 7 more".
std::string listed(std::span<const std::string> items, std::size_t most = 8);

// "1 image", "3 images".
std::string counted(std::size_t count, std::string_view word);

// Ends a sentence that names `word`: ", did you mean "stroma"?" for the candidate nearest to it, or "." if
// none is near enough.
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

}  // namespace histokt::adapters
