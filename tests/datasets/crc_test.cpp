// SPDX-License-Identifier: MIT
#include "refusals.hpp"

namespace histokt::test {
namespace {

constexpr const char* kPool = "NCT-CRC-HE-100K-NONORM/";
constexpr const char* kExternal = "CRC-VAL-HE-7K/";

// A tree with one empty image for each of the nine published classes.
void make_set(const TempFolder& root, const std::string& set) {
  for (const char* name : {"ADI", "BACK", "DEB", "LYM", "MUC", "MUS", "NORM", "STR", "TUM"}) {
    root.write(set + name + "/" + name + "-AAA.tif");
  }
}

TEST(CrcDataset, ReadsSevenClassesAndLeavesOutBackgroundAndDebris) {
  const TempFolder root;
  make_set(root, kPool);
  const Listing listing = open_dataset("crc", root.path());
  ASSERT_EQ(HISTOKT_OK, listing.status) << listing.reason;
  EXPECT_EQ((std::vector<std::string>{"ADI", "LYM", "MUC", "MUS", "NORM", "STR", "TUM"}), listing.classes);
  EXPECT_EQ(7u, listing.samples.size());
  EXPECT_EQ("STR", listing.class_of("NCT-CRC-HE-100K-NONORM/STR/STR-AAA.tif"));
  EXPECT_EQ(0.5, listing.info.microns_per_pixel);
  EXPECT_EQ(HISTOKT_GROUP_PICTURE, listing.info.group_level);
  EXPECT_EQ(7u, listing.groups().size());
}

TEST(CrcDataset, TrainsOnTheLargeSetAndTestsOnTheOtherOfficially) {
  const TempFolder root;
  make_set(root, kPool);
  make_set(root, kExternal);
  const Listing listing = open_dataset("crc", root.path());
  ASSERT_EQ(14u, listing.samples.size()) << listing.reason;
  for (const ListedSample& sample : listing.samples) {
    const bool external = sample.id.starts_with(kExternal);
    EXPECT_EQ(external ? HISTOKT_SPLIT_TEST : HISTOKT_SPLIT_TRAIN, sample.official_split) << sample.id;
    EXPECT_EQ(external ? HISTOKT_SPLIT_LEFT_OUT : HISTOKT_SPLIT_NONE, sample.paper_split) << sample.id;
  }
}

TEST(CrcDataset, HasNoOfficialSplitWithoutTheExternalSet) {
  const TempFolder root;
  make_set(root, kPool);
  EXPECT_EQ(HISTOKT_SPLIT_NONE, open_dataset("crc", root.path()).samples.at(0).official_split);
}

TEST(CrcDataset, DoesNotTakeALinkToNothingForATestSetThatIsMissing) {
  const TempFolder root;
  make_set(root, kPool);
  std::filesystem::create_directory_symlink("/no/such/disk", root / "CRC-VAL-HE-7K");
  const Listing listing = open_dataset("crc", root.path());
  EXPECT_NE(HISTOKT_OK, listing.status);
  EXPECT_TRUE(holds(listing.reason, "CRC-VAL-HE-7K")) << listing.reason;
}

TEST(CrcDataset, TakesTheSharesAndNumbersOfThePaper) {
  const TempFolder root;
  make_set(root, kPool);
  const histokt_dataset_info info = open_dataset("crc", root.path()).info;
  EXPECT_EQ((std::vector<double>{0.8, 0.1, 0.1}),
            std::vector<double>(info.paper_shares, info.paper_shares + 3));
  EXPECT_EQ((std::vector<std::uint64_t>{2000, 250, 250}),
            std::vector<std::uint64_t>(info.paper_per_class, info.paper_per_class + 3));
}

TEST(CrcDataset, SaysHowTheRootShouldLook) {
  const TempFolder root;
  make_set(root, "data/NCT-CRC-HE-100K-NONORM/");
  const Listing above = open_dataset("crc", root.path());
  EXPECT_EQ(HISTOKT_BAD_REQUEST, above.status);
  EXPECT_TRUE(holds(above.reason, "Give " + (root / "data").string() + " as the root")) << above.reason;
  EXPECT_TRUE(
      holds(open_dataset("crc", root / "data/NCT-CRC-HE-100K-NONORM").reason, "folder above it as the root"));
  std::filesystem::remove_all(root / "data/NCT-CRC-HE-100K-NONORM/MUS");
  EXPECT_TRUE(holds(open_dataset("crc", root / "data").reason, "NONORM/MUS is missing"));
}

TEST(CrcDataset, ReadsTheStandInOfBothSets) {
  const TempFolder root;
  write_stand_in("crc", root.path(), TreeSize::small());
  const Listing listing = open_dataset("crc", root.path());
  EXPECT_EQ(28u, listing.samples.size()) << listing.reason;
  EXPECT_TRUE(listing.warnings.empty());
}

TEST(CrcDataset, TakesOtherClassesInTheOrderAskedFor) {
  const TempFolder root;
  make_set(root, kPool);
  const Listing listing = open_dataset("crc", root.path(), {{"classes", "[\"TUM\", \"BACK\"]"}});
  EXPECT_EQ((std::vector<std::string>{"TUM", "BACK"}), listing.classes);
  EXPECT_EQ(2u, listing.samples.size());
  const Listing refused = open_dataset("crc", root.path(), {{"classes", "[\"TUMO\"]"}});
  EXPECT_EQ(HISTOKT_BAD_REQUEST, refused.status);
  EXPECT_TRUE(holds(refused.reason, "did you mean \"TUM\"?")) << refused.reason;
}

TEST(CrcDataset, DrawsSoManyOfEachClassAndSet) {
  const TempFolder root;
  TreeSize size = TreeSize::small();
  size.least = 5;
  write_stand_in("crc", root.path(), size);
  std::map<std::pair<histokt_split, int>, int> counts;
  for (const ListedSample& sample : open_dataset("crc", root.path(), {{"per_class", "3"}}).samples) {
    ++counts[{sample.official_split, sample.label}];
  }
  EXPECT_EQ(14u, counts.size());
  for (const auto& [part, count] : counts) EXPECT_EQ(3, count);
}

TEST(CrcRefuses, LinksThatLeaveTheRootAndEmptyClasses) {
  expect_refused("crc", {{"a link out of the root",
                          [](auto& r) { fs::create_symlink("/etc/passwd", r / "CRC-VAL-HE-7K/ADI/x.tif"); },
                          HISTOKT_FAILED,
                          {"is a symbolic link out of"}},
                         {"a class of the external set is missing",
                          [](auto& r) { fs::remove_all(r / "CRC-VAL-HE-7K/TUM"); },
                          HISTOKT_BAD_REQUEST,
                          {"CRC-VAL-HE-7K/TUM is missing", "Expected:\n"}}});
}

}  // namespace
}  // namespace histokt::test
