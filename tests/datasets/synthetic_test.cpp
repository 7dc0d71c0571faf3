// SPDX-License-Identifier: MIT
#include "support/fake_dataset.hpp"

namespace histokt::test {
namespace {

using Settings = std::map<std::string, std::string>;

// Small images of two patients, and over them what a test sets.
Settings small(Settings set = {}) {
  set.merge(Settings{{"patients", "2"}, {"images_per_patient", "1"}, {"image_side", "48"}});
  return set;
}

Listing open(FakeHost& host, const Settings& set = {}) {
  return open_dataset(host, "synthetic", "", small(set));
}

// Name and bytes of each image.
std::map<std::string, std::string> images(const Settings& set = {}) {
  FakeHost host;
  const Listing listing = open(host, set);
  EXPECT_EQ(HISTOKT_OK, listing.status) << listing.reason;
  std::map<std::string, std::string> bytes;
  for (const ListedSample& sample : listing.samples) bytes[sample.id] = file_text(sample.file);
  return bytes;
}

// Width in the header of a PNG file, big-endian.
int png_width(const std::string& bytes) {
  int width = 0;
  for (int i = 16; i < 20; ++i) width = width * 256 + static_cast<unsigned char>(bytes.at(i));
  return width;
}

std::size_t entries(const std::filesystem::path& folder) {
  const std::filesystem::directory_iterator begin(folder);
  return static_cast<std::size_t>(std::distance(begin, std::filesystem::directory_iterator()));
}

TEST(SyntheticDataset, ShowsEveryClassOfEveryPatient) {
  FakeHost host;
  const Listing listing = open(host, {{"images_per_patient", "2"}});
  ASSERT_EQ(HISTOKT_OK, listing.status) << listing.reason;
  EXPECT_EQ((std::vector<std::string>{"adipose", "glands", "lymphocytes", "stroma", "tumour"}),
            listing.classes);
  EXPECT_EQ((std::set<std::string>{"a-patient-01", "a-patient-02"}), listing.groups());
  EXPECT_EQ(HISTOKT_GROUP_PATIENT, listing.info.group_level);
  std::map<std::pair<std::string, int>, int> counts;
  for (const ListedSample& sample : listing.samples) ++counts[{sample.group, sample.label}];
  EXPECT_EQ(10u, counts.size());
  for (const auto& [which, count] : counts) EXPECT_EQ(2, count);
}

TEST(SyntheticDataset, GivesTheSameBytesForTheSameSeed) {
  const auto first = images();
  ASSERT_EQ(10u, first.size());
  EXPECT_EQ(first, images());
  EXPECT_TRUE(first.begin()->second.starts_with("\x89PNG"));
}

TEST(SyntheticDataset, GivesOtherImagesForAnotherSeedPatientIndexAndClass) {
  std::set<std::string> different;
  const Settings two = {{"images_per_patient", "2"}},
                 other_seed = {{"images_per_patient", "2"}, {"seed", "2"}};
  for (const Settings& set : {two, other_seed}) {
    for (const auto& [name, bytes] : images(set)) different.insert(bytes);
  }
  EXPECT_EQ(40u, different.size());
}

TEST(SyntheticDataset, KeepsAnImageWhateverElseIsDrawn) {
  const auto few = images({{"classes", "[\"tumour\"]"}, {"patients", "1"}});
  const auto many = images({{"images_per_patient", "2"}});
  ASSERT_EQ(1u, few.size());
  EXPECT_EQ(few.begin()->second, many.at(few.begin()->first));
}

TEST(SyntheticDataset, ScansInEachLaboratoryAtItsScale) {
  FakeHost host;
  for (const auto& [name, scale, width] :
       {std::tuple{"\"a\"", 0.5, 96}, {"\"b\"", 0.75, 64}, {"\"c\"", 1.0, 48}}) {
    const Listing listing = open(host, {{"laboratory", name}});
    EXPECT_EQ(scale, listing.info.microns_per_pixel);
    EXPECT_EQ(width, png_width(file_text(listing.samples.at(0).file)));
    EXPECT_EQ(name[1], listing.samples.at(0).group.at(0));
  }
}

TEST(SyntheticDataset, TakesClassesInTheGivenOrder) {
  FakeHost host;
  const Listing listing = open(host, {{"classes", "[\"tumour\", \"adipose\"]"}});
  EXPECT_EQ((std::vector<std::string>{"tumour", "adipose"}), listing.classes);
  EXPECT_EQ("adipose", listing.class_of("adipose/a-patient-01-image-1.png"));
}

TEST(SyntheticDataset, DrawsOnceAndUsesItAgain) {
  FakeHost host;
  const auto drawn = std::filesystem::last_write_time(open(host).samples.at(0).file);
  EXPECT_EQ(10u, host.reports());
  const Listing again = open(host);
  EXPECT_EQ(10u, host.reports());
  EXPECT_EQ(drawn, std::filesystem::last_write_time(again.samples.at(0).file));
  open(host, {{"seed", "2"}});
  EXPECT_EQ(20u, host.reports());
}

TEST(SyntheticDataset, DrawsAgainWhatWasTakenAway) {
  FakeHost host;
  const std::string file = open(host).samples.at(3).file, bytes = file_text(file);
  std::filesystem::remove(file);
  EXPECT_EQ(HISTOKT_OK, open(host).status);
  EXPECT_EQ(bytes, file_text(file));
}

TEST(SyntheticDataset, LeavesNothingBehindWhenStopped) {
  FakeHost host;
  host.stop_at_report(3);
  EXPECT_EQ(HISTOKT_INTERRUPTED, open(host).status);
  EXPECT_EQ(0u, entries(host.scratch()));
  host.stop_at_report(0);
  EXPECT_EQ(10u, open(host).samples.size());
  EXPECT_EQ(1u, entries(host.scratch()));
}

TEST(SyntheticDataset, ClearsAwayWhatKilledRunsLeftLongAgo) {
  FakeHost host;
  const std::string set = std::filesystem::path(open(host).samples.at(0).file).parent_path().parent_path();
  std::filesystem::remove_all(set);
  for (const char* name : {".1.partial", ".2.partial"}) std::filesystem::create_directories(set + name);
  const auto now = std::filesystem::file_time_type::clock::now();
  std::filesystem::last_write_time(set + ".1.partial", now - std::chrono::hours(48));
  ASSERT_EQ(HISTOKT_OK, open(host).status);
  EXPECT_FALSE(std::filesystem::exists(set + ".1.partial"));
  EXPECT_TRUE(std::filesystem::exists(set + ".2.partial"));  // another process may be drawing there
}

TEST(SyntheticDataset, TakesNoRootSinceItWouldWriteThere) {
  FakeHost host;
  const TempFolder root;
  const Listing listing = open_dataset(host, "synthetic", root.path(), small());
  EXPECT_EQ(HISTOKT_BAD_REQUEST, listing.status);
  EXPECT_NE(std::string::npos, listing.reason.find("leave out `root`")) << listing.reason;
  EXPECT_EQ(0u, entries(root.path()));
}

TEST(SyntheticDataset, RefusesClassesItCannotDraw) {
  FakeHost host;
  const Listing unknown = open(host, {{"classes", "[\"tumor\"]"}});
  EXPECT_EQ(HISTOKT_BAD_REQUEST, unknown.status);
  EXPECT_NE(std::string::npos, unknown.reason.find("did you mean \"tumour\"?")) << unknown.reason;
}

}  // namespace
}  // namespace histokt::test
