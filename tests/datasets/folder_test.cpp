// SPDX-License-Identifier: MIT
#include "support/fake_dataset.hpp"

namespace histokt::test {
namespace {

constexpr const char* kScale = "0.5";

Listing open(const TempFolder& root, std::map<std::string, std::string> set = {}) {
  set.emplace("microns_per_pixel", kScale);
  return open_dataset("folder", root.path(), std::move(set));
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(FolderDataset, TakesClassesFromFolderNames) {
  const TempFolder root;
  for (const char* name : {"stroma/1.png", "adipose/x/2.tif", "adipose/Thumbs.db", "notes.png"})
    root.write(name);
  const Listing listing = open(root);
  ASSERT_EQ(HISTOKT_OK, listing.status) << listing.reason;
  EXPECT_EQ((std::vector<std::string>{"adipose", "stroma"}), listing.classes);
  ASSERT_EQ(2u, listing.samples.size());
  EXPECT_EQ("adipose", listing.class_of("adipose/x/2.tif"));
  EXPECT_EQ("stroma", listing.class_of("stroma/1.png"));
  EXPECT_EQ((root / "stroma/1.png").string(), listing.at("stroma/1.png").file);
  EXPECT_EQ(0.5, listing.info.microns_per_pixel);
}

TEST(FolderDataset, LetsEachImageStandAloneWithoutARule) {
  const TempFolder root;
  for (const char* name : {"a/1.png", "b/1.png"}) root.write(name);
  const Listing listing = open(root);
  EXPECT_EQ((std::set<std::string>{"a/1.png", "b/1.png"}), listing.groups());
  EXPECT_EQ(HISTOKT_GROUP_PICTURE, listing.info.group_level);
}

TEST(FolderDataset, FindsGroupsInTheNames) {
  const TempFolder root;
  root.write("01_TUMOR/10142_CRC-Prim-HE-09_025.tif_Row_151_Col_151.tif");
  root.write("02_STROMA/101A0_CRC-Prim-HE-09_025.tif_Row_151_Col_1.tif");
  root.write("02_STROMA/1198_CRC-Prim-HE-07.tif_Row_301_Col_901.tif");
  const Listing captured =
      open(root, {{"group", "'^[0-9A-F]+_(.+)\\.tif_Row'"}, {"group_level", "\"slide\""}});
  ASSERT_EQ(HISTOKT_OK, captured.status) << captured.reason;
  EXPECT_EQ((std::set<std::string>{"CRC-Prim-HE-07", "CRC-Prim-HE-09_025"}), captured.groups());
  EXPECT_EQ(HISTOKT_GROUP_SLIDE, captured.info.group_level);
  const Listing matched = open(root, {{"group", "'CRC-Prim-HE-[0-9]+'"}});
  EXPECT_EQ((std::set<std::string>{"CRC-Prim-HE-07", "CRC-Prim-HE-09"}), matched.groups());
}

TEST(FolderDataset, FindsGroupsInFoldersBelowTheClass) {
  const TempFolder root;
  for (const char* name : {"a/patient 1/1.png", "b/patient 1/2.png", "b/patient 2/3.png"}) root.write(name);
  EXPECT_EQ((std::set<std::string>{"patient 1", "patient 2"}), open(root, {{"group", "'^[^/]+'"}}).groups());
}

TEST(FolderDataset, NamesTheImageWithoutAGroup) {
  const TempFolder root;
  for (const char* name : {"a/p1_1.png", "a/other.png"}) root.write(name);
  const Listing listing = open(root, {{"group", "'^p[0-9]+'"}});
  EXPECT_EQ(HISTOKT_BAD_REQUEST, listing.status);
  EXPECT_TRUE(holds(listing.reason, "a/other.png")) << listing.reason;
}

TEST(FolderDataset, RefusesABadRuleAndALevelWithoutARule) {
  const TempFolder root;
  root.write("a/1.png");
  EXPECT_TRUE(holds(open(root, {{"group", "'('"}}).reason, "not a regular expression"));
  EXPECT_TRUE(holds(open(root, {{"group_level", "\"patient\""}}).reason, "needs the option group"));
}

TEST(FolderDataset, TakesOnlyTheNamedClassesInTheirOrder) {
  const TempFolder root;
  for (const char* name : {"a/1.png", "b/1.png", "c/1.png", "empty/readme.txt"}) root.write(name);
  const Listing listing = open(root, {{"classes", "[\"c\", \"a\"]"}});
  EXPECT_EQ((std::vector<std::string>{"c", "a"}), listing.classes);
  EXPECT_EQ(2u, listing.samples.size());
}

TEST(FolderDataset, NamesTheNearestFolderForAClassThatIsMissing) {
  const TempFolder root;
  for (const char* name : {"stroma/1.png", "tumour/1.png"}) root.write(name);
  const Listing listing = open(root, {{"classes", "[\"stroma\", \"tumor\"]"}});
  EXPECT_EQ(HISTOKT_BAD_REQUEST, listing.status);
  EXPECT_TRUE(holds(listing.reason, "did you mean \"tumour\"?")) << listing.reason;
  EXPECT_TRUE(holds(open(root, {{"classes", "[\"stroma\", \"stroma\"]"}}).reason, "twice"));
}

TEST(FolderDataset, SaysThatTheRootIsAFile) {
  const TempFolder root;
  const Listing listing = open_dataset("folder", root.write("images.zip"), {{"microns_per_pixel", kScale}});
  EXPECT_EQ(HISTOKT_BAD_REQUEST, listing.status);
  EXPECT_TRUE(holds(listing.reason, "images.zip is not a folder")) << listing.reason;
}

TEST(FolderDataset, NamesTheOneClassFolderThatIsEmpty) {
  const TempFolder root;
  for (const char* name : {"a/1.png", "b/readme.txt"}) root.write(name);
  const Listing listing = open(root);
  EXPECT_EQ(HISTOKT_BAD_REQUEST, listing.status);
  EXPECT_TRUE(holds(listing.reason, (root / "b").string() + " holds no image")) << listing.reason;
}

TEST(FolderDataset, RefusesAClassOutsideTheRoot) {
  const TempFolder root;
  root.write("a/1.png");
  for (const char* name : {"[\"../../etc\"]", "[\"/etc\"]"}) {
    EXPECT_TRUE(holds(open(root, {{"classes", name}}).reason, "the option classes names")) << name;
  }
}

TEST(FolderDataset, ShowsTheLayoutWhereTheRootIsWrong) {
  const TempFolder root;
  EXPECT_TRUE(holds(open(root).reason, "no class folders"));
  EXPECT_TRUE(holds(open(root).reason, "Expected:\n  ROOT/"));
  std::filesystem::create_directory(root / "a");
  EXPECT_TRUE(holds(open(root).reason, "holds no image"));
  const Listing gone = open_dataset("folder", root / "gone", {{"microns_per_pixel", kScale}});
  EXPECT_EQ(HISTOKT_BAD_REQUEST, gone.status);
  EXPECT_TRUE(holds(gone.reason, "gone is missing")) << gone.reason;
}

TEST(FolderDataset, FindsAClassWhoseNameIsSpelledInOtherBytes) {
  const std::string whole = "Dr\xC3\xBCse", apart = "Dru\xCC\x88se";
  const TempFolder root;
  root.write(apart + "/1.png");
  root.write("b/1.webp");
  const Listing listing = open(root, {{"classes", "[\"" + whole + "\", \"b\"]"}});
  ASSERT_EQ(HISTOKT_OK, listing.status) << listing.reason;
  EXPECT_EQ((std::vector<std::string>{whole, "b"}), listing.classes);
  EXPECT_EQ(whole, listing.class_of(whole + "/1.png"));
  EXPECT_EQ((root / (apart + "/1.png")).string(), listing.at(whole + "/1.png").file);
  EXPECT_EQ((std::vector<std::string>{whole, "b"}), open(root).classes) << "of all, too";
}

TEST(FolderDataset, TellsOnceWhatItLeavesOutForItsExtension) {
  const TempFolder root;
  for (const char* name : {"a/1.png", "a/2.svs", "b/1.png", "b/3.jp2"}) root.write(name);
  const Listing listing = open(root);
  ASSERT_EQ(1u, listing.warnings.size());
  EXPECT_TRUE(holds(listing.warnings[0], "2 images below"));
  EXPECT_TRUE(holds(listing.warnings[0], "1 .jp2 and 1 .svs"));
}

}  // namespace
}  // namespace histokt::test
