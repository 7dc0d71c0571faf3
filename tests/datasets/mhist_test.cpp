// SPDX-License-Identifier: MIT
#include "refusals.hpp"

namespace histokt::test {
namespace {

const std::string kTable = "MHIST/annotations.csv";

Listing open(const TempFolder& root, std::map<std::string, std::string> set = {}) {
  return open_dataset("mhist", root.path(), std::move(set));
}

class MhistDataset : public testing::Test {
 protected:
  MhistDataset() { write_stand_in("mhist", root_.path(), TreeSize::small()); }
  TempFolder root_;
};

TEST_F(MhistDataset, TakesLabelsAndPartsFromTheTable) {
  const Listing listing = open(root_);
  ASSERT_EQ(HISTOKT_OK, listing.status) << listing.reason;
  EXPECT_EQ((std::vector<std::string>{"HP", "SSA"}), listing.classes);
  EXPECT_EQ(8u, listing.samples.size());
  EXPECT_EQ("HP", listing.class_of("images/MHIST_aab.png"));
  EXPECT_EQ("SSA", listing.class_of("images/MHIST_aad.png"));
  EXPECT_EQ((root_ / "MHIST/images/MHIST_aab.png").string(), listing.at("images/MHIST_aab.png").file);
  EXPECT_EQ(1.25, listing.info.microns_per_pixel);
  EXPECT_EQ(HISTOKT_GROUP_PICTURE, listing.info.group_level);
  EXPECT_EQ(8u, listing.groups().size());
  EXPECT_TRUE(listing.warnings.empty());
}

TEST_F(MhistDataset, KeepsTheOfficialTestAndCutsTheRestInFourToOneInThePaper) {
  const Listing listing = open(root_);
  for (const ListedSample& sample : listing.samples) {
    const bool test = sample.official_split == HISTOKT_SPLIT_TEST;
    EXPECT_EQ(test ? HISTOKT_SPLIT_TEST : HISTOKT_SPLIT_NONE, sample.paper_split) << sample.id;
  }
  EXPECT_EQ(HISTOKT_SPLIT_TEST, listing.samples.back().official_split);
  EXPECT_EQ(HISTOKT_SPLIT_TRAIN, listing.samples.front().official_split);
  EXPECT_EQ((std::vector<double>{0.8, 0.2, 0}),
            std::vector<double>(listing.info.paper_shares, listing.info.paper_shares + 3));
}

TEST_F(MhistDataset, ReadsTheTableWithEitherLineEndAndBesideItsFolder) {
  const std::string text = file_text(root_ / kTable);
  std::string unix_text;
  for (const char c : text) {
    if (c != '\r') unix_text += c;
  }
  fs::remove(root_ / kTable);
  root_.write("annotations.csv", unix_text);
  const Listing listing = open(root_);
  EXPECT_EQ(8u, listing.samples.size()) << listing.reason;
  EXPECT_EQ(8u, open_dataset("mhist", root_.path()).samples.size());
}

TEST_F(MhistDataset, TakesClassesInTheOrderAskedForAndSoManyOfEach) {
  EXPECT_EQ("SSA", open(root_, {{"classes", "[\"SSA\", \"HP\"]"}}).classes[0]);
  const Listing one = open(root_, {{"classes", "[\"SSA\"]"}});
  EXPECT_EQ(4u, one.samples.size());
  EXPECT_EQ(0, one.samples[0].label);
  EXPECT_EQ(4u, open(root_, {{"per_class", "1"}}).samples.size()) << "one of each class and official part";
  EXPECT_TRUE(holds(open(root_, {{"classes", "[\"SSL\"]"}}).reason, "did you mean \"SSA\"?"));
}

TEST_F(MhistDataset, WarnsOfAnImageThatNoRowNames) {
  root_.write("MHIST/images/MHIST_zzz.png");
  const Listing listing = open(root_);
  EXPECT_EQ(8u, listing.samples.size());
  ASSERT_EQ(1u, listing.warnings.size());
  EXPECT_TRUE(holds(listing.warnings[0], "MHIST_zzz.png")) << listing.warnings[0];
}

TEST(MhistRefuses, BadTablesAndImages) {
  const std::string first = "MHIST_aab.png";
  expect_refused("mhist",
                 {{"no images",
                   [](auto& r) { fs::remove_all(r / "MHIST/images"); },
                   HISTOKT_BAD_REQUEST,
                   {"MHIST/images is missing", "Expected:\n  ROOT/\n    MHIST/"}},
                  {"no table",
                   [](auto& r) { fs::remove(r / kTable); },
                   HISTOKT_BAD_REQUEST,
                   {"annotations.csv is missing", "Expected:\n"}},
                  {"wrong header",
                   [](auto& r) { edit(r / kTable, "Majority Vote Label", "Label"); },
                   HISTOKT_BAD_REQUEST,
                   {"annotations.csv has no column \"Majority Vote Label\"", "It has Image Name, Label"}},
                  {"an unknown class",
                   [&](auto& r) { edit(r / kTable, first + ",HP", first + ",SSL"); },
                   HISTOKT_FAILED,
                   {"line 2: the label \"SSL\" is not one of HP and SSA"}},
                  {"an unknown part",
                   [](auto& r) { edit(r / kTable, ",train", ",valid"); },
                   HISTOKT_FAILED,
                   {"line 2: the partition \"valid\" is neither train nor test"}},
                  {"a listed image is absent",
                   [&](auto& r) { fs::remove(r / "MHIST/images" / first); },
                   HISTOKT_FAILED,
                   {"line 2 names " + first, "(1 of 8 listed"}},
                  {"a row occurs twice",
                   [&](auto& r) { append_to(r / kTable, first + ",HP,1,train\r\n"); },
                   HISTOKT_FAILED,
                   {"line 10 names the image " + first, "line 2 too"}},
                  {"a name leads out of the root",
                   [&](auto& r) { edit(r / kTable, first, "../../etc/passwd"); },
                   HISTOKT_FAILED,
                   {"line 2: \"../../etc/passwd\" is not the name"}},
                  {"bytes that are not UTF-8",
                   [&](auto& r) { edit(r / kTable, first, "M\xE9.png"); },
                   HISTOKT_FAILED,
                   {"line 2: the line holds", "bytes that are not UTF-8"}},
                  {"an image that is a link out of the root",
                   [&](auto& r) {
                     fs::remove(r / "MHIST/images" / first);
                     fs::create_symlink("/etc/passwd", r / "MHIST/images" / first);
                   },
                   HISTOKT_FAILED,
                   {"is a symbolic link out of"}},
                  {"a folder that is a link out of the root",
                   [](auto& r) {
                     fs::remove_all(r / "MHIST");
                     fs::create_directory_symlink("/usr", r / "MHIST");
                   },
                   HISTOKT_FAILED,
                   {"is a symbolic link out of"}}});
}

}  // namespace
}  // namespace histokt::test
