// SPDX-License-Identifier: MIT
#include "refusals.hpp"

#include <chrono>
#include <thread>

namespace histokt::test {
namespace {

const std::string kStem = "PCam/camelyonpatch_level_2_split_";

Listing open(const TempFolder& root, std::map<std::string, std::string> set = {}) {
  return open_dataset("pcam", root.path(), std::move(set));
}

// Twelve images of each class in each part; train contiguous, the others in chunks and packed.
TreeSize some() {
  TreeSize size = TreeSize::small();
  size.least = 12;
  return size;
}

class PcamDataset : public testing::Test {
 protected:
  PcamDataset() { write_stand_in("pcam", root_.path(), some()); }
  TempFolder root_;
};

TEST_F(PcamDataset, ReadsImagesFromPackedAndUnpackedFiles) {
  ASSERT_TRUE(fs::exists(root_ / (kStem + "train_x.h5")));
  ASSERT_TRUE(fs::exists(root_ / (kStem + "test_x.h5.gz")));
  const Listing listing = open(root_);
  ASSERT_EQ(HISTOKT_OK, listing.status) << listing.reason;
  EXPECT_EQ((std::vector<std::string>{"non_tumor", "tumor"}), listing.classes);
  ASSERT_EQ(72u, listing.samples.size());
  EXPECT_EQ("tumor", listing.class_of("train/1"));
  EXPECT_EQ("non_tumor", listing.class_of("test/0"));
  EXPECT_EQ(0.972, listing.info.microns_per_pixel);
  // The stand-in repeats 16 drawn images; each part has its own.
  for (const ListedSample& sample : listing.samples) ASSERT_EQ(96u * 96 * 3, sample.pixels.size());
  EXPECT_EQ(drawn_pixels(96, 96, 6).values, listing.at("train/5").pixels);
  EXPECT_EQ(drawn_pixels(96, 96, 6).values, listing.at("train/21").pixels);
  EXPECT_EQ(drawn_pixels(96, 96, 21600 + 6).values, listing.at("valid/5").pixels);
  EXPECT_EQ(drawn_pixels(96, 96, 27000 + 4).values, listing.at("test/19").pixels);
}

TEST_F(PcamDataset, KeepsTheOfficialPartsAndTheSlidesOfTheTables) {
  const Listing listing = open(root_);
  EXPECT_EQ(HISTOKT_GROUP_SLIDE, listing.info.group_level);
  EXPECT_EQ("camelyon16_train_001", listing.at("train/3").group);
  EXPECT_EQ("camelyon16_train_002", listing.at("train/4").group);
  for (const ListedSample& sample : listing.samples) {
    const histokt_split part = sample.id.starts_with("train/")   ? HISTOKT_SPLIT_TRAIN
                               : sample.id.starts_with("valid/") ? HISTOKT_SPLIT_VALID
                                                                 : HISTOKT_SPLIT_TEST;
    EXPECT_EQ(part, sample.official_split);
    EXPECT_EQ(part, sample.paper_split);
  }
  EXPECT_EQ((std::vector<std::uint64_t>{1000, 200, 0}),
            std::vector<std::uint64_t>(listing.info.paper_per_class, listing.info.paper_per_class + 3));
}

TEST_F(PcamDataset, LetsImagesStandAloneWithoutTheTables) {
  fs::remove(root_ / (kStem + "valid_meta.csv"));
  const Listing listing = open(root_);
  EXPECT_EQ(HISTOKT_GROUP_PICTURE, listing.info.group_level);
  EXPECT_EQ("train/3", listing.at("train/3").group);
  ASSERT_EQ(1u, listing.warnings.size());
  EXPECT_TRUE(holds(listing.warnings[0], "valid_meta.csv is missing")) << listing.warnings[0];
}

TEST_F(PcamDataset, DrawsSoManyOfEachClassAndPart) {
  const Listing listing =
      open(root_, {{"train_per_class", "5"}, {"valid_per_class", "2"}, {"test_per_class", "1"}});
  std::map<std::pair<histokt_split, int>, int> counts;
  for (const ListedSample& sample : listing.samples) ++counts[{sample.official_split, sample.label}];
  EXPECT_EQ((std::map<std::pair<histokt_split, int>, int>{
                {{0, 0}, 5}, {{0, 1}, 5}, {{1, 0}, 2}, {{1, 1}, 2}, {{2, 0}, 1}, {{2, 1}, 1}}),
            counts);
}

TEST_F(PcamDataset, TakesClassesInTheOrderAskedFor) {
  const Listing listing = open(root_, {{"classes", "[\"tumor\", \"non_tumor\"]"}});
  EXPECT_EQ("tumor", listing.class_of("train/1"));
  EXPECT_EQ(0, listing.at("train/1").label);
}

TEST_F(PcamDataset, UnpacksOnceAndNeverIntoTheUsersFolder) {
  const auto before = contents(root_.path());
  FakeHost host;
  ASSERT_EQ(72u, open_dataset(host, "pcam", root_.path()).samples.size());
  EXPECT_EQ(before, contents(root_.path()));
  const auto copies = contents(host.scratch());
  EXPECT_EQ(4u, copies.size());
  const auto made = fs::last_write_time(copies.begin()->first);
  ASSERT_EQ(72u, open_dataset(host, "pcam", root_.path()).samples.size());
  EXPECT_EQ(copies, contents(host.scratch()));
  EXPECT_EQ(made, fs::last_write_time(copies.begin()->first));
}

TEST_F(PcamDataset, UnpacksAnewWhatWasDownloadedAnew) {
  FakeHost host;
  open_dataset(host, "pcam", root_.path());
  const fs::path packed = root_ / (kStem + "test_y.h5.gz");
  fs::last_write_time(packed, fs::last_write_time(packed) + std::chrono::seconds(5));
  open_dataset(host, "pcam", root_.path());
  EXPECT_EQ(5u, contents(host.scratch()).size());
}

TEST_F(PcamDataset, StopsUnpackingWhenTheHostAsksTo) {
  FakeHost host;
  host.stop_at_report(1);
  EXPECT_EQ(HISTOKT_INTERRUPTED, open_dataset(host, "pcam", root_.path()).status);
  EXPECT_TRUE(contents(host.scratch()).empty());
}

TEST_F(PcamDataset, GivesTheSamePixelsToSeveralReadersInAnyOrder) {
  const histokt_descriptor& plugin = dataset_plugin("pcam");
  const auto& api = *static_cast<const histokt_dataset_api*>(plugin.api);
  const FakeSettings settings(plugin, {});
  FakeHost host;
  histokt_dataset* dataset = nullptr;
  ASSERT_EQ(HISTOKT_OK, api.create(host.raw(), root_.path().c_str(), settings.raw(), &dataset))
      << host.reason();
  histokt_dataset_info info{sizeof(histokt_dataset_info)};
  api.get_info(dataset, &info);
  std::vector<ListedSample> forward(info.sample_count), backward(info.sample_count);
  const auto read_all = [&](std::vector<ListedSample>& into, bool reverse) {
    histokt_reader* reader = nullptr;
    ASSERT_EQ(HISTOKT_OK, api.open_reader(dataset, &reader));
    for (std::uint64_t i = 0; i < info.sample_count; ++i) {
      const std::uint64_t index = reverse ? info.sample_count - 1 - i : i;
      detail::read_into(api, reader, index, into[index]);
    }
    api.close_reader(reader);
  };
  {
    std::jthread other([&] { read_all(backward, true); });
    read_all(forward, false);
  }
  for (std::size_t i = 0; i < forward.size(); ++i) EXPECT_EQ(forward[i].pixels, backward[i].pixels) << i;
  api.destroy(dataset);
}

TEST(PcamRefuses, BadArraysTablesAndPackedFiles) {
  const std::vector<std::uint8_t> bytes(96 * 96 * 3 * 4, 7);
  const auto array = [&](const fs::path& file, const char* name, std::vector<std::uint64_t> shape) {
    write_hdf5(file, name, std::move(shape), bytes, Hdf5Form::kContiguous);
  };
  const std::string train_x = kStem + "train_x.h5", train_y = kStem + "train_y.h5",
                    valid_x = kStem + "valid_x.h5.gz";
  expect_refused(
      "pcam",
      {{"another tree",
        [](auto& r) { fs::remove_all(r / "PCam"); },
        HISTOKT_BAD_REQUEST,
        {"PCam is missing", "Expected:\n"}},
       {"an array is missing",
        [](auto& r) { fs::remove(r / (kStem + "test_y.h5.gz")); },
        HISTOKT_BAD_REQUEST,
        {"camelyonpatch_level_2_split_test_y.h5 is missing", "also as .h5.gz"}},
       {"images of another side",
        [&](auto& r) {
          array(r / train_x, "x", {4, 64, 64, 3});
        },
        HISTOKT_FAILED,
        {"train_x.h5: `x` has the shape (4, 64, 64, 3); (N, 96, 96, 3) was expected"}},
       {"no images",
        [&](auto& r) {
          array(r / train_x, "x", {0, 96, 96, 3});
        },
        HISTOKT_FAILED,
        {"has the shape (0, 96, 96, 3)"}},
       {"another name",
        [&](auto& r) {
          array(r / train_x, "images", {4, 96, 96, 3});
        },
        HISTOKT_FAILED,
        {"has no array `x`; it holds images"}},
       {"labels of another number",
        [&](auto& r) {
          array(r / train_y, "y", {5, 1, 1, 1});
        },
        HISTOKT_FAILED,
        {"train_y.h5: `y` has the shape (5, 1, 1, 1); (4, 1, 1, 1) was expected"}},
       {"labels of another shape",
        [&](auto& r) {
          array(r / train_y, "y", {4, 2, 1, 1});
        },
        HISTOKT_FAILED,
        {"(4, 2, 1, 1)"}},
       {"a label that is neither 0 nor 1",
        [&](auto& r) {
          array(r / train_y, "y", {4, 1, 1, 1});
        },
        HISTOKT_FAILED,
        {"`y` holds 7 in row 0"}},
       {"a file that is cut off",
        [&](auto& r) { cut_off(r / train_x); },
        HISTOKT_FAILED,
        {"train_x.h5: cannot be read as an HDF5 file", "is the download complete?"}},
       {"a file of another kind",
        [&](auto& r) { write_bytes(r / train_x, "<html>not found</html>"); },
        HISTOKT_FAILED,
        {"cannot be read as an HDF5 file"}},
       {"a packed file that is cut off",
        [&](auto& r) { cut_off(r / valid_x); },
        HISTOKT_FAILED,
        {"valid_x.h5.gz: is cut off; download it again"}},
       {"a packed file that is damaged",
        [&](auto& r) { edit(r / valid_x, file_text(r / valid_x).substr(3000, 40), std::string(40, '\xAA')); },
        HISTOKT_FAILED,
        {"valid_x.h5.gz: is damaged"}},
       {"a packed file of another kind",
        [&](auto& r) { write_bytes(r / valid_x, "<html>not found</html>"); },
        HISTOKT_FAILED,
        {"valid_x.h5.gz: is not a gzip file"}},
       {"an empty packed file",
        [&](auto& r) { write_bytes(r / valid_x, ""); },
        HISTOKT_FAILED,
        {"is not a gzip file"}},
       {"a table of another length",
        [](auto& r) { append_to(r / (kStem + "train_meta.csv"), "4,0,0,True,True,camelyon16\n"); },
        HISTOKT_FAILED,
        {"train_meta.csv has 5 rows, but there are 4 images"}},
       {"a table with a wrong header",
        [](auto& r) { edit(r / (kStem + "train_meta.csv"), "wsi", "slide"); },
        HISTOKT_BAD_REQUEST,
        {"train_meta.csv has no column \"wsi\""}},
       {"a row without a slide",
        [](auto& r) { edit(r / (kStem + "train_meta.csv"), "camelyon16_train_001", ""); },
        HISTOKT_FAILED,
        {"train_meta.csv, line 2: the column \"wsi\" is empty"}},
       {"bytes that are not UTF-8",
        [](auto& r) { edit(r / (kStem + "train_meta.csv"), "camelyon16", "cam\xE9lyon"); },
        HISTOKT_FAILED,
        {"line 2: the line holds", "bytes that are not UTF-8"}},
       {"an array that is a link out of the root",
        [&](auto& r) {
          fs::remove(r / train_x);
          fs::create_symlink("/etc/passwd", r / train_x);
        },
        HISTOKT_FAILED,
        {"is a symbolic link out of"}}});
}

}  // namespace
}  // namespace histokt::test
