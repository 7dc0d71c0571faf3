// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <histokt/options.hpp>
#include <string>

#include "plugins/note.hpp"
#include "sdk/struct_layouts.h"  // in C++, too

extern "C" const char* note_of_a_c_file();

namespace histokt {
namespace {

TEST(CHeader, CompilesAsC11AndWritesItsNote) {
  const std::string text = note_of_a_c_file();
  EXPECT_NE(text.find("kind=dataset\n"), std::string::npos);
  EXPECT_NE(text.find("name=written-in-c\n"), std::string::npos);
  EXPECT_NE(text.find("abi=" + std::to_string(HISTOKT_ABI_MAJOR) + "."), std::string::npos);
}

TEST(Settings, RefuseAKeyThatWasNotDeclared) {
  const histokt_value value = {"momentum", HISTOKT_NUMBER, 0, 0, 0.9, nullptr, nullptr, 0};
  const histokt_settings settings = {sizeof settings, sizeof value, &value, 1};
  EXPECT_EQ(0.9, Settings(settings).number("momentum"));
  EXPECT_THROW(Settings(settings).number("Momentum"), std::logic_error);
  EXPECT_THROW(Settings(settings).string("momentum"), std::logic_error);
}

}  // namespace
}  // namespace histokt
