// SPDX-License-Identifier: MIT
#include <histokt/adapters/text.hpp>

#include <algorithm>
#include <iterator>
#include <vector>

#include "unicode_tables.hpp"

namespace histokt::adapters {
namespace {

// Hangul syllables follow from their parts: 588 to a leading consonant, 28 to a vowel.
constexpr char32_t kSyllables = 0xAC00, kLeads = 0x1100, kVowels = 0x1161, kTails = 0x11A7;
constexpr char32_t kLeadCount = 19, kVowelCount = 21, kTailCount = 28;

std::u32string characters_of(std::string_view utf8) {
  std::u32string text;
  for (std::size_t at = 0; at < utf8.size();) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(utf8[at + i]); };
    const std::size_t length = byte(0) < 0x80 ? 1 : byte(0) < 0xE0 ? 2 : byte(0) < 0xF0 ? 3 : 4;
    constexpr unsigned char kOwnBits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    char32_t value = byte(0) & kOwnBits[length];
    for (std::size_t i = 1; i < length; ++i) value = value << 6 | (byte(i) & 0x3Fu);
    text += value;
    at += length;
  }
  return text;
}

std::string utf8_of(const std::u32string& text) {
  std::string utf8;
  const auto add = [&](char32_t value) { utf8 += static_cast<char>(static_cast<unsigned char>(value)); };
  for (const char32_t c : text) {
    if (c < 0x80) {
      add(c);
    } else if (c < 0x800) {
      add(0xC0 | c >> 6), add(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
      add(0xE0 | c >> 12), add(0x80 | (c >> 6 & 0x3F)), add(0x80 | (c & 0x3F));
    } else {
      add(0xF0 | c >> 18), add(0x80 | (c >> 12 & 0x3F)), add(0x80 | (c >> 6 & 0x3F)), add(0x80 | (c & 0x3F));
    }
  }
  return utf8;
}

unsigned char combining_class(char32_t c) {
  const auto* found =
      std::upper_bound(std::begin(kUnicodeMarks), std::end(kUnicodeMarks), c,
                       [](char32_t wanted, const UnicodeMarks& marks) { return wanted < marks.first; });
  if (found == std::begin(kUnicodeMarks)) return 0;
  --found;
  return c <= found->last ? found->combining_class : static_cast<unsigned char>(0);
}

// 0 where the two stay two.
char32_t joined(char32_t first, char32_t second) {
  if (first - kLeads < kLeadCount && second - kVowels < kVowelCount)
    return kSyllables + ((first - kLeads) * kVowelCount + (second - kVowels)) * kTailCount;
  if (first - kSyllables < kLeadCount * kVowelCount * kTailCount && (first - kSyllables) % kTailCount == 0 &&
      second - kTails - 1 < kTailCount - 1)
    return first + (second - kTails);
  const auto* found =
      std::lower_bound(std::begin(kUnicodePairs), std::end(kUnicodePairs), second,
                       [&](const UnicodePair& pair, char32_t wanted) {
                         return pair.first != first ? pair.first < first : pair.second < wanted;
                       });
  if (found == std::end(kUnicodePairs) || found->first != first || found->second != second) return 0;
  return found->composed;
}

const std::vector<UnicodePair>& pairs_by_whole() {
  static const std::vector<UnicodePair> kPairs = [] {
    std::vector<UnicodePair> pairs(std::begin(kUnicodePairs), std::end(kUnicodePairs));
    std::sort(pairs.begin(), pairs.end(),
              [](const UnicodePair& a, const UnicodePair& b) { return a.composed < b.composed; });
    return pairs;
  }();
  return kPairs;
}

void add_parts(char32_t c, std::u32string& text) {
  if (const char32_t syllable = c - kSyllables; syllable < kLeadCount * kVowelCount * kTailCount) {
    text += kLeads + syllable / (kVowelCount * kTailCount);
    text += kVowels + syllable / kTailCount % kVowelCount;
    if (syllable % kTailCount != 0) text += kTails + syllable % kTailCount;
    return;
  }
  const std::vector<UnicodePair>& pairs = pairs_by_whole();
  const auto found =
      std::lower_bound(pairs.begin(), pairs.end(), c,
                       [](const UnicodePair& pair, char32_t wanted) { return pair.composed < wanted; });
  if (found == pairs.end() || found->composed != c) {
    text += c;
    return;
  }
  add_parts(found->first, text);
  text += found->second;
}

bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Taken apart, the marks in order.
std::u32string parts_of(std::string_view text) {
  std::u32string parts;
  for (const char32_t c : characters_of(text)) add_parts(c, parts);
  for (auto at = parts.begin(); at != parts.end();) {
    const auto end = std::find_if(at, parts.end(), [](char32_t c) { return combining_class(c) == 0; });
    std::stable_sort(at, end, [](char32_t a, char32_t b) { return combining_class(a) < combining_class(b); });
    at = end == parts.end() ? end : end + 1;
  }
  return parts;
}

}  // namespace

// The algorithms of Unicode Standard Annex 15, without characters that stand for one other.
std::string decomposed(std::string_view text) {
  if (is_plain(text) || !is_utf8(text)) return std::string(text);
  return utf8_of(parts_of(text));
}

std::string composed(std::string_view text) {
  if (is_plain(text) || !is_utf8(text)) return std::string(text);
  const std::u32string parts = parts_of(text);
  std::u32string made;
  std::size_t starter = std::u32string::npos;
  unsigned char last = 0;  // class of what stands between the starter and here
  for (const char32_t c : parts) {
    const unsigned char own = combining_class(c);
    const bool reaches =
        starter != std::u32string::npos && (starter + 1 == made.size() || (last != 0 && last < own));
    const char32_t both = reaches ? joined(made[starter], c) : 0;
    if (both) {
      made[starter] = both;
      continue;
    }
    if (own == 0) starter = made.size();
    last = own;
    made += c;
  }
  return utf8_of(made);
}

}  // namespace histokt::adapters
