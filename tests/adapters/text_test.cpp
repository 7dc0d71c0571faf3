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

}  // namespace
}  // namespace histokt::adapters
