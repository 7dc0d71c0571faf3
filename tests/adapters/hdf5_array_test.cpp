// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <hdf5.h>
#include <histokt/adapters/hdf5_array.hpp>
#include <histokt/host.hpp>

#include <functional>
#include <thread>

#include "support/stand_in_files.hpp"
#include "support/temp_folder.hpp"

namespace histokt::adapters {
namespace {

using test::Hdf5Form;
using test::TempFolder;
using Bytes = std::vector<std::uint8_t>;

Bytes counted(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 7 % 251);
  return bytes;
}

Bytes row(const Hdf5Array& array, std::uint64_t index) {
  Bytes bytes(array.row_bytes());
  array.read_row(index, bytes.data());
  return bytes;
}

std::string reason(const std::function<void()>& body) {
  try {
    body();
  } catch (const PluginError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

// Rows of 12 bytes: 7 different ones, again and again.
Hdf5Array open(const TempFolder& folder, std::uint64_t count, Hdf5Form form) {
  test::write_hdf5(folder / "a.h5", "x", {count, 2, 2, 3}, counted(84), form);
  return Hdf5Array::open(folder / "a.h5", "x");
}

TEST(Hdf5Array, GivesTheSameRowsContiguousAndInPackedChunks) {
  for (const Hdf5Form form : {Hdf5Form::kContiguous, Hdf5Form::kChunked}) {
    const TempFolder folder;
    const Hdf5Array array = open(folder, 30, form);
    EXPECT_EQ((Hdf5Array::Shape{30, 2, 2, 3}), array.shape());
    EXPECT_EQ(12u, array.row_bytes());
    const Bytes all = counted(84);
    for (const std::uint64_t index : {0, 6, 7, 29, 3, 28, 13}) {
      const auto begin = all.begin() + static_cast<std::ptrdiff_t>(index % 7 * 12);
      EXPECT_EQ(Bytes(begin, begin + 12), row(array, index)) << index;
    }
    EXPECT_EQ(360u, array.read_all().size());
  }
}

TEST(Hdf5Array, MayBeReadByManyThreads) {
  const TempFolder folder;
  const Hdf5Array array = open(folder, 200, Hdf5Form::kChunked);
  const Bytes all = array.read_all();
  const auto read = [&](std::uint64_t step) {
    for (std::uint64_t i = 0; i < 400; ++i) {
      const std::uint64_t index = i * step % 200;
      const auto begin = all.begin() + static_cast<std::ptrdiff_t>(index * 12);
      ASSERT_EQ(Bytes(begin, begin + 12), row(array, index));
    }
  };
  std::vector<std::jthread> threads;
  for (const std::uint64_t step : {1, 3, 7, 199}) threads.emplace_back(read, step);
}

TEST(Hdf5Array, RefusesRowsThatThereAreNot) {
  const TempFolder folder;
  const Hdf5Array array = open(folder, 30, Hdf5Form::kChunked);
  EXPECT_NE(std::string::npos,
            reason([&] { row(array, 30); }).find("`x` has no row 30; its shape is (30, 2, 2, 3)"));
}

TEST(Hdf5Array, NamesFileAndReasonWhereItCannotBeOpened) {
  const TempFolder folder;
  open(folder, 30, Hdf5Form::kContiguous);
  const std::string file = (folder / "a.h5").string();
  const auto opening = [&](const char* name) { return reason([&] { Hdf5Array::open(file, name); }); };
  EXPECT_EQ(file + ": has no array `y`; it holds x", opening("y"));
  std::filesystem::resize_file(file, 1000);
  EXPECT_TRUE(opening("x").starts_with(file + ": cannot be read as an HDF5 file (")) << opening("x");
  folder.write("a.h5", "no HDF5");
  EXPECT_TRUE(opening("x").ends_with("is the download complete?")) << opening("x");
}

// Makes array `x` of four bytes in a file by the library's own means.
void make(const std::filesystem::path& path, hid_t type, const std::function<void(hid_t settings)>& set) {
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const hsize_t side = 4;
  const hid_t space = H5Screate_simple(1, &side, nullptr), settings = H5Pcreate(H5P_DATASET_CREATE);
  set(settings);
  H5Dclose(H5Dcreate2(file, "x", type, space, H5P_DEFAULT, settings, H5P_DEFAULT));
  H5Pclose(settings);
  H5Sclose(space);
  H5Fclose(file);
}

TEST(Hdf5Array, RefusesOtherNumbersAndBytesThatLieInOtherFiles) {
  const TempFolder folder;
  const auto file = folder / "a.h5";
  const auto opening = [&] { return reason([&] { Hdf5Array::open(file, "x"); }); };
  make(file, H5T_NATIVE_UINT16, [](hid_t) {});
  EXPECT_EQ(file.string() + ": `x` does not hold unsigned 8-bit numbers, as was expected", opening());
  make(file, H5T_NATIVE_UINT8, [](hid_t settings) { H5Pset_external(settings, "/etc/passwd", 0, 4); });
  EXPECT_EQ(file.string() + ": the bytes of `x` lie in other files; what a dataset reads must lie in its own",
            opening());

  const hid_t made = H5Fcreate(file.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  H5Lcreate_external("/data/other.h5", "/x", made, "x", H5P_DEFAULT, H5P_DEFAULT);
  H5Fclose(made);
  EXPECT_EQ(file.string() + ": `x` is a link; the array itself was expected", opening());
}

}  // namespace
}  // namespace histokt::adapters
