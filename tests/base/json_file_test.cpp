// SPDX-License-Identifier: MIT
// JSON files for other programs: exact numbers, and paths that move along.
#include "base/json_file.hpp"

#include <gtest/gtest.h>

#include <cstdint>

#include "support/temp_folder.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;

TEST(JsonFile, WritesIntegersThatDoublesRoundAsStrings) {
  const std::int64_t exact_still = std::int64_t{1} << 53;
  const Json value = {{"seed", std::uint64_t{18446744073709551615u}},
                      {"list", {exact_still, exact_still + 1, -exact_still, -exact_still - 1}},
                      {"share", 1e300},
                      {"name", "x"}};
  EXPECT_EQ(Json({{"seed", "18446744073709551615"},
                  {"list", {exact_still, "9007199254740993", -exact_still, "-9007199254740993"}},
                  {"share", 1e300},
                  {"name", "x"}}),
            exact(value));
  EXPECT_EQ("{\n  \"seed\": \"18446744073709551615\"\n}\n", json_file_text({{"seed", value["seed"]}}));
}

TEST(JsonFile, NamesWhatLiesBelowItRelativeToItself) {
  EXPECT_EQ("steps/a", path_in_file("/runs/x/steps/a", "/runs/x"));
  EXPECT_EQ("steps/a", path_in_file("/runs/x/steps/a", "/runs/./x/"));
  EXPECT_EQ(".", path_in_file("/runs/x", "/runs/x"));
}

TEST(JsonFile, KeepsTheNamesOfLinksBelowIt) {
  const test::TempFolder folder;
  fs::create_directories(folder / "run");
  fs::create_directories(folder / "disk/a");
  fs::create_directory_symlink(folder / "disk", folder / "run/steps");
  EXPECT_EQ("steps/a", path_in_file(folder / "run/steps/a", folder / "run"));
}

TEST(JsonFile, LeadsToAStoreElsewhereFromWhereTheFolderReallyIs) {
  const test::TempFolder folder;
  fs::create_directories(folder / "store/a");
  fs::create_directories(folder / "disk/deep/run");
  fs::create_directory_symlink(folder / "disk/deep/run", folder / "run");
  const std::string path = path_in_file(folder / "store/a", folder / "run");
  EXPECT_EQ("../../../store/a", path);
  EXPECT_TRUE(fs::equivalent(folder / "store/a", folder / "run" / path));
}

}  // namespace
}  // namespace histokt
