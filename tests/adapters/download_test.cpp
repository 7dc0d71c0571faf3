// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <histokt/adapters/download.hpp>

#include <functional>

#include "support/fake_host.hpp"

namespace histokt::adapters {
namespace {

using test::TempFolder;

std::string reason(const std::function<void()>& body) {
  try {
    body();
  } catch (const PluginError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(DownloadFolder, IsTheNamedFolderOrTheRootItself) {
  const TempFolder root;
  root.write("SET/images/1.png");
  EXPECT_EQ(root / "SET", download_folder(root.path(), "SET", {"images"}, "layout"));
  EXPECT_EQ(root / "SET", download_folder(root / "SET", "SET", {"images"}, "layout"));
  EXPECT_TRUE(holds(
      reason([&] { download_folder(root.path(), "OTHER", {"labels"}, "  ROOT/OTHER"); }),
      "OTHER is missing. " + root.path().string() + " holds the folders SET.\nExpected:\n  ROOT/OTHER"));
}

TEST(RequireTable, TakesItBesideItsFolderToo) {
  const TempFolder root;
  root.write("a.csv");
  root.write("SET/b.csv");
  EXPECT_EQ(root / "a.csv", require_table(root.path(), root / "SET", "a.csv", "layout"));
  EXPECT_EQ(root / "SET/b.csv", require_table(root.path(), root / "SET", "b.csv", "layout"));
  EXPECT_TRUE(holds(reason([&] { require_table(root.path(), root / "SET", "c.csv", "layout"); }),
                    "SET/c.csv is missing"));
}

TEST(ReadTable, NamesTheColumnThatIsMissingAndTheRemedy) {
  const TempFolder root;
  const auto file = root.write("t.csv", "name,grad\n1,2\n");
  EXPECT_EQ(1u, read_table(file, {"name"}, "").size());
  EXPECT_EQ(file.string() +
                " has no column \"grade\", did you mean \"grad\"? It has name and grad. Download it again.",
            reason([&] {
              read_table(file, {"name", "grade"}, "Download it again.");
            }));
}

TEST(RequiredCell, NamesTheRowOfAnEmptyOne) {
  const Table table = Table::parse("name,grade\na, benign \nb,  \n", "t.csv");
  EXPECT_EQ("benign", required_cell(table.row(0), "grade"));
  EXPECT_EQ("t.csv, line 3: the column \"grade\" is empty",
            reason([&] { required_cell(table.row(1), "grade"); }));
}

class Index : public testing::Test {
 protected:
  const FoundFile* take(std::size_t row) { return images_.take(table_.row(row), table_.row(row)[0]); }

  TempFolder root_;
  const Table table_ = Table::parse("name\n1.png\n2.png\n3.png\n1.png\n../1.png\n..\n \n", "t.csv");
  test::FakeHost host_;
  ImageIndex images_{(write(), root_.path()), "set", {"png"}, "_mask"};

 private:
  // Members are made in their order: the files have to be there first.
  void write() const {
    for (const char* name : {"set/1.png", "set/deep/2.png", "set/1_mask.png", "set/notes.txt"})
      root_.write(name);
  }
};

TEST_F(Index, FindsImagesByNameAtAnyDepth) {
  EXPECT_EQ("set/1.png", take(0)->name);
  EXPECT_EQ("set/deep/2.png", take(1)->name);
  images_.finish(Host(host_.raw()), "t.csv");
  EXPECT_TRUE(host_.warnings().empty());
}

TEST_F(Index, SaysAtTheEndWhichListedImagesAreMissing) {
  take(0);
  EXPECT_EQ(nullptr, take(2));
  EXPECT_EQ("t.csv, line 4 names 3.png, which does not exist in " + (root_ / "set").string() +
                " (1 of 2 listed images are missing); is the download complete?",
            reason([&] { images_.finish(Host(host_.raw()), "t.csv"); }));
}

TEST_F(Index, WarnsOfImagesThatNoRowNames) {
  take(0);
  images_.finish(Host(host_.raw()), "t.csv");
  ASSERT_EQ(1u, host_.warnings().size());
  EXPECT_EQ("1 image in " + (root_ / "set").string() + " not listed in t.csv, left out: set/deep/2.png",
            host_.warnings()[0]);
}

TEST_F(Index, RefusesAnImageNamedTwiceAndNamesThatLeadOut) {
  take(0);
  EXPECT_TRUE(
      holds(reason([&] { take(3); }), "t.csv, line 5 names the image 1.png, which is in t.csv, line 2 too"));
  EXPECT_TRUE(holds(reason([&] { take(4); }), "line 6: \"../1.png\" is not the name of an image"));
  EXPECT_TRUE(holds(reason([&] { take(5); }), "line 7: \"..\" is not the name of an image"));
}

TEST_F(Index, RefusesAFileNameThatIsThereTwice) {
  root_.write("set/other/1.png");
  EXPECT_TRUE(holds(reason([&] { ImageIndex(root_.path(), "set", {"png"}); }),
                    "1.png exists twice: set/1.png and set/other/1.png"));
}

TEST_F(Index, FindsAnImageWhoseExtensionIsSpelledOtherwise) {
  root_.write("set/3.PNG");
  root_.write("set/4.jp2");
  ImageIndex images(root_.path(), "set", {"png"}, "_mask");
  const FoundFile* file = images.take(table_.row(2), table_.row(2)[0]);
  ASSERT_NE(nullptr, file);
  EXPECT_EQ("set/3.PNG", file->name);
  EXPECT_TRUE(
      holds(reason([&] { images.take(table_.row(4), "3.PNG"); }), "names the image 3.PNG, which is in"));
  images.finish(Host(host_.raw()), "t.csv");
  ASSERT_EQ(2u, host_.warnings().size()) << "of images left out, and of those that no row names";
  EXPECT_TRUE(holds(host_.warnings()[0], "1 .jp2"));
}

}  // namespace
}  // namespace histokt::adapters
