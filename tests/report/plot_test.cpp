// SPDX-License-Identifier: MIT
#include "report/plot.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace histokt {
namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

Figure two_panels() {
  const Series crc{"crc", {{0, 1}, {1, 2}, {2, 3}}}, os{"os", {{0, 3}, {1, 2}, {2, 1}}};
  const Series chance{"chance", {{0, 1}, {2, 1}}, true};
  return {"layer", {"conv1", "layer1", "fc"}, {{"energy", {crc, os, chance}}, {"distance", {crc, os}}}};
}

TEST(Plot, NamesEachLineOnceAndDrawsItInEachPanel) {
  const std::string text = svg(two_panels());
  for (const char* name : {">crc<", ">os<", ">chance<", ">energy<", ">distance<", ">conv1<", ">layer<"}) {
    EXPECT_EQ(1u, count(text, name)) << name;
  }
  EXPECT_EQ(2u + 1u, count(text, "stroke=\"#0072B2\"")) << "two panels and the legend";
  EXPECT_EQ(1u + 1u, count(text, "stroke-dasharray"));
  EXPECT_EQ(2u * 3u + 1u, count(text, "<circle")) << "a marker a point, and one in the legend";
}

TEST(Plot, GivesTheSameBytesAgain) {
  EXPECT_EQ(svg(two_panels()), svg(two_panels()));
}

TEST(Plot, LeavesAGapWhereThereIsNoNumber) {
  const Figure figure{"t", {}, {{"loss", {{"a", {{0, 1}, {0.5, NAN}, {1, 2}}}}}}};
  const std::string text = svg(figure);
  EXPECT_EQ(std::string::npos, text.find("nan"));
  const std::size_t path = text.find("<path d=\"M");
  ASSERT_NE(std::string::npos, path);
  EXPECT_EQ(2u, count(text.substr(path, text.find("\"", path + 9) - path), "M"));
}

TEST(Plot, EscapesNames) {
  const std::string text = svg({"a < b & \"c\"", {}, {{"loss", {{"<script>", {{0, 1}}}}}}});
  EXPECT_EQ(std::string::npos, text.find("<script>"));
  EXPECT_NE(std::string::npos, text.find("a &lt; b &amp; &quot;c&quot;"));
}

TEST(Plot, StandsWithoutAnyPoint) {
  EXPECT_EQ(std::string::npos, svg({"t", {}, {{"loss", {}}}}).find("inf"));
}

TEST(RoundTicks, CoverTheRangeInRoundSteps) {
  EXPECT_EQ((std::vector<double>{0, 0.2, 0.4, 0.6000000000000001, 0.8, 1}), round_ticks(0, 1));
  const std::vector<double> ticks = round_ticks(-0.013, 0.077);
  EXPECT_LE(ticks.front(), -0.013);
  EXPECT_GE(ticks.back(), 0.077);
  EXPECT_LE(ticks.size(), 10u);
}

TEST(RoundTicks, TellOneValueFromItsSurroundings) {
  EXPECT_LT(round_ticks(3, 3).front(), 3);
  EXPECT_GT(round_ticks(3, 3).back(), 3);
  EXPECT_GE(round_ticks(INFINITY, -INFINITY).size(), 2u);
}

}  // namespace
}  // namespace histokt
