// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <histokt/adapters/text.hpp>

#include <vector>

namespace histokt::adapters {
namespace {

TEST(Text, KnowsUtf8FromWhatOnlyLooksLikeIt) {
  EXPECT_TRUE(
      is_utf8("Gr\xC3\xB6\xC3\x9F"
              "e \xE2\x82\xAC \xF0\x9F\x94\xAC"));
  for (const char* bytes :
       {"\xFC", "\xC3", "\xC0\x80", "\xED\xA0\x80", "\xE0\x80\x80", "\xF4\x90\x80\x80", "\xE2\x82"}) {
    EXPECT_FALSE(is_utf8(bytes));
  }
}

TEST(Text, ListsTheFirstItemsAndCountsTheRest) {
  const std::vector<std::string> items = {"a", "b", "c", "d"};
  EXPECT_EQ("a, b, c and d", listed(items));
  EXPECT_EQ("a, b and 2 more", listed(items, 2));
}

TEST(Text, ReplacesFromLeftToRight) {
  EXPECT_EQ("a-b---c", replaced("a---b-----c", "---", "-"));
  EXPECT_EQ("a-b", replaced("a---b", "---", "-"));
}

TEST(Text, NamesOnlyWhatIsNear) {
  const std::vector<std::string> names = {"stroma", "tumour"};
  EXPECT_EQ(", did you mean \"stroma\"?", did_you_mean("Stromal", names));
  EXPECT_EQ(".", did_you_mean("fat", names));
}

TEST(Text, JoinsLettersWithTheirMarksAndTakesThemApart) {
  const std::vector<std::pair<std::string, std::string>> pairs = {
      {"Gr\xC3\xBC\xC3\x9F"
       "e",
       "Gru\xCC\x88\xC3\x9F"
       "e"},                                  // one mark
      {"\xE1\xBB\x87", "e\xCC\xA3\xCC\x82"},  // two marks
      {"\xED\x95\x9C\xEA\xB8\x80",
       "\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB\xE1\x84\x80\xE1\x85\xB3\xE1\x86\xAF"},  // Hangul
      {"\xE3\x81\x8C", "\xE3\x81\x8B\xE3\x82\x99"}};                                 // kana
  for (const auto& [whole, apart] : pairs) {
    EXPECT_EQ(whole, composed(apart));
    EXPECT_EQ(whole, composed(whole));
    EXPECT_EQ(apart, decomposed(whole));
    EXPECT_EQ(apart, decomposed(apart));
  }
  EXPECT_EQ("\xE1\xBB\x87", composed("e\xCC\x82\xCC\xA3")) << "marks in another order";
  EXPECT_EQ("plain", composed("plain"));
  EXPECT_EQ("\xFC", composed("\xFC")) << "what is not UTF-8 stays";
}

}  // namespace
}  // namespace histokt::adapters
