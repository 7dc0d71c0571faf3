// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <histokt/adapters/choices.hpp>

#include <set>

#include "support/fake_host.hpp"

namespace histokt::adapters {
namespace {

constexpr histokt_option kOptions[] = {microns_per_pixel_option("0.5"), classes_option(), per_class_option(),
                                       draw_seed_option()};

// Options with their defaults, but for what a test sets.
class Chosen {
 public:
  Chosen() : settings_(plugin(), {}) {}
  Chosen(const std::string& key, const std::string& value) : settings_(plugin(), {{key, value}}) {}
  Settings view() const { return Settings(*settings_.raw()); }

 private:
  static histokt_descriptor plugin() {
    histokt_descriptor plugin{};
    plugin.options = kOptions;
    plugin.option_count = std::size(kOptions);
    return plugin;
  }
  test::FakeSettings settings_;
};

std::vector<Sample> samples(int count) {
  std::vector<Sample> made;
  for (int i = 0; i < count; ++i) made.push_back({.id = std::to_string(i), .group = "", .label = i % 2});
  return made;
}

std::vector<std::string> ids(const std::vector<Sample>& samples) {
  std::vector<std::string> found;
  for (const Sample& sample : samples) found.push_back(sample.id);
  return found;
}

std::string reason(const std::string& classes) {
  const Chosen chosen("classes", classes);
  try {
    ClassChoice({"HP", "SSA"}, chosen.view());
  } catch (const BadRequest& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(ClassChoice, TakesAllInThePublishedOrderByDefault) {
  const Chosen chosen;
  const ClassChoice choice({"HP", "SSA"}, chosen.view());
  EXPECT_EQ((std::vector<std::string>{"HP", "SSA"}), choice.classes());
  EXPECT_EQ(1, choice.label("SSA"));
  EXPECT_FALSE(choice.knows("SSL"));
}

TEST(ClassChoice, TakesTheNamedOnesInTheirOrder) {
  const Chosen chosen("classes", "[\"TUM\", \"BACK\"]");
  const ClassChoice choice({"ADI", "TUM"}, chosen.view(), {"ADI", "BACK", "TUM"});
  EXPECT_EQ((std::vector<std::string>{"TUM", "BACK"}), choice.classes());
  EXPECT_EQ(std::nullopt, choice.label("ADI"));
  EXPECT_TRUE(choice.knows("ADI"));
}

TEST(ClassChoice, RefusesUnknownAndRepeatedNames) {
  EXPECT_EQ("the option classes names \"SSL\", did you mean \"SSA\"? This dataset has HP and SSA",
            reason("[\"SSL\"]"));
  EXPECT_EQ("the option classes names \"HP\" twice", reason("[\"HP\", \"HP\"]"));
}

TEST(Drawn, TakesSoManyOfEachClassAndPartInTheirOrder) {
  std::vector<Sample> all = samples(100);
  for (std::size_t i = 50; i < 100; ++i) all[i].official_split = HISTOKT_SPLIT_TEST;
  const std::vector<Sample> some = drawn(all, 10, 0);
  ASSERT_EQ(40u, some.size());
  std::map<std::pair<int, histokt_split>, int> counts;
  for (const Sample& sample : some) ++counts[{sample.label, sample.official_split}];
  for (const auto& [part, count] : counts) EXPECT_EQ(10, count);
  for (std::size_t i = 1; i < some.size(); ++i) EXPECT_LT(std::stoi(some[i - 1].id), std::stoi(some[i].id));
}

TEST(Drawn, FollowsFromSeedAndIdsAlone) {
  EXPECT_EQ(ids(drawn(samples(100), 10, 7)), ids(drawn(samples(100), 10, 7)));
  EXPECT_NE(ids(drawn(samples(100), 10, 7)), ids(drawn(samples(100), 10, 8)));
  // What is drawn of more samples is, among the first ones, what is drawn of those.
  const std::vector<std::string> few = ids(drawn(samples(50), 10, 7));
  const std::set<std::string> known(few.begin(), few.end());
  for (const std::string& id : ids(drawn(samples(100), 10, 7))) {
    EXPECT_TRUE(std::stoi(id) >= 50 || known.contains(id)) << id;
  }
}

TEST(Drawn, IsSpreadOverTheWholeSet) {
  double sum = 0;
  for (const std::string& id : ids(drawn(samples(10000), 500, 1))) sum += std::stoi(id);
  EXPECT_NEAR(5000, sum / 1000, 350);
}

TEST(Drawn, TakesAllWhereNoNumberIsSetOrThereAreFewer) {
  EXPECT_EQ(100u, drawn(samples(100), 0, 1).size());
  EXPECT_EQ(100u, drawn(samples(100), 1000, 1).size());
  const Chosen chosen("per_class", "3");
  EXPECT_EQ(6u, drawn(samples(100), chosen.view()).size());
}

TEST(MicronsPerPixel, IsToldWhereItIsNotThePublishedOne) {
  test::FakeHost host;
  const Chosen usual, other("microns_per_pixel", "0.25");
  EXPECT_EQ(0.5, microns_per_pixel({"", usual.view(), Host(host.raw())}, 0.5));
  EXPECT_TRUE(host.warnings().empty());
  EXPECT_EQ(0.25, microns_per_pixel({"", other.view(), Host(host.raw())}, 0.5));
  EXPECT_EQ(std::vector<std::string>{"microns_per_pixel is set to 0.25; published is 0.5"}, host.warnings());
}

}  // namespace
}  // namespace histokt::adapters
