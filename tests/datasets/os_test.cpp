// SPDX-License-Identifier: MIT
#include "refusals.hpp"

namespace histokt::test {
namespace {

const std::string kUt = "Osteosarcoma-UT/", kSet1 = kUt + "Training-Set-1/set1/",
                  kSet5 = kUt + "Training-Set-2/set5/";

// One image of each label and of each way to name a case.
void make_set(const TempFolder& root) {
  for (const char* name : {"Case-3-A15-2939-11262.jpg", "Case-48-P5-C20-1-2.jpg"}) root.write(kSet1 + name);
  for (const char* name : {"P9-B7-22066-28200.jpg", "Case-4-C21-25306-21689.jpg"}) root.write(kSet5 + name);
  root.write(kSet1 + "PathologistValidation.csv", "Case-3-A15-2939-11262.jpg,Non-Tumor\n");
  root.write(kUt + "ML_Features_1144.csv",
             "image.name,circularity,classification\r\n"
             "Case 3 A15-2939-11262,1,Non-Tumor\r\n"
             "Case 48 - P5 C20-1-2,2,Viable\r\n"
             "P9 B7-22066-28200,3,Non-Viable-Tumor\r\n"
             "Case 4 C21-25306-21689,4,viable: non-viable\r\n");
}

std::string table(const std::string& rows) {
  return "image.name,classification\n" + rows;
}

TEST(OsDataset, FindsTheFilesOfTheTablesNames) {
  const TempFolder root;
  make_set(root);
  const Listing listing = open_dataset("os", root.path());
  ASSERT_EQ(HISTOKT_OK, listing.status) << listing.reason;
  EXPECT_EQ((std::vector<std::string>{"Non-Tumor", "Viable", "Non-Viable-Tumor"}), listing.classes);
  EXPECT_EQ("Non-Tumor", listing.class_of("Training-Set-1/set1/Case-3-A15-2939-11262.jpg"));
  EXPECT_EQ("Viable", listing.class_of("Training-Set-1/set1/Case-48-P5-C20-1-2.jpg"));
  EXPECT_EQ("Non-Viable-Tumor", listing.class_of("Training-Set-2/set5/P9-B7-22066-28200.jpg"));
  EXPECT_EQ((root / (kSet5 + "P9-B7-22066-28200.jpg")).string(),
            listing.at("Training-Set-2/set5/P9-B7-22066-28200.jpg").file);
  EXPECT_EQ(1.0, listing.info.microns_per_pixel);
  EXPECT_TRUE(listing.warnings.empty());
}

TEST(OsDataset, KeepsEachCaseTogether) {
  const TempFolder root;
  make_set(root);
  const Listing listing = open_dataset("os", root.path());
  EXPECT_EQ((std::set<std::string>{"Case 3", "Case 4", "Case 48", "P9"}), listing.groups());
  EXPECT_EQ(HISTOKT_GROUP_PATIENT, listing.info.group_level);
}

TEST(OsDataset, CountsDropsOrKeepsTheMixedLabel) {
  const TempFolder root;
  make_set(root);
  const std::string mixed = "Training-Set-2/set5/Case-4-C21-25306-21689.jpg";
  EXPECT_EQ("Viable", open_dataset("os", root.path()).class_of(mixed));
  const Listing kept = open_dataset("os", root.path(), {{"mixed", "\"keep\""}});
  EXPECT_EQ("viable: non-viable", kept.class_of(mixed));
  EXPECT_EQ(4u, kept.classes.size());
  const Listing dropped = open_dataset("os", root.path(), {{"mixed", "\"drop\""}});
  EXPECT_EQ(3u, dropped.samples.size());
  EXPECT_TRUE(dropped.warnings.empty());
}

TEST(OsDataset, GivesTheSameListingForTheFolderItself) {
  const TempFolder root;
  make_set(root);
  const Listing above = open_dataset("os", root.path()),
                within = open_dataset("os", root / "Osteosarcoma-UT");
  ASSERT_EQ(4u, within.samples.size()) << within.reason;
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(above.samples[i].id, within.samples[i].id);
}

TEST(OsDataset, RefusesTheCopiedTableWithMergedLabels) {
  const TempFolder root;
  make_set(root);
  root.write(kUt + "ML_Features_1144.csv", "image_name,classification\nCase 3 A15-2939-11262,Tumor,,stray\n");
  const Listing listing = open_dataset("os", root.path());
  EXPECT_EQ(HISTOKT_BAD_REQUEST, listing.status);
  EXPECT_TRUE(holds(listing.reason, "is a changed copy of the table")) << listing.reason;
}

TEST(OsDataset, RefusesNamesThatLeadOutOfTheFolder) {
  const TempFolder root;
  make_set(root);
  root.write(kUt + "ML_Features_1144.csv", table("../../Case 3,Viable\n"));
  const Listing listing = open_dataset("os", root.path());
  EXPECT_EQ(HISTOKT_FAILED, listing.status);
  EXPECT_TRUE(holds(listing.reason, "ML_Features_1144.csv, line 2: the image.name \"../../Case 3\""))
      << listing.reason;
}

TEST(OsDataset, NamesTheRowOfAMissingImage) {
  const TempFolder root;
  make_set(root);
  std::filesystem::remove(root / (kSet5 + "P9-B7-22066-28200.jpg"));
  const Listing listing = open_dataset("os", root.path());
  EXPECT_TRUE(holds(listing.reason, "line 4 names P9-B7-22066-28200.jpg")) << listing.reason;
  EXPECT_TRUE(holds(listing.reason, "(1 of 4 listed images are missing)")) << listing.reason;
}

TEST(OsDataset, WarnsOfImagesThatAreNotListed) {
  const TempFolder root;
  make_set(root);
  for (const char* name : {"P9-B7-1-1.jpg", "P9-B7-1-2.jpg"}) root.write(kSet1 + name);
  const Listing listing = open_dataset("os", root.path());
  EXPECT_EQ(4u, listing.samples.size());
  ASSERT_EQ(1u, listing.warnings.size());
  EXPECT_TRUE(listing.warnings[0].starts_with("2 images below")) << listing.warnings[0];
}

TEST(OsDataset, RefusesUnknownLabelsUnknownCasesAndRepeatedNames) {
  const TempFolder root;
  make_set(root);
  const auto reason = [&](const std::string& rows) {
    root.write(kUt + "ML_Features_1144.csv", table(rows));
    return open_dataset("os", root.path()).reason;
  };
  EXPECT_TRUE(
      holds(reason("Case 3 A15-2939-11262,Tumor\n"), "line 2: the classification \"Tumor\" is not one of"));
  EXPECT_TRUE(holds(reason("A15-2939-11262,Viable\n"),
                    "line 2: the image.name \"A15-2939-11262\" does not identify a case"));
  EXPECT_TRUE(holds(reason("P9 B7-1-1,Viable\nP9-B7-1-1,Viable\n"), "line 3 names an image that is in"));
}

TEST(OsDataset, RefusesAnImageThatIsThereTwice) {
  const TempFolder root;
  make_set(root);
  root.write(kSet1 + "P9-B7-22066-28200.jpg");
  EXPECT_TRUE(holds(open_dataset("os", root.path()).reason, "exists twice"));
}

// What is wrong with the set where its table holds `text`; "" where nothing is.
std::string reason_of_table(const std::string& text) {
  const TempFolder root;
  make_set(root);
  root.write(kUt + "ML_Features_1144.csv", text);
  const Listing listing = open_dataset("os", root.path());
  return listing.status == HISTOKT_OK ? "" : listing.reason;
}

const std::string kRows =
    "Case 3 A15-2939-11262,Non-Tumor\nCase 48 - P5 C20-1-2,Viable\nP9 B7-22066-28200,Viable\n"
    "Case 4 C21-25306-21689,Viable\n";

std::string with_line_ends(std::string text, const std::string& end) {
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += end.size())
    text.replace(at, 1, end);
  return text;
}

TEST(OsDataset, TakesEveryLineEndAndAByteOrderMark) {
  EXPECT_EQ("", reason_of_table(table(kRows)));
  EXPECT_EQ("", reason_of_table(with_line_ends(table(kRows), "\r\n")));
  EXPECT_EQ("", reason_of_table(with_line_ends(table(kRows), "\r")));
  EXPECT_EQ("", reason_of_table("\xEF\xBB\xBF" + table(kRows)));
}

TEST(OsDataset, NamesFileAndLineOfEveryFaultOfTheTable) {
  const std::string file = "ML_Features_1144.csv";
  const auto expect = [&](const std::string& text, const std::string& what) {
    const std::string reason = reason_of_table(text);
    EXPECT_TRUE(holds(reason, file)) << reason;
    EXPECT_TRUE(holds(reason, what)) << reason;
    EXPECT_EQ(std::string::npos, reason.find('\n')) << "one sentence: " << reason;
  };
  expect("", "is empty; expected a line that names the columns");
  expect("image.name,label\n" + kRows, "has no column \"classification\"");
  expect("image.name,classification,classification\nCase 3 A15-2939-11262,Viable,Viable\n",
         "has two columns called");
  expect(table("Case 3 A15-2939-11262\n"), ", line 2: the line has 1 cells, the header 2");
  expect(table("Case 3 A15-2939-11262,Viable,x\n"), ", line 2: the line has 3 cells, the header 2");
  expect(table("\"Case 3 A15-2939-11262,Viable\n"),
         ", line 2: the line opens a double quote that nothing closes");
  expect(table(std::string("Case 3\0,Viable\n", 15)), ", line 2: the line holds in cell 1 a zero byte");
  expect(table("Case 3 \xE4,Viable\n"), ", line 2: the line holds in cell 1 bytes that are not UTF-8");
  expect(table("x" + std::string(1'000'000, ',') + "\n"), ", line 2: the line has more than 10,000 cells");
  expect(table(kRows + "P9 B7-22066-28200,Viable\n"), ", line 6 names an image that is in");
  expect(table("../../etc/passwd,Viable\n"),
         ", line 2: the image.name \"../../etc/passwd\" is not the name of an image");
  expect(table(kRows + "P9 B7-1-1,Viable\n"), ", line 6 names P9-B7-1-1.jpg, which does not exist below");
}

TEST(OsDataset, ShowsTheLayoutWhereTheTableIsMissing) {
  const TempFolder root;
  make_set(root);
  std::filesystem::remove(root / (kUt + "ML_Features_1144.csv"));
  const std::string reason = open_dataset("os", root.path()).reason;
  EXPECT_TRUE(holds(reason, "ML_Features_1144.csv is missing")) << reason;
  EXPECT_TRUE(holds(reason, "Expected:\n  ROOT/")) << reason;
}

TEST(OsDataset, ReadsTheStandInWithAllItsColumns) {
  const TempFolder root;
  write_stand_in("os", root.path(), TreeSize::small());
  const Listing listing = open_dataset("os", root.path());
  EXPECT_EQ(16u, listing.samples.size()) << listing.reason;
  EXPECT_EQ(4u, listing.groups().size());
  EXPECT_TRUE(listing.warnings.empty());
}

TEST(OsDataset, TakesClassesInTheOrderAskedForAndSoManyOfEach) {
  const TempFolder root;
  write_stand_in("os", root.path(), TreeSize::small());
  const Listing two = open_dataset("os", root.path(), {{"classes", "[\"Viable\", \"Non-Tumor\"]"}});
  EXPECT_EQ((std::vector<std::string>{"Viable", "Non-Tumor"}), two.classes);
  EXPECT_EQ(12u, two.samples.size()) << "Viable counts the mixed ones";
  EXPECT_TRUE(two.warnings.empty());
  EXPECT_EQ(9u, open_dataset("os", root.path(), {{"per_class", "3"}}).samples.size());
  const Listing refused = open_dataset("os", root.path(), {{"classes", "[\"viable: non-viable\"]"}});
  EXPECT_EQ(HISTOKT_BAD_REQUEST, refused.status) << "a class only where mixed = keep";
}

TEST(OsRefuses, BytesAndLinksThatDoNotBelong) {
  const std::string ml = kUt + "ML_Features_1144.csv";
  expect_refused("os",
                 {{"bytes that are not UTF-8",
                   [&](auto& r) { edit(r / ml, "Non-Tumor", "Non\xFFTumor"); },
                   HISTOKT_FAILED,
                   {"line 2: the line holds", "bytes that are not UTF-8"}},
                  {"wrong header",
                   [&](auto& r) { edit(r / ml, "classification", "class"); },
                   HISTOKT_FAILED,
                   {"has no column \"classification\""}},
                  {"a link out of the root",
                   [](auto& r) { fs::create_symlink("/etc/passwd", r / (kSet1 + "Case-3-A1-1-1.jpg")); },
                   HISTOKT_FAILED,
                   {"is a symbolic link out of"}}});
}

TEST(OsDataset, TakesImagesWhoseExtensionIsSpelledOtherwise) {
  const TempFolder root;
  make_set(root);
  for (const auto& [from, to] : {std::pair{"Case-3-A15-2939-11262.jpg", "Case-3-A15-2939-11262.JPG"},
                                 std::pair{"Case-48-P5-C20-1-2.jpg", "Case-48-P5-C20-1-2.jpeg"}}) {
    std::filesystem::rename(root / (kSet1 + from), root / (kSet1 + to));
  }
  const Listing listing = open_dataset("os", root.path());
  ASSERT_EQ(HISTOKT_OK, listing.status) << listing.reason;
  EXPECT_EQ(4u, listing.samples.size());
  EXPECT_EQ("Viable", listing.class_of("Training-Set-1/set1/Case-48-P5-C20-1-2.jpeg"));
}

}  // namespace
}  // namespace histokt::test
