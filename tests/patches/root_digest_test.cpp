// SPDX-License-Identifier: MIT
#include "patches/root_digest.hpp"

#include <gtest/gtest.h>

#include <chrono>

#include "base/errors.hpp"
#include "patches/scratch.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;
using testing::Scratch;

void fill(const fs::path& root) {
  fs::create_directories(root / "b/c");
  for (const char* name : {"a.png", "b/1.png", "b/c/2.png", "b.png"}) {
    write_file_atomically(root / name, name);
    fs::last_write_time(root / name, fs::file_time_type(std::chrono::seconds(1000)));
  }
}

TEST(RootDigest, DoesNotDependOnWhereTheRootLies) {
  const Scratch scratch;
  fill(scratch / "one");
  fill(scratch / "elsewhere");
  const RootDigest digest = digest_root(scratch / "one");
  EXPECT_EQ(digest.files, 4u);
  EXPECT_EQ(digest.bytes, 5u + 7u + 9u + 5u);
  EXPECT_EQ(digest.hex, digest_root(scratch / "elsewhere").hex);
  fs::create_directory_symlink(scratch / "one", scratch / "link");
  EXPECT_EQ(digest.hex, digest_root(scratch / "link").hex);
}

TEST(RootDigest, ChangesWithNameSizeAndTime) {
  const Scratch scratch;
  fill(scratch / "r");
  const std::string before = digest_root(scratch / "r").hex;

  fs::last_write_time(scratch / "r/a.png", fs::file_time_type(std::chrono::seconds(1001)));
  const std::string touched = digest_root(scratch / "r").hex;
  EXPECT_NE(touched, before);
  fs::last_write_time(scratch / "r/a.png", fs::file_time_type(std::chrono::seconds(1000)));
  EXPECT_EQ(digest_root(scratch / "r").hex, before);

  fs::rename(scratch / "r/b/1.png", scratch / "r/b/3.png");
  EXPECT_NE(digest_root(scratch / "r").hex, before);
  fs::rename(scratch / "r/b/3.png", scratch / "r/b/1.png");

  fs::resize_file(scratch / "r/b.png", 1);
  fs::last_write_time(scratch / "r/b.png", fs::file_time_type(std::chrono::seconds(1000)));
  EXPECT_NE(digest_root(scratch / "r").hex, before);
}

TEST(RootDigest, ComesToAnEndWhereLinksLeadInCircles) {
  const Scratch scratch;
  fill(scratch / "r");
  fs::create_directory_symlink(scratch / "r", scratch / "r/b/up");
  fs::create_symlink("nowhere", scratch / "r/dangling");
  EXPECT_EQ(digest_root(scratch / "r").files, 6u);
}

TEST(RootDigest, SaysThatThereIsNoRoot) {
  EXPECT_THROW(digest_root("/no/such/root"), RequestError);
}

}  // namespace
}  // namespace histokt
