// SPDX-License-Identifier: MIT
// A distiller's declared control: accepted if valid, reported if not.
#include "plugins/distiller_control.hpp"

#include <gtest/gtest.h>

#include <histokt/options.hpp>

#include "base/errors.hpp"

namespace histokt {
namespace {

const char* const kDirections[] = {"joint", "random", nullptr};
constexpr histokt_option kOptions[] = {
    string_option("directions", "\"joint\"", kDirections, "What is projected on."),
    integer_option("rank", "0", 0, 100, "Directions kept.")};

// What the plugin below answers when it is asked for its control.
const histokt_distiller_control* answer = nullptr;

const histokt_distiller_api kApi = {
    sizeof(histokt_distiller_api), 0, nullptr, nullptr, nullptr, [](const char* id) -> const void* {
      return std::string_view(id) == HISTOKT_DISTILLER_CONTROL ? answer : nullptr;
    }};
const histokt_descriptor kDescriptor = {HISTOKT_MAGIC,
                                        sizeof(histokt_descriptor),
                                        HISTOKT_ABI_MAJOR,
                                        HISTOKT_ABI_MINOR,
                                        HISTOKT_DISTILLER,
                                        0,
                                        sizeof(histokt_option),
                                        "ours",
                                        "1.0.0",
                                        "",
                                        "",
                                        "",
                                        "",
                                        kOptions,
                                        std::size(kOptions),
                                        &kApi,
                                        nullptr};

std::optional<DistillerControl> declared(const histokt_distiller_control* control) {
  answer = control;
  return declared_control(Plugin("/plugins/histokt-distiller-ours.so", kDescriptor, ""));
}

// Constant data of a library is what a plugin hands out; so is this.
template <int which, typename... Pairs>
const histokt_distiller_control* with_options(Pairs... pairs) {
  static const histokt_pair options[] = {pairs...};
  static const histokt_distiller_control control = {
      sizeof(histokt_distiller_control), 0,       "random directions",
      "Projects on random ones.",        options, std::size(options)};
  return &control;
}

void expect_refused(const histokt_distiller_control* control, const std::string& reason) {
  try {
    declared(control);
    ADD_FAILURE() << "taken, though " << reason;
  } catch (const RequestError& error) {
    const std::string text = error.what();
    EXPECT_EQ(0u, text.find("/plugins/histokt-distiller-ours.so: the plugin is refused: its control "))
        << text;
    EXPECT_NE(std::string::npos, text.find(reason)) << text;
    EXPECT_NE(std::string::npos, text.find("report it to its authors")) << text;
  }
}

TEST(DistillerControl, IsNoneWhereThePluginDeclaresNone) {
  EXPECT_FALSE(declared(nullptr));
}

TEST(DistillerControl, IsTakenAsDeclared) {
  const auto control =
      declared(with_options<0>(histokt_pair{"directions", "\"random\""}, histokt_pair{"rank", "3"}));
  ASSERT_TRUE(control);
  EXPECT_EQ("random directions", control->name);
  EXPECT_EQ("Projects on random ones.", control->summary);
  EXPECT_EQ("random", control->options["directions"].value_or(std::string()));
  EXPECT_EQ(3, control->options["rank"].value_or(0));
}

TEST(DistillerControl, IsRefusedWithAnOptionThatThePluginHasNot) {
  expect_refused(with_options<1>(histokt_pair{"direction", "\"random\""}), "Did you mean \"directions\"?");
}

TEST(DistillerControl, IsRefusedWithAValueOutsideOfTheOptionsRange) {
  expect_refused(with_options<2>(histokt_pair{"directions", "\"sideways\""}), "sideways");
  expect_refused(with_options<3>(histokt_pair{"rank", "101"}), "101");
}

TEST(DistillerControl, IsRefusedWithAValueThatIsNoToml) {
  expect_refused(with_options<4>(histokt_pair{"directions", "random"}),
                 "sets directions to \"random\", which is no TOML value");
}

TEST(DistillerControl, IsRefusedWithoutNameOptionsOrTexts) {
  static const histokt_pair options[] = {{"rank", "3"}, {"directions", nullptr}};
  const auto* elsewhere = reinterpret_cast<const char*>(0x10);
  static const histokt_distiller_control nameless = {sizeof nameless, 0, nullptr, "It is.", options, 1};
  static const histokt_distiller_control empty = {sizeof empty, 0, "none", "It is.", options, 0};
  static const histokt_distiller_control lost = {sizeof lost, 0, elsewhere, "It is.", options, 1};
  static const histokt_distiller_control half = {sizeof half, 0, "half", "It is.", options, 2};
  static const histokt_distiller_control endless = {sizeof endless, 0, "long", "It is.", options, 1u << 30};
  static const histokt_distiller_control small = {8, 0, "small", "It is.", options, 1};
  expect_refused(&nameless, "has no name or no summary");
  expect_refused(&lost, "has no name or no summary");
  expect_refused(&empty, "sets 0 options");
  expect_refused(&endless, "options, expected");
  expect_refused(&half, "entry 2 of its options");
  expect_refused(&small, "smaller than this host expects");
  expect_refused(reinterpret_cast<const histokt_distiller_control*>(0x10), "outside of the library");
}

}  // namespace
}  // namespace histokt
