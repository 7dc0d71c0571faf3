// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <histokt/adapters/npy.hpp>
#include <histokt/host.hpp>

#include "support/stand_in_files.hpp"
#include "support/temp_folder.hpp"

namespace histokt::adapters {
namespace {

using test::TempFolder;
using Numbers = std::vector<std::int64_t>;

// A file of format 1.0 with that header and those bytes.
Numbers read(const std::string& header, const std::string& data) {
  const TempFolder folder;
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(header.size());
  bytes += '\0';
  return read_npy_integers(folder.write("a.npy", bytes + header + data));
}

std::string header(const std::string& type, const std::string& shape) {
  return "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }\n";
}

std::string reason(const std::string& header, const std::string& data) {
  try {
    read(header, data);
  } catch (const PluginError& error) {
    const std::string text = error.what();
    return text.substr(text.find(": ") + 2);
  }
  return "nothing was thrown";
}

TEST(Npy, ReadsWhatNumpySaves) {
  const TempFolder folder;
  const Numbers numbers = {0, 17667, -1, std::int64_t{1} << 40};
  test::write_npy(folder / "a.npy", numbers);
  EXPECT_EQ(numbers, read_npy_integers(folder / "a.npy"));
  test::write_npy(folder / "empty.npy", {});
  EXPECT_TRUE(read_npy_integers(folder / "empty.npy").empty());
}

TEST(Npy, ReadsEverySizeSignAndByteOrder) {
  EXPECT_EQ((Numbers{1, -2}),
            read(header("<i4", "(2,)"), std::string("\x01\x00\x00\x00\xFE\xFF\xFF\xFF", 8)));
  EXPECT_EQ((Numbers{258}), read(header(">i2", "(1,)"), "\x01\x02"));
  EXPECT_EQ((Numbers{200}), read(header("|u1", "(1,)"), "\xC8"));
  EXPECT_EQ((Numbers{-56}), read(header("|i1", "(1,)"), "\xC8"));
}

TEST(Npy, RefusesOtherTypesShapesAndLengths) {
  EXPECT_EQ("holds numbers of the type <f8; whole numbers were expected, such as '<i8'",
            reason(header("<f8", "(1,)"), "12345678"));
  EXPECT_EQ("has the shape (2, 1); one dimension was expected, such as (14134,)",
            reason(header("|u1", "(2, 1)"), "12"));
  EXPECT_EQ("has the shape (); one dimension was expected, such as (14134,)",
            reason(header("|u1", "()"), "1"));
  EXPECT_EQ("holds 1 bytes of numbers where its header says 2 numbers of 1 bytes; is the download complete?",
            reason(header("|u1", "(2,)"), "1"));
  EXPECT_EQ("is not a NumPy array: its header names no descr", reason("{}", ""));
}

TEST(Npy, RefusesFilesThatAreNoArraysOrCutOff) {
  const TempFolder folder;
  EXPECT_THROW(read_npy_integers(folder / "none.npy"), PluginError);
  EXPECT_THROW(read_npy_integers(folder.write("text.npy", "1, 2, 3, 4, 5, 6")), PluginError);
  EXPECT_THROW(read_npy_integers(folder.write("short.npy", "\x93NUMPY")), PluginError);
  EXPECT_THROW(
      read_npy_integers(folder.write("v2.npy", std::string("\x93NUMPY\x02\x00\xFF\xFF\xFF\xFF", 12))),
      PluginError);
}

}  // namespace
}  // namespace histokt::adapters
