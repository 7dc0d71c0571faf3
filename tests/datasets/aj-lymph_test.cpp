// SPDX-License-Identifier: MIT
#include "refusals.hpp"

namespace histokt::test {
namespace {

Listing open(const TempFolder& root, std::map<std::string, std::string> set = {}) {
  return open_dataset("aj-lymph", root.path(), std::move(set));
}

class AjLymphDataset : public testing::Test {
 protected:
  AjLymphDataset() { write_stand_in("aj-lymph", root_.path(), TreeSize::small()); }
  TempFolder root_;
};

TEST_F(AjLymphDataset, ReadsThreeClassesAndKeepsEachSlideTogether) {
  root_.write("AJ-Lymph/CLL/sj-05-5269-R1_002.tif");
  const Listing listing = open(root_);
  ASSERT_EQ(HISTOKT_OK, listing.status) << listing.reason;
  EXPECT_EQ((std::vector<std::string>{"CLL", "FL", "MCL"}), listing.classes);
  EXPECT_EQ(7u, listing.samples.size());
  EXPECT_EQ("CLL", listing.class_of("CLL/sj-05-5269-R1_001.tif"));
  EXPECT_EQ("sj-05-5269-R1", listing.at("CLL/sj-05-5269-R1_001.tif").group);
  EXPECT_EQ("sj-05-5269-R1", listing.at("CLL/sj-05-5269-R1_002.tif").group);
  EXPECT_EQ(6u, listing.groups().size());
  EXPECT_EQ(HISTOKT_GROUP_SLIDE, listing.info.group_level);
  EXPECT_EQ(0.25, listing.info.microns_per_pixel);
  EXPECT_EQ(0.8, listing.info.paper_shares[0]);
}

TEST(AjLymph, HasTenSlidesOfEachClassAtItsPublishedSize) {
  const TempFolder root;
  TreeSize size = TreeSize::full();
  size.side_divisor = 64;
  write_stand_in("aj-lymph", root.path(), size);
  const Listing listing = open(root);
  EXPECT_EQ(374u, listing.samples.size()) << listing.reason;
  EXPECT_EQ(30u, listing.groups().size());
  std::map<int, int> of_class;
  for (const ListedSample& sample : listing.samples) ++of_class[sample.label];
  EXPECT_EQ((std::map<int, int>{{0, 113}, {1, 139}, {2, 122}}), of_class);
}

TEST(AjLymphRefuses, NamesWithoutASlideAndMissingClasses) {
  expect_refused(
      "aj-lymph",
      {{"no slide in the name",
        [](auto& r) { write_bytes(r / "AJ-Lymph/FL/image.tif", "II*"); },
        HISTOKT_FAILED,
        {"FL/image.tif does not identify a slide", "expected a name such as sj-05-5269-R10_015.tif"}},
       {"an empty slide in the name",
        [](auto& r) { write_bytes(r / "AJ-Lymph/FL/_1.tif", "II*"); },
        HISTOKT_FAILED,
        {"FL/_1.tif does not identify a slide"}},
       {"a class is missing",
        [](auto& r) { fs::remove_all(r / "AJ-Lymph/MCL"); },
        HISTOKT_BAD_REQUEST,
        {"MCL is missing", "Expected:\n  ROOT/\n    AJ-Lymph/"}},
       {"another tree",
        [](auto& r) { fs::remove_all(r / "AJ-Lymph"); },
        HISTOKT_BAD_REQUEST,
        {"AJ-Lymph is missing"}},
       {"a link out of the root",
        [](auto& r) { fs::create_symlink("/etc/passwd", r / "AJ-Lymph/FL/x_1.tif"); },
        HISTOKT_FAILED,
        {"is a symbolic link out of"}}});
}

}  // namespace
}  // namespace histokt::test
