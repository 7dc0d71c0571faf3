// SPDX-License-Identifier: MIT
// The plugins' split declarations, put through the host's splitting on listings with the published numbers of
// images: the sizes of the paper's Table 1, and official test sets under by-group splitting.
#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "imaging/crop.hpp"
#include "imaging/decode.hpp"
#include "imaging/rescale.hpp"
#include "patches/split.hpp"
#include "support/fake_dataset.hpp"
#include "support/stand_in_trees.hpp"

namespace histokt::test {
namespace {

using Counts = std::array<std::uint64_t, 3>;

// The whole set, with images of a few pixels.
Listing full_listing(const std::string& name) {
  const TempFolder root;
  TreeSize size = TreeSize::full();
  size.side_divisor = 1000;
  write_stand_in(name, root.path(), size);
  return open_dataset(name, root.path());
}

// As many patches as each image gives.
SplitAssignment split(const Listing& listing, SplitProtocol protocol, int patches_per_image = 1) {
  std::vector<std::int64_t> label;
  std::vector<std::uint8_t> labels;
  std::vector<std::string> group;
  std::vector<std::int8_t> official, paper;
  for (const ListedSample& sample : listing.samples) {
    for (int patch = 0; patch < patches_per_image; ++patch) {
      if (sample.labels.empty()) label.push_back(sample.label);
      labels.insert(labels.end(), sample.labels.begin(), sample.labels.end());
      group.push_back(sample.group);
      official.push_back(static_cast<std::int8_t>(sample.official_split));
      paper.push_back(static_cast<std::int8_t>(sample.paper_split));
    }
  }
  SplitRequest request{.options = {.protocol = protocol, .seed = 1},
                       .classes = listing.classes,
                       .label = label,
                       .labels = labels,
                       .group = group,
                       .official = official,
                       .paper = paper};
  for (std::size_t i = 0; i < 3; ++i) {
    request.paper_shares[i] = listing.info.paper_shares[i];
    request.paper_per_class[i] = listing.info.paper_per_class[i];
  }
  return assign_split(request);
}

TEST(PaperProtocol, GivesTheSizesOfTable1) {
  struct Row {
    const char* set;
    int patches_per_image;
    Counts sizes;
  };
  // BACH and OS before the background filter has dropped any; their sizes after it follow from the same
  // shares.
  for (const Row& row : {Row{"adp", 1, {14134, 1767, 1767}}, Row{"mhist", 1, {1740, 435, 977}},
                         Row{"bach", 6, {960, 240, 1200}}, Row{"aj-lymph", 1, {299, 37, 38}},
                         Row{"os", 16, {14643, 1830, 1831}}, Row{"glas", 1, {85, 60, 20}}}) {
    const Listing listing = full_listing(row.set);
    ASSERT_EQ(HISTOKT_OK, listing.status) << listing.reason;
    EXPECT_EQ(row.sizes, split(listing, SplitProtocol::kPaper, row.patches_per_image).patches) << row.set;
  }
}

// How many patches each image gives that lies in the tree, by its size alone: the background filter is off.
std::vector<std::size_t> patches_of_images(const Listing& listing) {
  constexpr int kSide = 272;
  const double overlap = listing.info.overlap > 0 ? listing.info.overlap : 0.25;
  std::map<ino_t, std::size_t> known;  // one file may stand under many names
  std::vector<std::size_t> patches;
  for (const ListedSample& sample : listing.samples) {
    struct stat facts {};
    EXPECT_EQ(0, ::stat(sample.file.c_str(), &facts));
    const auto [place, is_new] = known.emplace(facts.st_ino, 1);
    if (is_new && (listing.info.flags & HISTOKT_DATASET_AS_IS) == 0) {
      const Image image = decode_image(sample.file);
      const Size size = rescaled_size({image.height, image.width}, listing.info.microns_per_pixel);
      const Size wrapped{std::max(size.height, kSide), std::max(size.width, kSide)};
      place->second = patch_corners(wrapped, kSide, crop_stride(kSide, overlap)).size();
    }
    patches.push_back(place->second);
  }
  return patches;
}

TEST(Geometry, GivesTable1sNumberOfPatchesFromImagesOfTheRealSizes) {
  const std::map<std::string, std::size_t> all = {{"adp", 17668},    {"mhist", 3152}, {"bach", 2400},
                                                  {"aj-lymph", 374}, {"os", 18304},   {"glas", 316}};
  for (const auto& [set, expected] : all) {
    const TempFolder root;
    write_stand_in(set, root.path(), TreeSize::full());
    const Listing listing = open_dataset(set, root.path());
    ASSERT_EQ(HISTOKT_OK, listing.status) << listing.reason;
    const std::vector<std::size_t> patches = patches_of_images(listing);
    EXPECT_EQ(expected, std::accumulate(patches.begin(), patches.end(), std::size_t{0})) << set;
    if (set != "glas") continue;
    std::map<histokt_split, std::size_t> parts;
    for (std::size_t i = 0; i < patches.size(); ++i) parts[listing.samples[i].paper_split] += patches[i];
    EXPECT_EQ(164u, parts[HISTOKT_SPLIT_TRAIN]);
    EXPECT_EQ(112u, parts[HISTOKT_SPLIT_VALID]);
    EXPECT_EQ(40u, parts[HISTOKT_SPLIT_TEST]);
  }
}

TEST(Geometry, GivesBcssTheNumberOfPatchesOfItsImagesSizes) {
  const TempFolder root;
  TreeSize size = TreeSize::full();
  size.share = 0.04;  // six regions, of which five sizes
  size.side_divisor = 4;
  write_stand_in("bcss", root.path(), size);
  // A quarter of the side at four times the microns: what the whole regions give.
  const Listing listing = open_dataset("bcss", root.path(), {{"microns_per_pixel", "1.0"}});
  ASSERT_EQ(HISTOKT_OK, listing.status) << listing.reason;
  EXPECT_EQ(0.75, listing.info.overlap);
  // 2500 x 2000 pixels and up, 10,000 x 8,000 the largest: at 1.0 microns 625 x 500 ... 2500 x 2000.
  const std::vector<std::size_t> sizes = {6 * 4, 13 * 9, 19 * 15, 26 * 20, 33 * 26};
  std::vector<std::size_t> found = patches_of_images(listing);
  std::ranges::sort(found);
  EXPECT_EQ((std::vector<std::size_t>{sizes[0], sizes[0], sizes[1], sizes[2], sizes[3], sizes[4]}), found);
}

TEST(PaperProtocol, DrawsPcamsTrainingAndValidation) {
  const TempFolder root;
  TreeSize size = TreeSize::small();
  size.share = 0.016;  // 2097 of each class for training, 262 for validation and test
  size.packed = false;
  write_stand_in("pcam", root.path(), size);
  const Listing listing = open_dataset("pcam", root.path());
  ASSERT_EQ(HISTOKT_OK, listing.status) << listing.reason;
  EXPECT_EQ((Counts{2000, 400, 524}), split(listing, SplitProtocol::kPaper).patches);
  const SplitAssignment by_group = split(listing, SplitProtocol::kByGroup);
  EXPECT_EQ((Counts{2500, 500, 524}), by_group.patches);
  EXPECT_EQ(0u, by_group.groups_in_two);
}

class CrcSplits : public testing::Test {
 protected:
  static const Listing& listing() {
    static const Listing kListing = full_listing("crc");
    return kListing;
  }
};

TEST_F(CrcSplits, TakeThePapersTestFromTheLargeSet) {
  const SplitAssignment made = split(listing(), SplitProtocol::kPaper);
  EXPECT_EQ((Counts{14000, 1750, 1750}), made.patches);
  for (std::size_t i = 0; i < made.split.size(); ++i) {
    const bool external = listing().samples[i].id.starts_with("CRC-VAL");
    EXPECT_TRUE(!external || made.split[i] == Split::kLeftOut);
  }
}

TEST_F(CrcSplits, TestOnTheExternalSetByGroup) {
  const SplitAssignment made = split(listing(), SplitProtocol::kByGroup);
  EXPECT_TRUE(made.official_test_kept);
  EXPECT_EQ(5994u, made.patches[2]);
}

TEST(ByGroup, KeepsMhistsOfficialTest) {
  const SplitAssignment made = split(full_listing("mhist"), SplitProtocol::kByGroup);
  EXPECT_TRUE(made.official_test_kept);
  EXPECT_EQ(977u, made.patches[2]);
}

TEST(ByGroup, SplitsAnewWhereTheOfficialTestSharesPatientsOrSlides) {
  for (const char* set : {"glas", "adp"}) {
    const SplitAssignment made = split(full_listing(set), SplitProtocol::kByGroup);
    EXPECT_FALSE(made.official_test_kept) << set;
    EXPECT_EQ(0u, made.groups_in_two) << set;
    for (const std::uint64_t groups : made.groups) EXPECT_GT(groups, 0u) << set;
  }
}

}  // namespace
}  // namespace histokt::test
