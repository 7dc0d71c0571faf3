// SPDX-License-Identifier: MIT
#include "report/event_file.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "support/event_reader.hpp"

namespace histokt {
namespace {

// Of RFC 3720, B.4, and the usual check value.
TEST(Crc32c, HasTheKnownValues) {
  EXPECT_EQ(crc32c("123456789"), 0xE3069283u);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAu);
  EXPECT_EQ(crc32c(std::string(32, '\xFF')), 0x62A8AB43u);
  EXPECT_EQ(crc32c(""), 0u);
}

TEST(Crc32c, IsMaskedByATurnAndASum) {
  EXPECT_EQ(masked_crc32c(""), 0xA282EAD8u);
  EXPECT_EQ(masked_crc32c("123456789"), ((0xE3069283u >> 15) | (0xE3069283u << 17)) + 0xA282EAD8u);
}

TEST(EventFile, BeginsWithItsVersion) {
  const auto events = test::read_events(event_file({}));
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].file_version, "brain.Event:2");
}

TEST(EventFile, GivesBackStepsTimesAndValues) {
  const auto events = test::read_events(
      event_file({{1, 1.5e9, {{"loss/train", 0.25}}}, {300, 1.5e9 + 60, {{"a", -2}, {"b", 3}}}}));
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[1].step, 1);
  EXPECT_EQ(events[1].wall_time, 1.5e9);
  EXPECT_EQ(events[1].scalars, (std::map<std::string, float>{{"loss/train", 0.25f}}));
  EXPECT_EQ(events[2].step, 300);
  EXPECT_EQ(events[2].scalars, (std::map<std::string, float>{{"a", -2.f}, {"b", 3.f}}));
}

TEST(EventFile, LeavesOutWhatIsNotFinite) {
  const auto events = test::read_events(event_file(
      {{1,
        0,
        {{"undefined", std::nan("")}, {"endless", std::numeric_limits<double>::infinity()}, {"x", 1}}}}));
  EXPECT_EQ(events.at(1).scalars, (std::map<std::string, float>{{"x", 1.f}}));
}

TEST(EventFile, IsRefusedByItsChecksumsWhereABitIsAnother) {
  std::string file = event_file({{1, 0, {{"x", 1}}}});
  file[file.size() - 6] ^= 1;
  EXPECT_THROW(test::read_events(file), std::runtime_error);
}

}  // namespace
}  // namespace histokt
