// SPDX-License-Identifier: MIT
#include "refusals.hpp"

namespace histokt::test {
namespace {

const std::string kBase = "ADP V1.0 Release/";
const std::string kTable = kBase + "ADP_EncodedLabels_Release1_Flat.csv";
const std::string kImages = kBase + "img_res_1um_bicubic/";
const std::string kFirst = "001.png_crop_1.png";

Listing open(const TempFolder& root, std::map<std::string, std::string> set = {}) {
  return open_dataset("adp", root.path(), std::move(set));
}

std::vector<std::string> classes(const TempFolder& root, const std::string& level) {
  return open(root, {{"level", "\"" + level + "\""}}).classes;
}

class AdpDataset : public testing::Test {
 protected:
  AdpDataset() { write_stand_in("adp", root_.path(), TreeSize::small()); }
  TempFolder root_;
};

TEST_F(AdpDataset, ReadsPatchesAsTheyAreWithSeveralLabels) {
  const Listing listing = open(root_);
  ASSERT_EQ(HISTOKT_OK, listing.status) << listing.reason;
  EXPECT_EQ(20u, listing.samples.size());
  EXPECT_EQ(unsigned{HISTOKT_DATASET_MULTI_LABEL | HISTOKT_DATASET_AS_IS}, listing.info.flags);
  EXPECT_EQ(1.0, listing.info.microns_per_pixel);
  EXPECT_TRUE(listing.warnings.empty());
  const ListedSample& first = listing.at("img_res_1um_bicubic/" + kFirst);
  EXPECT_EQ((root_ / (kImages + kFirst)).string(), first.file);
  // Every fifth column of the first row is 1: E, E.T.S, C.D.I ...
  ASSERT_EQ(33u, first.labels.size());
  for (std::size_t c = 0; c < 33; ++c) {
    const std::string& name = listing.classes[c];
    const bool present = name == "E" || name == "E.T.S" || name == "C.D.I" || name == "H.E" ||
                         name == "S.M" || name == "A.M" || name == "N.G" || name == "G.N";
    EXPECT_EQ(present, first.labels[c] == 1) << name;
  }
}

TEST_F(AdpDataset, TakesAPart) {
  const Listing all = open(root_), part = open(root_, {{"images", "5"}});
  // The published split has 16, 2 and 2.
  ASSERT_EQ(5u + 2 + 2, part.samples.size());
  std::size_t of_the_first = 0;
  for (const ListedSample& sample : part.samples) {
    EXPECT_EQ(all.at(sample.id).labels, sample.labels) << sample.id;
    for (std::size_t i = 0; i < 9; ++i) of_the_first += all.samples[i].id == sample.id ? 1 : 0;
  }
  EXPECT_LT(of_the_first, 9u) << "drawn, not the first ones";
}

TEST_F(AdpDataset, HasTheClassesOfEachLevel) {
  EXPECT_EQ(9u, classes(root_, "L1").size());
  EXPECT_EQ(26u, classes(root_, "L2").size());
  EXPECT_EQ(33u, classes(root_, "L3").size());
  EXPECT_EQ(22u, classes(root_, "L3Only").size());
  EXPECT_EQ(classes(root_, "L3"), open(root_).classes);
  EXPECT_EQ("N.G.M", classes(root_, "L3")[28]);
  EXPECT_EQ("T", classes(root_, "L3Only").back());
}

TEST_F(AdpDataset, KeepsEachSlideTogetherWhateverFollowsItsNumber) {
  const Listing listing = open(root_);
  EXPECT_EQ(HISTOKT_GROUP_SLIDE, listing.info.group_level);
  EXPECT_EQ((std::set<std::string>{"001", "002", "003", "004", "005"}), listing.groups());
  EXPECT_EQ("004", listing.at("img_res_1um_bicubic/004#B.png_crop_1.png").group);
}

TEST_F(AdpDataset, TakesThePublishedSplitWhereItIsThere) {
  const Listing listing = open(root_);
  std::map<histokt_split, int> counts;
  for (const ListedSample& sample : listing.samples) {
    ++counts[sample.paper_split];
    EXPECT_EQ(sample.paper_split, sample.official_split);
  }
  EXPECT_EQ((std::map<histokt_split, int>{
                {HISTOKT_SPLIT_TRAIN, 16}, {HISTOKT_SPLIT_VALID, 2}, {HISTOKT_SPLIT_TEST, 2}}),
            counts);
}

TEST_F(AdpDataset, IsCutByTheHostWithoutThePublishedSplit) {
  fs::remove_all(root_ / (kBase + "splits"));
  const Listing listing = open(root_);
  for (const ListedSample& sample : listing.samples) EXPECT_EQ(HISTOKT_SPLIT_NONE, sample.paper_split);
  EXPECT_EQ(0.8, listing.info.paper_shares[0]);
  EXPECT_EQ(0.1, listing.info.paper_shares[2]);
}

TEST_F(AdpDataset, LeavesOutRowsThatNoPublishedSplitNames) {
  write_npy(root_ / (kBase + "splits/test.npy"), std::vector<std::int64_t>{18});
  const ListedSample last = open(root_).samples.back();
  EXPECT_EQ(HISTOKT_SPLIT_LEFT_OUT, last.paper_split);
  EXPECT_EQ(HISTOKT_SPLIT_NONE, last.official_split);
}

TEST_F(AdpDataset, TakesTheFolderItselfAsRootAndATableBesideIt) {
  EXPECT_EQ(20u, open_dataset("adp", root_ / "ADP V1.0 Release").samples.size());
  fs::rename(root_ / kTable, root_ / "ADP_EncodedLabels_Release1_Flat.csv");
  const Listing beside = open(root_);
  EXPECT_EQ(20u, beside.samples.size()) << beside.reason;
}

TEST_F(AdpDataset, WarnsOfImagesThatNoRowNamesAndOfAnotherScale) {
  root_.write(kImages + "extra.png");
  const Listing listing = open(root_, {{"microns_per_pixel", "0.5"}});
  EXPECT_EQ(20u, listing.samples.size());
  ASSERT_EQ(2u, listing.warnings.size());
  EXPECT_EQ("microns_per_pixel is set to 0.5; published is 1", listing.warnings[0]);
  EXPECT_TRUE(holds(listing.warnings[1], "extra.png")) << listing.warnings[1];
}

TEST(AdpRefuses, BadTablesImagesAndSplits) {
  const auto in = [](const fs::path& root, const std::string& name) { return root / name; };
  expect_refused(
      "adp", {{"no images",
               [&](auto& r) { fs::remove_all(in(r, kImages)); },
               HISTOKT_BAD_REQUEST,
               {"Expected:\n  ROOT/\n    ADP V1.0 Release/"}},
              {"no table",
               [&](auto& r) { fs::remove(in(r, kTable)); },
               HISTOKT_BAD_REQUEST,
               {"ADP_EncodedLabels_Release1_Flat.csv is missing", "Expected:\n"}},
              {"wrong header",
               [&](auto& r) { edit(in(r, kTable), "Patch Names", "Patch"); },
               HISTOKT_BAD_REQUEST,
               {"has no column \"Patch Names\"", "as published"}},
              {"a code is missing",
               [&](auto& r) { edit(in(r, kTable), ",C.D.I,", ",C.D.X,"); },
               HISTOKT_BAD_REQUEST,
               {"has no column \"C.D.I\""}},
              {"a label that is neither 0 nor 1",
               [&](auto& r) { edit(in(r, kTable), kFirst + ",1", kFirst + ",2"); },
               HISTOKT_FAILED,
               {"line 2: the column \"E\" holds \"2\", expected 0 or 1"}},
              {"a listed image is absent",
               [&](auto& r) { fs::remove(in(r, kImages + kFirst)); },
               HISTOKT_FAILED,
               {"line 2 names " + kFirst, "(1 of 20 listed images are missing)"}},
              {"a row occurs twice",
               [&](auto& r) { edit(in(r, kTable), "002.png_crop_1.png", kFirst); },
               HISTOKT_FAILED,
               {"line 3 names the image " + kFirst, "line 2 too"}},
              {"a name leads out of the root",
               [&](auto& r) { edit(in(r, kTable), kFirst, "../../etc/passwd"); },
               HISTOKT_FAILED,
               {"line 2: \"../../etc/passwd\" is not the name of an image"}},
              {"bytes that are not UTF-8",
               [&](auto& r) { edit(in(r, kTable), kFirst, "\xFF\xFE.png"); },
               HISTOKT_FAILED,
               {"line 2: the line holds", "bytes that are not UTF-8"}},
              {"a slipped column",
               [&](auto& r) { edit(in(r, kTable), kFirst + ",1", kFirst); },
               HISTOKT_FAILED,
               {"line 2: the line has 43 cells, the header 44"}},
              {"an image is a link out of the root",
               [&](auto& r) {
                 fs::remove(in(r, kImages + kFirst));
                 fs::create_symlink("/etc/passwd", in(r, kImages + kFirst));
               },
               HISTOKT_FAILED,
               {"is a symbolic link out of"}},
              {"a split is missing",
               [&](auto& r) { fs::remove(in(r, kBase + "splits/valid.npy")); },
               HISTOKT_BAD_REQUEST,
               {"valid.npy is missing", "Expected:\n"}},
              {"a row in two splits",
               [&](auto& r) { write_npy(in(r, kBase + "splits/test.npy"), std::vector<std::int64_t>{0}); },
               HISTOKT_FAILED,
               {"test.npy names row 0, which is in train.npy already"}},
              {"a row that there is not",
               [&](auto& r) { write_npy(in(r, kBase + "splits/test.npy"), std::vector<std::int64_t>{20}); },
               HISTOKT_FAILED,
               {"names row 20", "has 20 rows"}},
              {"a split that is cut off",
               [&](auto& r) { fs::resize_file(in(r, kBase + "splits/test.npy"), 130); },
               HISTOKT_FAILED,
               {"test.npy: holds 2 bytes of numbers where its header says 2 numbers"}},
              {"a split of another shape",
               [&](auto& r) { edit(in(r, kBase + "splits/test.npy"), "(2,)", "(1, 2)"); },
               HISTOKT_FAILED,
               {"has the shape (1, 2); one dimension was expected"}},
              {"a split of fractions",
               [&](auto& r) { edit(in(r, kBase + "splits/test.npy"), "<i8", "<f8"); },
               HISTOKT_FAILED,
               {"holds numbers of the type <f8"}}});
}

TEST_F(AdpDataset, FollowsLinksThatStayWithinTheDownload) {
  fs::rename(root_ / (kImages + kFirst), root_ / (kBase + "elsewhere.png"));
  fs::create_symlink("../elsewhere.png", root_ / (kImages + kFirst));
  EXPECT_EQ(20u, open(root_).samples.size());
}

}  // namespace
}  // namespace histokt::test
