// SPDX-License-Identifier: MIT
#include "refusals.hpp"

namespace histokt::test {
namespace {

const std::string kBase = "0_Public-data-Amgad2019_0.25MPP/";
const std::string kCodes = kBase + "meta/gtruth_codes.tsv";
const std::string kFirst = "TCGA-A1-AAAA-DX1_xmin45749_ymin25055_MPP-0.2500.png";

Listing open(const TempFolder& root, std::map<std::string, std::string> set = {}) {
  return open_dataset("bcss", root.path(), std::move(set));
}

// What the extension for masks says.
struct Masks {
  std::map<int, int> meaning;  // code, class index or what it counts as
  double label_threshold = -1, min_coverage = -1;
  std::vector<std::string> files;
};

Masks open_masks(const TempFolder& root, std::map<std::string, std::string> set = {},
                 std::uint64_t images = 3) {
  const histokt_descriptor& plugin = dataset_plugin("bcss");
  const auto& api = *static_cast<const histokt_dataset_api*>(plugin.api);
  const auto& masks = *static_cast<const histokt_dataset_masks*>(api.get_extension(HISTOKT_DATASET_MASKS));
  FakeHost host;
  const FakeSettings settings(plugin, std::move(set));
  histokt_dataset* dataset = nullptr;
  EXPECT_EQ(HISTOKT_OK, api.create(host.raw(), root.path().c_str(), settings.raw(), &dataset))
      << host.reason();
  Masks found;
  const histokt_mask_code* codes = nullptr;
  std::size_t count = 0;
  EXPECT_EQ(HISTOKT_OK, masks.get_codes(dataset, &codes, &count));
  for (std::size_t i = 0; i < count; ++i) found.meaning[codes[i].code] = codes[i].class_index;
  EXPECT_EQ(HISTOKT_OK, masks.get_thresholds(dataset, &found.label_threshold, &found.min_coverage));
  histokt_reader* reader = nullptr;
  EXPECT_EQ(HISTOKT_OK, api.open_reader(dataset, &reader));
  for (std::uint64_t i = 0; i < images; ++i) {
    ListedSample mask;
    const histokt_sink sink = {sizeof(histokt_sink), 0, &mask, &detail::keep_path, nullptr, nullptr};
    EXPECT_EQ(HISTOKT_OK, masks.read_mask(reader, i, &sink));
    found.files.push_back(mask.file);
  }
  api.close_reader(reader);
  api.destroy(dataset);
  return found;
}

class BcssDataset : public testing::Test {
 protected:
  BcssDataset() { write_stand_in("bcss", root_.path(), TreeSize::small()); }
  TempFolder root_;
};

TEST_F(BcssDataset, ListsRegionsBySlideAndLeavesLabelsToMasks) {
  const Listing listing = open(root_);
  ASSERT_EQ(HISTOKT_OK, listing.status) << listing.reason;
  EXPECT_EQ(10u, listing.classes.size());
  EXPECT_EQ("tumor", listing.classes[0]);
  EXPECT_EQ("blood_vessel", listing.classes[9]);
  EXPECT_EQ(3u, listing.samples.size());
  EXPECT_EQ(unsigned{HISTOKT_DATASET_MULTI_LABEL | HISTOKT_DATASET_LABELS_FROM_MASKS}, listing.info.flags);
  EXPECT_EQ("TCGA-A1-AAAA-DX1", listing.at("rgbs_colorNormalized/" + kFirst).group);
  EXPECT_EQ(3u, listing.groups().size());
  EXPECT_EQ(HISTOKT_GROUP_SLIDE, listing.info.group_level);
  EXPECT_EQ(0.25, listing.info.microns_per_pixel);
  EXPECT_EQ(0.75, listing.info.overlap);
  EXPECT_TRUE(listing.warnings.empty());
}

TEST_F(BcssDataset, GivesEachImageItsMask) {
  const Listing listing = open(root_);
  const Masks masks = open_masks(root_);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(fs::path(listing.samples[i].file).filename(), fs::path(masks.files[i]).filename());
    EXPECT_TRUE(holds(masks.files[i], "/masks/"));
  }
}

TEST_F(BcssDataset, TakesAPartWithItsOwnMasks) {
  for (const std::string seed : {"0", "1", "2"}) {
    const Listing two = open(root_, {{"images", "2"}, {"draw_seed", seed}});
    ASSERT_EQ(2u, two.samples.size());
    const Masks masks = open_masks(root_, {{"images", "2"}, {"draw_seed", seed}}, 2);
    for (std::size_t i = 0; i < 2; ++i) {
      EXPECT_EQ(fs::path(two.samples[i].file).filename(), fs::path(masks.files[i]).filename());
    }
  }
}

TEST_F(BcssDataset, ReadsTheMeaningOfCodesFromTheTable) {
  const Masks masks = open_masks(root_);
  ASSERT_EQ(22u, masks.meaning.size());
  EXPECT_EQ(0, masks.meaning.at(1)) << "tumor";
  EXPECT_EQ(6, masks.meaning.at(8)) << "metaplasia_NOS";
  EXPECT_EQ(9, masks.meaning.at(18)) << "blood_vessel";
  EXPECT_EQ(-1, masks.meaning.at(11)) << "other_immune_infiltrate is other tissue";
  EXPECT_EQ(-1, masks.meaning.at(20)) << "dcis is other tissue";
  edit(root_ / kCodes, "tumor\t1\r", "tumor\t21\r");
  edit(root_ / kCodes, "other\t21\r", "other\t1\r");
  EXPECT_EQ(0, open_masks(root_).meaning.at(21));
}

TEST_F(BcssDataset, CountsThePixelsThatTheDenominatorNames) {
  const auto meaning = [&](const char* denominator) {
    const Masks masks = open_masks(root_, {{"denominator", denominator}});
    return std::pair(masks.meaning.at(0), masks.meaning.at(7));  // outside_roi, exclude
  };
  EXPECT_EQ(std::pair(-2, -2), meaning("\"tissue\""));
  EXPECT_EQ(std::pair(-2, -1), meaning("\"region\""));
  EXPECT_EQ(std::pair(-1, -1), meaning("\"patch\""));
  EXPECT_EQ(-2, open_masks(root_).meaning.at(7)) << "tissue is the default";
}

TEST_F(BcssDataset, HasItsThresholdsAsOptions) {
  const Masks usual = open_masks(root_);
  EXPECT_EQ(0.0, usual.label_threshold);
  EXPECT_EQ(0.2, usual.min_coverage);
  const Masks set = open_masks(root_, {{"label_threshold", "0.05"}, {"min_coverage", "0.5"}});
  EXPECT_EQ(0.05, set.label_threshold);
  EXPECT_EQ(0.5, set.min_coverage);
}

TEST_F(BcssDataset, WarnsOfAMaskWithoutAnImage) {
  fs::remove(root_ / (kBase + "rgbs_colorNormalized/" + kFirst));
  const Listing listing = open(root_);
  EXPECT_EQ(2u, listing.samples.size());
  ASSERT_EQ(1u, listing.warnings.size());
  EXPECT_TRUE(holds(listing.warnings[0], kFirst)) << listing.warnings[0];
}

TEST(BcssRefuses, BadTablesImagesAndMasks) {
  expect_refused("bcss", {{"another tree",
                           [](auto& r) { fs::remove_all(r / kBase); },
                           HISTOKT_BAD_REQUEST,
                           {"0_Public-data-Amgad2019_0.25MPP is missing", "Expected:\n  ROOT/"}},
                          {"no masks",
                           [](auto& r) { fs::remove_all(r / (kBase + "masks")); },
                           HISTOKT_BAD_REQUEST,
                           {"masks is missing"}},
                          {"no table",
                           [](auto& r) { fs::remove(r / kCodes); },
                           HISTOKT_BAD_REQUEST,
                           {"gtruth_codes.tsv is missing"}},
                          {"a mask is missing",
                           [](auto& r) { fs::remove(r / (kBase + "masks/" + kFirst)); },
                           HISTOKT_FAILED,
                           {"the mask of", "masks/" + kFirst + " was expected"}},
                          {"no slide in the name",
                           [](auto& r) {
                             write_bytes(r / (kBase + "rgbs_colorNormalized/region.png"), "x");
                             write_bytes(r / (kBase + "masks/region.png"), "x");
                           },
                           HISTOKT_FAILED,
                           {"region.png does not identify a slide", "before _xmin"}},
                          {"wrong header",
                           [](auto& r) { edit(r / kCodes, "GT_code", "code"); },
                           HISTOKT_BAD_REQUEST,
                           {"gtruth_codes.tsv has no column \"GT_code\""}},
                          {"a class without a code",
                           [](auto& r) { edit(r / kCodes, "stroma", "stromal"); },
                           HISTOKT_FAILED,
                           {"gives no code for the class stroma"}},
                          {"a code that is no number",
                           [](auto& r) { edit(r / kCodes, "stroma\t2", "stroma\ttwo"); },
                           HISTOKT_FAILED,
                           {"line 4: column \"GT_code\" holds \"two\""}},
                          {"a code that is too large",
                           [](auto& r) { edit(r / kCodes, "stroma\t2", "stroma\t70000"); },
                           HISTOKT_FAILED,
                           {"line 4: the code 70000 is outside 0 .. 65535"}},
                          {"a code twice",
                           [](auto& r) { edit(r / kCodes, "stroma\t2", "stroma\t1"); },
                           HISTOKT_FAILED,
                           {"line 4 gives the code 1 a label", "line 3 does too"}},
                          {"a label twice",
                           [](auto& r) { edit(r / kCodes, "stroma\t2", "tumor\t2"); },
                           HISTOKT_FAILED,
                           {"line 4 gives the label tumor a code", "line 3 does too"}},
                          {"bytes that are not UTF-8",
                           [](auto& r) { edit(r / kCodes, "stroma", "str\xF6ma"); },
                           HISTOKT_FAILED,
                           {"line 4: the line holds", "bytes that are not UTF-8"}},
                          {"a mask that is a link out of the root",
                           [](auto& r) {
                             fs::remove(r / (kBase + "masks/" + kFirst));
                             fs::create_symlink("/etc/passwd", r / (kBase + "masks/" + kFirst));
                           },
                           HISTOKT_FAILED,
                           {"is a symbolic link out of"}}});
}

}  // namespace
}  // namespace histokt::test
