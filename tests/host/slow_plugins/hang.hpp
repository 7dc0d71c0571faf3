// SPDX-License-Identifier: MIT
// Hangs in plugins, on request of the environment: HISTOKT_TEST_HANG names the place, and HISTOKT_TEST_MARK a
// file that is made just before. An option would change the identity of the steps.
#pragma once

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <string_view>
#include <thread>

inline void hang_if_asked(std::string_view place) {
  const char* const wanted = std::getenv("HISTOKT_TEST_HANG");
  if (!wanted || place != wanted) return;
  if (const char* mark = std::getenv("HISTOKT_TEST_MARK")) std::ofstream(mark) << place;
  for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
}
