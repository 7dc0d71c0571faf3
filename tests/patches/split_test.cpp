// SPDX-License-Identifier: MIT
#include "patches/split.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/errors.hpp"
#include "base/random.hpp"

namespace histokt {
namespace {

using Counts = std::array<std::uint64_t, 3>;

// Columns of patches, built up group by group, with requests that look at them.
struct Columns {
  std::vector<std::string> classes = {"a", "b", "c"};
  std::vector<std::int64_t> label;
  std::vector<std::uint8_t> labels;
  std::vector<std::string> group;
  std::vector<std::int8_t> official, paper;

  void add(const std::string& name, int class_index, int count, int official_split = -1,
           int paper_split = -1) {
    for (int i = 0; i < count; ++i) {
      label.push_back(class_index);
      group.push_back(name);
      official.push_back(static_cast<std::int8_t>(official_split));
      paper.push_back(static_cast<std::int8_t>(paper_split));
    }
  }

  SplitRequest request(SplitOptions options) const {
    return {.options = options,
            .classes = classes,
            .label = labels.empty() ? std::span(label) : std::span<const std::int64_t>(),
            .labels = labels,
            .group = group,
            .official = official,
            .paper = paper,
            .group_level = "patient"};
  }
};

Columns pool(int count, int classes = 3) {
  Columns columns;
  for (int i = 0; i < count; ++i) columns.add("image " + std::to_string(i / 6), i % classes, 1);
  return columns;
}

Columns many_groups(int groups) {
  Columns columns;
  Random random{3};
  for (int i = 0; i < groups; ++i) {
    columns.add("patient " + std::to_string(i), i % 3, 5 + static_cast<int>(random.below(20)));
  }
  return columns;
}

bool says(const SplitAssignment& made, const std::string& what) {
  for (const std::string& warning : made.warnings) {
    if (warning.find(what) != std::string::npos) return true;
  }
  return false;
}

Counts paper_sizes(int count, std::array<double, 3> shares) {
  const Columns columns = pool(count);
  return assign_split(columns.request({.protocol = SplitProtocol::kPaper, .shares = shares})).patches;
}

TEST(PaperSplit, HasTheSizesOfTable1) {
  EXPECT_EQ(paper_sizes(2397, {0.4, 0.1, 0.5}), (Counts{958, 240, 1199}));
  EXPECT_EQ(paper_sizes(374, {0.8, 0.1, 0.1}), (Counts{299, 37, 38}));
  EXPECT_EQ(paper_sizes(16534, {0.8, 0.1, 0.1}), (Counts{13227, 1653, 1654}));
  EXPECT_EQ(paper_sizes(17861, {0.8, 0.1, 0.1}), (Counts{14288, 1786, 1787}));
  EXPECT_EQ(paper_sizes(17668, {0.8, 0.1, 0.1}), (Counts{14134, 1767, 1767}));
  EXPECT_EQ(paper_sizes(2175, {0.8, 0.2, 0.0}), (Counts{1740, 435, 0}));  // MHIST without its test images
}

TEST(PaperSplit, HonoursWhatTheDatasetFixes) {
  Columns columns = pool(100);
  columns.add("test", 0, 40, -1, 2);
  columns.add("unused", 0, 7, -1, 3);
  const auto made =
      assign_split(columns.request({.protocol = SplitProtocol::kPaper, .shares = {{0.8, 0.2, 0}}}));
  EXPECT_EQ(made.patches, (Counts{80, 20, 40}));
  EXPECT_EQ(made.left_out, 7u);
  EXPECT_EQ(made.split[120], Split::kTest);
  EXPECT_EQ(made.split[146], Split::kLeftOut);
}

TEST(PaperSplit, TakesNoMoreOfAClassThanThePaperDid) {
  const Columns columns = pool(7000, 3);
  SplitRequest request = columns.request({.protocol = SplitProtocol::kPaper});
  request.paper_per_class = {1000, 100, 50};
  const auto made = assign_split(request);
  EXPECT_EQ(made.patches, (Counts{3000, 300, 150}));
  EXPECT_EQ(made.left_out, 7000u - 3450u);
  std::map<std::int64_t, int> in_test;
  for (std::size_t i = 0; i < made.split.size(); ++i)
    in_test[columns.label[i]] += made.split[i] == Split::kTest;
  EXPECT_EQ(in_test, (std::map<std::int64_t, int>{{0, 50}, {1, 50}, {2, 50}}));
}

TEST(PaperSplit, SaysHowManyGroupsItParts) {
  const auto made = assign_split(pool(600).request({.protocol = SplitProtocol::kPaper}));
  EXPECT_GT(made.groups_in_two, 10u);
  EXPECT_TRUE(says(
      made, "patches of " + std::to_string(made.groups_in_two) + " patients stand in more than one split"));
}

TEST(Split, DependsOnTheSeedAndOnNothingElse) {
  for (const SplitProtocol protocol : {SplitProtocol::kPaper, SplitProtocol::kByGroup}) {
    const Columns columns = many_groups(60);
    const auto split = [&](std::uint64_t seed) {
      return assign_split(columns.request({.protocol = protocol, .seed = seed})).split;
    };
    EXPECT_EQ(split(1), split(1));
    EXPECT_NE(split(1), split(2));
  }
}

TEST(ByGroupSplit, PartsNoGroup) {
  const Columns columns = many_groups(60);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto made = assign_split(columns.request({.seed = seed}));
    std::map<std::string, std::set<Split>> splits;
    for (std::size_t i = 0; i < made.split.size(); ++i) splits[columns.group[i]].insert(made.split[i]);
    for (const auto& [group, in] : splits) EXPECT_EQ(in.size(), 1u) << group;
    EXPECT_EQ(made.groups_in_two, 0u);
    EXPECT_EQ(made.groups[0] + made.groups[1] + made.groups[2], 60u);
  }
}

TEST(ByGroupSplit, KeepsTheSharesOfEveryClass) {
  const Columns columns = many_groups(150);
  std::array<std::array<double, 3>, 3> of{};  // [class][split]
  const auto made = assign_split(columns.request({.seed = 5}));
  for (std::size_t i = 0; i < made.split.size(); ++i) {
    of[static_cast<std::size_t>(columns.label[i])][static_cast<std::size_t>(made.split[i])] += 1;
  }
  for (const auto& counts : of) {
    const double all = counts[0] + counts[1] + counts[2];
    EXPECT_NEAR(counts[0] / all, 0.8, 0.03);
    EXPECT_NEAR(counts[1] / all, 0.1, 0.03);
    EXPECT_NEAR(counts[2] / all, 0.1, 0.03);
  }
}

TEST(ByGroupSplit, SpreadsRareLabelsOfManyLabelPatches) {
  Columns columns;
  for (int i = 0; i < 100; ++i) {
    columns.add("slide " + std::to_string(i), 0, 10);
    for (int k = 0; k < 10; ++k) {
      columns.labels.insert(columns.labels.end(),
                            {1, static_cast<std::uint8_t>(k % 2), i % 10 == 0 && k == 0});
    }
  }
  const auto made = assign_split(columns.request({.seed = 1}));
  std::array<int, 3> rare{};
  for (std::size_t i = 0; i < made.split.size(); ++i) {
    rare[static_cast<std::size_t>(made.split[i])] += columns.labels[i * 3 + 2];
  }
  EXPECT_EQ(rare, (std::array<int, 3>{8, 1, 1}));
}

TEST(ByGroupSplit, KeepsAnOfficialTestSplitThatDoesNotLeak) {
  Columns columns = many_groups(40);
  columns.add("of the test", 0, 30, 2);
  columns.add("of the test, too", 1, 30, 2);
  const auto made = assign_split(columns.request({}));
  EXPECT_TRUE(made.official_test_kept);
  EXPECT_EQ(made.patches[2], 60u);
  EXPECT_EQ(made.split.back(), Split::kTest);
  const double rest = static_cast<double>(made.patches[0] + made.patches[1]);
  EXPECT_NEAR(static_cast<double>(made.patches[1]) / rest, 1.0 / 9, 0.03);
}

TEST(ByGroupSplit, KeepsOfficialSplitsWhole) {
  Columns columns;
  for (int i = 0; i < 30; ++i)
    columns.add("slide " + std::to_string(i), i % 2, 4, i < 20 ? 0 : i < 25 ? 1 : 2);
  const auto made = assign_split(columns.request({}));
  EXPECT_EQ(made.patches, (Counts{80, 20, 20}));
}

TEST(ByGroupSplit, SplitsAnewWhatLeaksAndSaysSo) {
  Columns columns = many_groups(40);
  columns.add("patient 3", 0, 9, 2);  // stands in the pool as well
  columns.add("test alone", 0, 9, 2);
  const auto made = assign_split(columns.request({}));
  EXPECT_FALSE(made.official_test_kept);
  EXPECT_EQ(made.groups_in_two, 0u);
  EXPECT_TRUE(says(made, "official test split shares 1 patient with the rest"));

  const auto kept = assign_split(columns.request({.keep_official = KeepOfficial::kAlways}));
  EXPECT_EQ(kept.patches[2], 18u);
  EXPECT_EQ(kept.groups_in_two, 1u);
  EXPECT_TRUE(says(kept, "more than one split"));
}

TEST(ByGroupSplit, GivesEverythingToTrainingWhereThereIsOneGroup) {
  Columns columns;
  columns.add("the only patient", 0, 50);
  const auto made = assign_split(columns.request({.allow_few_groups = true}));
  EXPECT_EQ(made.patches, (Counts{50, 0, 0}));
  EXPECT_TRUE(says(made, "only 1 patient can"));
  EXPECT_TRUE(says(made, "the test split is empty"));
}

TEST(ByGroupSplit, GivesEachSplitAGroupWhereThereAreEnough) {
  for (const int groups : {3, 4, 5}) {
    Columns columns;
    for (int i = 0; i < groups; ++i) columns.add("patient " + std::to_string(i), i % 2, 100 + 50 * i);
    const auto made = assign_split(columns.request({.allow_few_groups = true}));
    EXPECT_EQ(made.groups, (Counts{static_cast<std::uint64_t>(groups) - 2, 1, 1}));
    EXPECT_GE(made.patches[0], std::max(made.patches[1], made.patches[2]));
  }
}

TEST(ByGroupSplit, TakesSharesThatWereAskedFor) {
  const auto made = assign_split(many_groups(150).request({.shares = {{0.5, 0, 0.5}}}));
  EXPECT_EQ(made.patches[1], 0u);
  EXPECT_NEAR(static_cast<double>(made.patches[0]) / static_cast<double>(made.split.size()), 0.5, 0.02);
}

TEST(ByGroupSplit, GivesTwoGroupsToTrainingAndValidation) {
  Columns columns;
  columns.add("one", 0, 100);
  columns.add("two", 1, 30);
  const auto made = assign_split(columns.request({.allow_few_groups = true}));
  EXPECT_EQ(made.patches, (Counts{100, 30, 0}));
  EXPECT_TRUE(says(made, "the training split has no patch of b."));
}

std::string refusal(const Columns& columns, const SplitOptions& options) {
  try {
    assign_split(columns.request(options));
  } catch (const RequestError& error) {
    return error.what();
  }
  return "no refusal";
}

// As the cases of the osteosarcoma set: each shows every class.
Columns cases(int count) {
  Columns columns;
  for (int i = 0; i < count; ++i) {
    for (int c = 0; c < 3; ++c) columns.add("case " + std::to_string(i), c, 20 + 7 * i + c);
  }
  return columns;
}

TEST(ByGroupSplit, RefusesToHoldOutWhereAClassHasFewGroups) {
  const std::string four = refusal(cases(4), {});
  for (const char* part : {"there are 4 patients", "folds = \"leave-one-group-out\"", "split = \"paper\"",
                           "allow_few_groups = true"}) {
    EXPECT_NE(four.find(part), std::string::npos) << part << "\nin: " << four;
  }
  EXPECT_EQ(refusal(cases(5), {}), "no refusal");
  Columns rare = many_groups(40);
  rare.classes.push_back("rare");
  for (int i = 0; i < 4; ++i) rare.add("rare patient " + std::to_string(i), 3, 5);
  EXPECT_NE(refusal(rare, {}).find("fewer than 5 patients show rare (4 patients)"), std::string::npos);
  EXPECT_EQ(refusal(rare, {.protocol = SplitProtocol::kPaper}), "no refusal");
}

TEST(ByGroupSplit, WarnsInsteadOfRefusingWhereFewGroupsAreAllowed) {
  EXPECT_TRUE(says(assign_split(cases(4).request({.allow_few_groups = true})), "there are 4 patients"));
}

TEST(ByGroupSplit, CountsAllGroupsWherePatchesHaveSeveralLabels) {
  Columns columns;
  for (int i = 0; i < 10; ++i) {
    columns.add("slide " + std::to_string(i), 0, 2);
    for (int k = 0; k < 2; ++k) columns.labels.insert(columns.labels.end(), {1, 1, i == 0});
  }
  EXPECT_TRUE(says(assign_split(columns.request({})), "show c (1 patient), so a test"));
}

TEST(ByGroupSplit, NeedsNoFewestGroupsWhereAnOfficialTestIsKept) {
  Columns columns = cases(3);
  columns.add("of the test", 0, 30, 2);
  columns.add("of the test", 1, 30, 2);
  EXPECT_EQ(refusal(columns, {}), "no refusal");
}

// Every fold of a split into `count` folds.
std::vector<SplitAssignment> all_folds(const Columns& columns, int count, int folds) {
  std::vector<SplitAssignment> made;
  for (int fold = 1; fold <= folds; ++fold) {
    made.push_back(assign_split(columns.request({.seed = 4, .folds = {count, fold}})));
  }
  return made;
}

// How often each patch is held out.
std::vector<int> times_held_out(const std::vector<SplitAssignment>& folds) {
  std::vector<int> times(folds.front().split.size(), 0);
  for (const SplitAssignment& fold : folds) {
    for (std::size_t i = 0; i < times.size(); ++i) times[i] += fold.split[i] == Split::kTest;
  }
  return times;
}

TEST(Folds, HoldOutEveryPatchOnceAndPartNoGroup) {
  struct Case {
    Columns columns;
    int count, folds;
  };
  for (const Case& c : {Case{many_groups(43), 5, 5}, Case{cases(4), Folds::kLeaveOneGroupOut, 4},
                        Case{cases(4), 2, 2}, Case{many_groups(30), Folds::kLeaveOneGroupOut, 30}}) {
    const auto folds = all_folds(c.columns, c.count, c.folds);
    EXPECT_EQ(times_held_out(folds), std::vector<int>(c.columns.label.size(), 1));
    for (const SplitAssignment& fold : folds) {
      EXPECT_EQ(fold.groups_in_two, 0u);
      EXPECT_EQ(fold.left_out, 0u);
      for (const std::uint64_t patches : fold.patches) EXPECT_GT(patches, 0u);
    }
  }
}

TEST(Folds, SpreadEveryClassOverThem) {
  const Columns columns = many_groups(150);
  for (const SplitAssignment& fold : all_folds(columns, 5, 5)) {
    std::array<double, 3> in_test{}, in_all{};
    for (std::size_t i = 0; i < fold.split.size(); ++i) {
      const auto c = static_cast<std::size_t>(columns.label[i]);
      in_all[c] += 1;
      in_test[c] += fold.split[i] == Split::kTest;
    }
    for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(in_test[c] / in_all[c], 0.2, 0.03);
  }
}

TEST(Folds, ValidateOnASharesPartOfWhatIsNotHeldOut) {
  const auto fold = all_folds(many_groups(150), 5, 1).front();
  const double rest = static_cast<double>(fold.patches[0] + fold.patches[1]);
  EXPECT_NEAR(static_cast<double>(fold.patches[1]) / rest, 1.0 / 9, 0.02);
}

TEST(Folds, TrainOnAClassesOnlyGroupAndSaySo) {
  Columns columns = cases(4);
  columns.classes.push_back("rare");
  columns.add("case 1", 3, 60);
  columns.add("case 2", 3, 60);
  for (const SplitAssignment& fold : all_folds(columns, Folds::kLeaveOneGroupOut, 4)) {
    std::array<int, 3> rare{};
    for (std::size_t i = 0; i < fold.split.size(); ++i) {
      if (columns.label[i] == 3) rare[static_cast<std::size_t>(fold.split[i])] += 1;
    }
    EXPECT_GE(rare[0], 60);
    EXPECT_EQ(rare[2] > 0, says(fold, "one patient alone shows rare; it trains"));
  }
}

TEST(Folds, TakeNoPartInOfficialSplitsButForWhatIsLeftOut) {
  Columns columns = cases(4);
  columns.add("of the test", 0, 30, 2);
  columns.add("unused", 1, 30, 3);
  EXPECT_EQ(count_groups(columns.request({})), 5u);
  const auto folds = all_folds(columns, Folds::kLeaveOneGroupOut, 5);
  const std::vector<int> times = times_held_out(folds);
  EXPECT_EQ(times[columns.label.size() - 31], 1);
  EXPECT_EQ(times.back(), 0);
  EXPECT_EQ(folds.front().left_out, 30u);
}

TEST(Folds, AreRefusedWhereGroupsAreTooFew) {
  EXPECT_NE(
      refusal(cases(4), {.folds = {5, 1}}).find("folds = 5 needs as many patients, but there are 4 patients"),
      std::string::npos);
  EXPECT_NE(refusal(cases(1), {.folds = {Folds::kLeaveOneGroupOut, 1}}).find("folds need 2 patients"),
            std::string::npos);
  EXPECT_NE(refusal(cases(4), {.folds = {Folds::kLeaveOneGroupOut, 5}})
                .find("fold 5 is asked for, but there are 4"),
            std::string::npos);
}

TEST(Folds, HaveNamesThatReadBack) {
  for (const int count : {Folds::kNone, Folds::kLeaveOneGroupOut, 2, Folds::kMost}) {
    EXPECT_EQ(fold_count_from(folds_name(count)), count);
  }
  for (const char* word : {"1", "101", "-1", "five", "5x", ""}) {
    EXPECT_THROW(fold_count_from(word), RequestError) << word;
  }
}

TEST(Split, TextNamesTheLevelAndWhatAnImageMeans) {
  const auto made = assign_split(cases(6).request({}));
  EXPECT_NE(split_text(made, "patient").find("(1 patient), test"), std::string::npos)
      << split_text(made, "patient");
  EXPECT_EQ(split_text(made, "patient").find("may be shared"), std::string::npos);
  EXPECT_NE(split_text(made, "image").find("patients may be shared between the splits"), std::string::npos);
}

TEST(Split, RefusesSharesThatMakeNoSense) {
  const Columns columns = pool(10);
  EXPECT_THROW(assign_split(columns.request({.shares = {{0, 0, 0}}})), RequestError);
  EXPECT_THROW(assign_split(columns.request({.shares = {{1.2, -0.2, 0}}})), RequestError);
  EXPECT_THROW(split_protocol("by-hand"), RequestError);
}

TEST(Split, ScalesShares) {
  const auto made =
      assign_split(pool(600).request({.protocol = SplitProtocol::kPaper, .shares = {{8, 1, 1}}}));
  EXPECT_EQ(made.patches, (Counts{480, 60, 60}));
}

}  // namespace
}  // namespace histokt
