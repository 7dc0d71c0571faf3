// SPDX-License-Identifier: MIT
#include "patches/patch_set.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <stdexcept>

#include "base/errors.hpp"
#include "patches/hdf5.hpp"
#include "patches/scratch.hpp"

namespace histokt {
namespace {

using testing::Scratch;
using testing::small_patches;

TEST(PatchSet, GivesBackWhatWasWritten) {
  const Scratch scratch;
  auto made = small_patches(10);
  made.info.paper_per_class = {3, 2, 1};
  made.info.skipped_images = {"a/bad.png"};
  made.table.official_split[3] = 2;
  testing::write(scratch / "p.h5", made);

  const PatchSet set(scratch / "p.h5");
  ASSERT_EQ(set.size(), 10u);
  EXPECT_EQ(set.info().classes, made.info.classes);
  EXPECT_EQ(set.info().group_level, "patient");
  EXPECT_EQ(set.info().paper_per_class, made.info.paper_per_class);
  EXPECT_EQ(set.info().skipped_images, made.info.skipped_images);
  EXPECT_EQ(set.table().id, made.table.id);
  EXPECT_EQ(set.table().label, made.table.label);
  EXPECT_EQ(set.table().left, made.table.left);
  EXPECT_EQ(set.table().official_split, made.table.official_split);
  for (std::size_t i = 0; i < 10; ++i) {
    ASSERT_TRUE(std::ranges::equal(set.pixels(i), std::span(made.pixels).subspan(i * 192, 192))) << i;
  }
}

TEST(PatchSet, GivesBackManyLabelsAndTheirShares) {
  const Scratch scratch;
  auto made = small_patches(3);
  made.info.multi_label = true;
  made.table.label.clear();
  made.table.labels = {1, 0, 0, 1, 1, 1};
  made.table.shares = {0.75f, 0, 0, 1, 0.5f, 0.25f};
  testing::write(scratch / "p.h5", made);

  const PatchSet set(scratch / "p.h5");
  EXPECT_TRUE(set.info().multi_label);
  EXPECT_EQ(set.table().shares, made.table.shares);
  EXPECT_TRUE(std::ranges::equal(set.labels(1), std::vector<std::uint8_t>{0, 1}));
}

TEST(PatchSet, HasTheSameBytesWhenWrittenTwiceInAnyOrder) {
  const Scratch scratch;
  const auto made = small_patches(500);
  testing::write(scratch / "one.h5", made);
  {
    PatchSetWriter writer(scratch / "two.h5", 8);
    const std::span<const std::uint8_t> pixels(made.pixels);
    writer.write_pixels(100, pixels.subspan(100 * 192));
    writer.write_pixels(0, pixels.first(100 * 192));
    writer.finish(made.info, made.table);
    writer.publish();
  }
  EXPECT_EQ(read_file(scratch / "one.h5"), read_file(scratch / "two.h5"));
}

TEST(PatchSetWriter, NeedsToMoveNoPixels) {
  const Scratch scratch;
  testing::write(scratch / "p.h5", small_patches(500));
  EXPECT_EQ(hdf5::File::open(scratch / "p.h5").contiguous_bytes_offset("x"), 16384u);
}

TEST(PatchSet, HasAnotherDigestWhenAPixelDiffers) {
  const Scratch scratch;
  auto made = small_patches(4);
  testing::write(scratch / "one.h5", made);
  made.info.versions = R"({"host": "another"})";
  testing::write(scratch / "other_version.h5", made);
  made.pixels[700] ^= 1;
  testing::write(scratch / "other_pixel.h5", made);
  const std::string digest = PatchSet(scratch / "one.h5").digest();
  EXPECT_EQ(PatchSet(scratch / "other_version.h5").digest(), digest);
  EXPECT_NE(PatchSet(scratch / "other_pixel.h5").digest(), digest);
}

TEST(PatchSetWriter, LeavesNothingBehindWhenItIsNotPublished) {
  const Scratch scratch;
  const auto made = small_patches(4);
  try {
    PatchSetWriter writer(scratch / "p.h5", 8);
    writer.write_pixels(0, made.pixels);
    writer.finish(made.info, made.table);
    throw std::runtime_error("the work broke off");
  } catch (const std::runtime_error&) {
  }
  EXPECT_EQ(scratch.file_count(), 0u);
}

TEST(PatchSetWriter, HasNotGivenTheFileItsNameWhenTheProcessIsKilled) {
  const Scratch scratch;
  const auto made = small_patches(4);
  const pid_t child = ::fork();
  if (child == 0) {
    PatchSetWriter writer(scratch / "p.h5", 8);
    writer.write_pixels(0, made.pixels);
    writer.finish(made.info, made.table);
    ::raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(scratch.file_count(), 1u);  // the unfinished one
  EXPECT_FALSE(std::filesystem::exists(scratch / "p.h5"));
}

TEST(PatchSetWriter, RefusesATableThatDoesNotFitThePixels) {
  const Scratch scratch;
  auto made = small_patches(4);
  PatchSetWriter writer(scratch / "p.h5", 8);
  writer.write_pixels(0, std::span(made.pixels).first(3 * 192));
  EXPECT_THROW(writer.finish(made.info, made.table), RunError);
}

TEST(PatchSet, SaysThatAFileIsNoHdf5) {
  const Scratch scratch;
  write_file_atomically(scratch / "p.h5", "not at all");
  const std::string said = testing::message_of<RunError>([&] { PatchSet(scratch / "p.h5"); });
  EXPECT_NE(said.find("p.h5: cannot be opened as an HDF5 file"), std::string::npos) << said;
}

TEST(PatchSet, SaysThatAFileIsCutOff) {
  const Scratch scratch;
  testing::write(scratch / "p.h5", small_patches(50));
  const auto size = std::filesystem::file_size(scratch / "p.h5");
  for (const std::uintmax_t left : {size - 1, size / 2, std::uintmax_t{3000}}) {
    std::filesystem::resize_file(scratch / "p.h5", left);
    const std::string said = testing::message_of<RunError>([&] { PatchSet(scratch / "p.h5"); });
    EXPECT_NE(said.find("p.h5: "), std::string::npos) << left;
    EXPECT_NE(said.find("truncated"), std::string::npos) << left << ": " << said;
  }
}

// The library would take gigabytes for these, or read on beyond the end.
TEST(PatchSet, KeepsFilesWhoseFirstBytesLieFromTheLibrary) {
  const Scratch scratch;
  testing::write(scratch / "p.h5", small_patches(4));
  const std::string whole = read_file(scratch / "p.h5");
  const auto said_of = [&](std::string bytes) {
    write_file_atomically(scratch / "lie.h5", bytes);
    return testing::message_of<RunError>([&] { PatchSet(scratch / "lie.h5"); });
  };
  const auto with = [&](std::size_t at, const std::string& bytes) {
    return std::string(whole).replace(at, bytes.size(), bytes);
  };
  EXPECT_EQ(said_of(whole), "");
  for (const auto& [bytes, what] : {std::pair{whole.substr(0, 49), "ends within its superblock"},
                                    {whole.substr(0, 9), "does not begin with the HDF5 signature"},
                                    {with(8, "\x09"), "a superblock of version 9"},
                                    {with(13, "\x04"), "offsets or lengths do not have 8 bytes"},
                                    {with(24, "\x01"), "base address is not 0"},
                                    {with(47, "\x01"), "but there are"},
                                    {with(48, std::string(8, '\1')), "driver for several files"}}) {
    EXPECT_NE(said_of(bytes).find(what), std::string::npos) << what << ": " << said_of(bytes);
  }
}

TEST(PatchSet, RefusesLabelsAndTextsThatAreNone) {
  const Scratch scratch;
  auto made = small_patches(4);
  made.info.classes = {"caf\xE9", "b"};
  testing::write(scratch / "p.h5", made);
  std::string said = testing::message_of<RunError>([&] { PatchSet(scratch / "p.h5"); });
  EXPECT_NE(said.find("the attribute `classes` holds text that is not UTF-8"), std::string::npos) << said;
  made = small_patches(4);
  made.table.label[2] = 7;
  testing::write(scratch / "p.h5", made);
  said = testing::message_of<RunError>([&] { PatchSet(scratch / "p.h5"); });
  EXPECT_NE(said.find("`y` holds the class index 7"), std::string::npos) << said;
}

TEST(PatchSet, KeepsTheNamesOfAnyNumberOfSkippedImages) {
  const Scratch scratch;
  auto made = small_patches(4);
  for (int i = 0; i < 10'000; ++i) made.info.skipped_images.push_back("a/" + std::to_string(i) + ".png");
  testing::write(scratch / "p.h5", made);
  EXPECT_EQ(PatchSet(scratch / "p.h5").info().skipped_images, made.info.skipped_images);
}

TEST(PatchSet, NamesWhatAForeignFileLacks) {
  const Scratch scratch;
  {
    hdf5::File file = hdf5::File::create(scratch / "foreign.h5");
    file.write("x", std::span<const std::uint8_t>(std::vector<std::uint8_t>(192)), {1, 8, 8, 3});
    file.close();
  }
  std::string said = testing::message_of<RunError>([&] { PatchSet(scratch / "foreign.h5"); });
  EXPECT_NE(said.find("is not a patch set"), std::string::npos) << said;
  {
    hdf5::File file = hdf5::File::open_to_extend(scratch / "foreign.h5");
    file.set_text("dataset", "x");
    file.close();
  }
  said = testing::message_of<RunError>([&] { PatchSet(scratch / "foreign.h5"); });
  EXPECT_NE(said.find("no attribute `classes`"), std::string::npos) << said;
}

TEST(PatchSet, NamesAMissingColumn) {
  const Scratch scratch;
  testing::write(scratch / "p.h5", small_patches(5));
  {
    const hdf5::Session session;
    const hdf5::Id file(H5Fopen((scratch / "p.h5").c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose);
    H5Ldelete(file, "group", H5P_DEFAULT);
  }
  const std::string said = testing::message_of<RunError>([&] { PatchSet(scratch / "p.h5"); });
  EXPECT_NE(said.find("no dataset `group`"), std::string::npos) << said;
}

TEST(PatchSet, RefusesChunkedPixels) {
  const Scratch scratch;
  testing::write(scratch / "p.h5", small_patches(2));
  {
    const hdf5::Session session;
    const hdf5::Id file(H5Fopen((scratch / "p.h5").c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose);
    H5Ldelete(file, "x", H5P_DEFAULT);
    const hsize_t shape[] = {2, 8, 8, 3};
    const hdf5::Id space(H5Screate_simple(4, shape, nullptr), H5Sclose);
    const hdf5::Id settings(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    H5Pset_chunk(settings, 4, shape);
    const hdf5::Id x(H5Dcreate2(file, "x", H5T_NATIVE_UINT8, space, H5P_DEFAULT, settings, H5P_DEFAULT),
                     H5Dclose);
  }
  const std::string said = testing::message_of<RunError>([&] { PatchSet(scratch / "p.h5"); });
  EXPECT_NE(said.find("not stored contiguously"), std::string::npos) << said;
}

}  // namespace
}  // namespace histokt
