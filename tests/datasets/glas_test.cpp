// SPDX-License-Identifier: MIT
#include "refusals.hpp"

namespace histokt::test {
namespace {

const std::string kBase = "Warwick QU Dataset (Released 2016_07_08)/";
const std::string kTable = kBase + "Grade.csv";

Listing open(const TempFolder& root, std::map<std::string, std::string> set = {}) {
  return open_dataset("glas", root.path(), std::move(set));
}

class GlasDataset : public testing::Test {
 protected:
  GlasDataset() { write_stand_in("glas", root_.path(), TreeSize::small()); }
  TempFolder root_;
};

TEST_F(GlasDataset, ReadsATableOfBareCarriageReturnsAndLeadingBlanks) {
  const std::string text = file_text(root_ / kTable);
  ASSERT_EQ(std::string::npos, text.find('\n'));
  ASSERT_NE('\r', text.back());
  const Listing listing = open(root_);
  ASSERT_EQ(HISTOKT_OK, listing.status) << listing.reason;
  EXPECT_EQ((std::vector<std::string>{"benign", "malignant"}), listing.classes);
  EXPECT_EQ(12u, listing.samples.size());
  EXPECT_EQ("benign", listing.class_of("testA_1.bmp"));
  EXPECT_EQ("malignant", listing.class_of("train_4.bmp"));
  EXPECT_EQ("patient 5", listing.at("train_4.bmp").group);
  EXPECT_EQ(HISTOKT_GROUP_PATIENT, listing.info.group_level);
  EXPECT_EQ(0.62005, listing.info.microns_per_pixel);
  EXPECT_TRUE(listing.warnings.empty()) << listing.warnings[0];
}

TEST_F(GlasDataset, ValidatesWithTestAAndTestsWithTestBInThePaper) {
  const Listing listing = open(root_);
  for (const ListedSample& sample : listing.samples) {
    const bool train = sample.id.starts_with("train_"), test_a = sample.id.starts_with("testA_");
    EXPECT_EQ(train ? HISTOKT_SPLIT_TRAIN : HISTOKT_SPLIT_TEST, sample.official_split) << sample.id;
    EXPECT_EQ(train    ? HISTOKT_SPLIT_TRAIN
              : test_a ? HISTOKT_SPLIT_VALID
                       : HISTOKT_SPLIT_TEST,
              sample.paper_split)
        << sample.id;
  }
}

TEST(Glas, SharesEveryPatientOfTestBWithTraining) {
  const TempFolder root;
  TreeSize size = TreeSize::full();
  size.side_divisor = 64;
  write_stand_in("glas", root.path(), size);
  const Listing listing = open(root);
  ASSERT_EQ(165u, listing.samples.size()) << listing.reason;
  EXPECT_EQ(16u, listing.groups().size());
  std::set<std::string> train, test_b;
  for (const ListedSample& sample : listing.samples) {
    if (sample.id.starts_with("train_")) train.insert(sample.group);
    if (sample.id.starts_with("testB_")) test_b.insert(sample.group);
  }
  EXPECT_EQ(5u, test_b.size());
  for (const std::string& patient : test_b) EXPECT_TRUE(train.contains(patient)) << patient;
}

TEST(GlasRefuses, BadTablesAndImages) {
  expect_refused("glas", {{"no table",
                           [](auto& r) { fs::remove(r / kTable); },
                           HISTOKT_BAD_REQUEST,
                           {"Grade.csv is missing", "Expected:\n"}},
                          {"another tree",
                           [](auto& r) { fs::rename(r / kBase, r / "GlaS"); },
                           HISTOKT_BAD_REQUEST,
                           {"Warwick QU Dataset (Released 2016_07_08) is missing", "holds the folders GlaS"}},
                          {"wrong header",
                           [](auto& r) { edit(r / kTable, " grade (GlaS)", " grade"); },
                           HISTOKT_BAD_REQUEST,
                           {"Grade.csv has no column \"grade (GlaS)\"", "as published"}},
                          {"an unknown grade",
                           [](auto& r) { edit(r / kTable, "benign", "begnin"); },
                           HISTOKT_FAILED,
                           {"the grade \"begnin\" is not one of benign and malignant"}},
                          {"no patient",
                           [](auto& r) { edit(r / kTable, "testA_1, 2,", "testA_1, ,"); },
                           HISTOKT_FAILED,
                           {"line 2: the column \"patient ID\" is empty"}},
                          {"a listed image is absent",
                           [](auto& r) { fs::remove(r / (kBase + "testB_2.bmp")); },
                           HISTOKT_FAILED,
                           {"line 7 names testB_2.bmp", "(1 of 12 listed"}},
                          {"a row occurs twice",
                           [](auto& r) { append_to(r / kTable, "\rtrain_1, 2, benign, healthy"); },
                           HISTOKT_FAILED,
                           {"line 14 names the image train_1.bmp", "line 10 too"}},
                          {"a mask in place of an image",
                           [](auto& r) { edit(r / kTable, "testA_1,", "testA_1_anno,"); },
                           HISTOKT_FAILED,
                           {"line 2: the name \"testA_1_anno\" is not in this dataset"}},
                          {"a name leads out of the root",
                           [](auto& r) { edit(r / kTable, "testA_1,", "../../etc/passwd,"); },
                           HISTOKT_FAILED,
                           {"line 2: \"../../etc/passwd.bmp\" is not the name of an image"}},
                          {"bytes that are not UTF-8",
                           [](auto& r) { edit(r / kTable, "healthy", "h\xE9"); },
                           HISTOKT_FAILED,
                           {"line 2: the line holds", "bytes that are not UTF-8"}},
                          {"an image that is a link out of the root",
                           [](auto& r) {
                             fs::remove(r / (kBase + "testB_2.bmp"));
                             fs::create_symlink("/etc/passwd", r / (kBase + "testB_2.bmp"));
                           },
                           HISTOKT_FAILED,
                           {"is a symbolic link out of"}}});
}

TEST_F(GlasDataset, WarnsOfAnImageThatNoRowNames) {
  root_.write(kBase + "train_99.bmp");
  root_.write(kBase + "train_99_anno.bmp");
  const Listing listing = open(root_);
  EXPECT_EQ(12u, listing.samples.size());
  ASSERT_EQ(1u, listing.warnings.size());
  EXPECT_TRUE(listing.warnings[0].starts_with("1 image in")) << listing.warnings[0];
}

}  // namespace
}  // namespace histokt::test
