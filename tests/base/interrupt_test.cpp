// Last words; tests/host tries the signals themselves.
#include "base/interrupt.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "base/errors.hpp"

namespace histokt {
namespace {

TEST(LastWords, AreSaidNewestFirst) {
  std::string said;
  const LastWords first([&] { said += "first"; });
  const LastWords second([&] { said += "second "; });
  say_last_words();
  EXPECT_EQ("second first", said);
}

TEST(LastWords, EndWithTheirObject) {
  int said = 0;
  {
    const LastWords words([&] { ++said; });
  }
  say_last_words();
  EXPECT_EQ(0, said);
}

TEST(LastWords, ThatFailDoNotSilenceTheOthers) {
  int said = 0;
  const LastWords first([&] { ++said; });
  const LastWords second([] { throw std::runtime_error("the disk is full"); });
  say_last_words();
  EXPECT_EQ(1, said);
}

TEST(Interruption, IsThrownOnceAsked) {
  EXPECT_NO_THROW(throw_if_interrupted());
  set_interrupt_requested(true);
  EXPECT_THROW(throw_if_interrupted(), Interrupted);
  set_interrupt_requested(false);
}

}  // namespace
}  // namespace histokt
