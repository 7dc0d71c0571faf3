// SPDX-License-Identifier: MIT
// The words that people read: counts, numbers, names that were meant.
#include "base/text.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace histokt {
namespace {

TEST(Text, CountsInEnglish) {
  EXPECT_EQ("1 patch", counted(1, "patch"));
  EXPECT_EQ("2 patches", counted(2, "patch"));
  EXPECT_EQ("0 classes", counted(0, "class"));
  EXPECT_EQ("3 epochs", counted(3, "epoch"));
}

TEST(Text, OfNanHasNoSign) {
  EXPECT_EQ("nan", number_text(-std::nan("")));
  EXPECT_EQ("-0.5", number_text(-0.5));
}

TEST(Text, NamesWhatAnOldNameIsCalledNow) {
  const std::vector<std::string> names = {"image_side", "images_per_patient"};
  EXPECT_EQ(" It is called \"images_per_patient\" now.", did_you_mean("pictures_per_patient", names));
  EXPECT_EQ(" Did you mean \"image_side\"?", did_you_mean("image_sid", names));
  EXPECT_EQ("image", renamed("picture"));
  EXPECT_EQ("slide", renamed("slide"));
}

}  // namespace
}  // namespace histokt
