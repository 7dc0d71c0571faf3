// SPDX-License-Identifier: MIT
// Shutdown hooks; tests/host tests the signals themselves.
#include "base/interrupt.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "base/errors.hpp"

namespace histokt {
namespace {

TEST(ShutdownHook, AreSaidNewestFirst) {
  std::string said;
  const ShutdownHook first([&] { said += "first"; });
  const ShutdownHook second([&] { said += "second "; });
  run_shutdown_hooks();
  EXPECT_EQ("second first", said);
}

TEST(ShutdownHook, EndWithTheirObject) {
  int said = 0;
  {
    const ShutdownHook words([&] { ++said; });
  }
  run_shutdown_hooks();
  EXPECT_EQ(0, said);
}

TEST(ShutdownHook, ThatFailDoNotSilenceTheOthers) {
  int said = 0;
  const ShutdownHook first([&] { ++said; });
  const ShutdownHook second([] { throw std::runtime_error("the disk is full"); });
  run_shutdown_hooks();
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
