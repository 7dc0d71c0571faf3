// SPDX-License-Identifier: MIT
#include "refusals.hpp"

namespace histokt::test {
namespace {

const std::string kPhotos = "ICIAR2018_BACH_Challenge/Photos/";

Listing open(const TempFolder& root, std::map<std::string, std::string> set = {}) {
  return open_dataset("bach", root.path(), std::move(set));
}

class BachDataset : public testing::Test {
 protected:
  BachDataset() { write_stand_in("bach", root_.path(), TreeSize::small()); }
  TempFolder root_;
};

TEST_F(BachDataset, ReadsFourClassesAndLeavesOtherFilesAlone) {
  const Listing listing = open(root_);
  ASSERT_EQ(HISTOKT_OK, listing.status) << listing.reason;
  EXPECT_EQ((std::vector<std::string>{"Benign", "InSitu", "Invasive", "Normal"}), listing.classes);
  EXPECT_EQ(8u, listing.samples.size());
  EXPECT_EQ("InSitu", listing.class_of("Photos/InSitu/is002.tif"));
  EXPECT_EQ((root_ / (kPhotos + "InSitu/is002.tif")).string(), listing.at("Photos/InSitu/is002.tif").file);
  EXPECT_EQ(0.42, listing.info.microns_per_pixel);
  EXPECT_EQ(HISTOKT_GROUP_PICTURE, listing.info.group_level);
  EXPECT_TRUE(listing.warnings.empty());
}

TEST_F(BachDataset, IsCutFortyTenFiftyInThePaper) {
  const Listing listing = open(root_);
  EXPECT_EQ((std::vector<double>{0.4, 0.1, 0.5}),
            std::vector<double>(listing.info.paper_shares, listing.info.paper_shares + 3));
  for (const ListedSample& sample : listing.samples) {
    EXPECT_EQ(HISTOKT_SPLIT_NONE, sample.paper_split);
    EXPECT_EQ(HISTOKT_SPLIT_NONE, sample.official_split);
  }
}

TEST_F(BachDataset, GivesTheSameListingForTheFolderItself) {
  const Listing above = open(root_), within = open_dataset("bach", root_ / "ICIAR2018_BACH_Challenge");
  ASSERT_EQ(8u, within.samples.size()) << within.reason;
  for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(above.samples[i].id, within.samples[i].id);
}

TEST_F(BachDataset, DrawsTheSameImagesForTheSameSeed) {
  const auto drawn = [&](const char* seed) {
    std::vector<std::string> ids;
    for (const ListedSample& sample : open(root_, {{"per_class", "1"}, {"draw_seed", seed}}).samples)
      ids.push_back(sample.id);
    return ids;
  };
  EXPECT_EQ(4u, drawn("0").size());
  EXPECT_EQ(drawn("0"), drawn("0"));
  std::set<std::vector<std::string>> choices;
  for (const char* seed : {"0", "1", "2", "3", "4", "5", "6", "7"}) choices.insert(drawn(seed));
  EXPECT_GT(choices.size(), 1u) << "another seed, other images";
}

TEST_F(BachDataset, TellsOfAnotherScaleThanThePublishedOne) {
  const Listing listing = open(root_, {{"microns_per_pixel", "0.5"}});
  EXPECT_EQ(0.5, listing.info.microns_per_pixel);
  EXPECT_EQ(std::vector<std::string>{"microns_per_pixel is set to 0.5; published is 0.42"}, listing.warnings);
}

TEST(BachRefuses, MissingFoldersAndLinksThatLeaveTheRoot) {
  expect_refused("bach",
                 {{"another tree",
                   [](auto& r) { fs::rename(r / "ICIAR2018_BACH_Challenge", r / "BACH"); },
                   HISTOKT_BAD_REQUEST,
                   {"ICIAR2018_BACH_Challenge is missing", "holds the folders BACH",
                    "Expected:\n  ROOT/\n    ICIAR2018_BACH_Challenge/"}},
                  {"a class is missing",
                   [](auto& r) { fs::remove_all(r / (kPhotos + "Normal")); },
                   HISTOKT_BAD_REQUEST,
                   {"Photos/Normal is missing", "Expected:\n"}},
                  {"a class without an image",
                   [](auto& r) {
                     for (const char* name : {"n001.tif", "n002.tif"})
                       fs::remove(r / (kPhotos + "Normal/" + name));
                   },
                   HISTOKT_BAD_REQUEST,
                   {"Photos/Normal holds no image"}},
                  {"an image that is a link out of the root",
                   [](auto& r) { fs::create_symlink("/etc/passwd", r / (kPhotos + "Normal/n003.tif")); },
                   HISTOKT_FAILED,
                   {"n003.tif is a symbolic link out of"}},
                  {"a name that is not UTF-8",
                   [](auto& r) { write_bytes(r / (kPhotos + "Normal/n\xFF.tif"), "II*"); },
                   HISTOKT_FAILED,
                   {"is not UTF-8; rename it"}}});
}

}  // namespace
}  // namespace histokt::test
