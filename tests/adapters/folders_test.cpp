// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <histokt/adapters/folders.hpp>
#include <histokt/host.hpp>

#include <functional>

#include "support/fake_host.hpp"
#include "support/temp_folder.hpp"

namespace histokt::adapters {
namespace {

using test::TempFolder;

std::vector<std::string> names(const std::vector<FoundFile>& files) {
  std::vector<std::string> found;
  for (const FoundFile& file : files) found.push_back(file.name);
  return found;
}

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

TEST(Folders, ListImagesAtAnyDepthSortedByName) {
  const TempFolder root;
  for (const char* name : {"b/2.PNG", "b/10.png", "b/deep/er/1.tif.jpg", "a/x.Tif", "top.bmp"})
    root.write(name);
  EXPECT_EQ((std::vector<std::string>{"a/x.Tif", "b/10.png", "b/2.PNG", "b/deep/er/1.tif.jpg", "top.bmp"}),
            names(files_below(root.path(), "")));
  EXPECT_EQ(3u, files_below(root.path(), "b").size());
}

TEST(Folders, LeaveAloneWhatIsNoImage) {
  const TempFolder root;
  for (const char* name :
       {"a/1.png", "a/Thumbs.db", "a/._1.png", "a/labels.csv", ".git/2.png", "__MACOSX/3.png"}) {
    root.write(name);
  }
  EXPECT_EQ((std::vector<std::string>{"a/1.png"}), names(files_below(root.path(), "")));
  EXPECT_EQ((std::vector<std::string>{"a"}), folder_names(root.path()));
}

TEST(Folders, RefuseNamesThatClimbOut) {
  const TempFolder root;
  for (const char* name : {"../x.png", "a/../../x.png", "/etc/passwd", "..", ""}) {
    EXPECT_THROW(resolve_below(root.path(), name), PluginError) << name;
  }
  EXPECT_EQ(root / "a/x.png", resolve_below(root.path(), "b/../a/x.png"));
}

TEST(Folders, RefuseLinksOutOfTheRootAndFollowLinksWithinIt) {
  const TempFolder root, elsewhere;
  const auto outside = elsewhere.write("secret.png");
  const auto inside = root.write("pool/1.png");
  std::filesystem::create_symlink(inside,
                                  (std::filesystem::create_directory(root / "a"), root / "a/link.png"));
  EXPECT_EQ((std::vector<std::string>{"a/link.png"}), names(files_below(root.path(), "a")));
  std::filesystem::create_symlink(outside, root / "a/out.png");
  EXPECT_TRUE(holds(reason([&] { files_below(root.path(), "a"); }), "is a symbolic link out of"));
  EXPECT_THROW(resolve_below(root.path(), "a/out.png"), PluginError);
}

TEST(Folders, EndWhereLinksRunInACircle) {
  const TempFolder root;
  root.write("a/1.png");
  std::filesystem::create_directory_symlink(root.path(), root / "a/again");
  EXPECT_EQ((std::vector<std::string>{"a/1.png"}), names(files_below(root.path(), "")));
}

// Whoever reads them says what they are; left out without a word they would be missed by nobody.
TEST(Folders, ListWhatIsCalledAnImageWhateverItIs) {
  const TempFolder root;
  for (const char* name : {"a/1.png", "a/folder.png/inside.png"}) root.write(name);
  ASSERT_EQ(0, ::mkfifo((root / "a/pipe.png").c_str(), 0600));
  std::filesystem::create_symlink("nothing", root / "a/gone.png");
  std::filesystem::create_symlink("loop.png", root / "a/loop.png");
  EXPECT_EQ((std::vector<std::string>{"a/1.png", "a/folder.png", "a/gone.png", "a/loop.png", "a/pipe.png"}),
            names(files_below(root.path(), "a")));
}

TEST(Folders, NameALinkThatMayHaveBeenAClass) {
  const TempFolder root;
  root.write("a/1.png");
  std::filesystem::create_directory_symlink("/no/such/disk/b", root / "b");
  const std::string text = reason([&] { folder_names(root.path()); });
  EXPECT_TRUE(holds(text, (root / "b").string() + " is a symbolic link that leads to no file and no folder"))
      << text;
  EXPECT_TRUE(holds(text, "(/no/such/disk/b); fix or remove it")) << text;
}

TEST(Folders, NameAClassOfTwoLinksThatLeadToEachOther) {
  const TempFolder root;
  std::filesystem::create_directory_symlink("b", root / "a");
  std::filesystem::create_directory_symlink("a", root / "b");
  EXPECT_TRUE(holds(reason([&] { folder_names(root.path()); }), "fix or remove it"));
  EXPECT_TRUE(holds(reason([&] { resolve_below(root.path(), "a/1.png"); }), "cannot be followed"));
}

TEST(Folders, MayLieBelowARootThatIsALink) {
  const TempFolder root, links;
  root.write("a/1.png");
  std::filesystem::create_directory_symlink(root.path(), links / "root");
  EXPECT_EQ((std::vector<std::string>{"a/1.png"}), names(files_below(links / "root", "a")));
}

TEST(Folders, SayWhatIsMissingWhatIsThereAndWhatWasExpected) {
  const TempFolder root;
  root.write("Images/tumour/1.png");
  const std::string text = reason([&] { class_files(root.path(), "tumour", "  ROOT/tumour/*.png"); });
  EXPECT_TRUE(holds(text, (root / "tumour").string() + " is missing")) << text;
  EXPECT_TRUE(holds(text, "holds the folders Images")) << text;
  EXPECT_TRUE(holds(text, "Give " + (root / "Images").string() + " as the root")) << text;
  EXPECT_TRUE(holds(text, "Expected:\n  ROOT/tumour/*.png")) << text;
  EXPECT_TRUE(
      holds(reason([&] { require_folder(root / "Images/tumour", "tumour", ""); }), "the folder above it"));
  EXPECT_TRUE(holds(reason([&] { require_folder(root / "no/such", "", ""); }), "no/such is missing"));
  EXPECT_TRUE(holds(reason([&] { require_file(root.path(), "Images", ""); }), "is not a file"));
}

TEST(Folders, RefuseAClassWithoutImages) {
  const TempFolder root;
  root.write("a/readme.txt");
  EXPECT_TRUE(holds(reason([&] { class_files(root.path(), "a", ""); }), "holds no image (png, jpg"));
  EXPECT_EQ(1u, class_files(root.path(), "a", "", std::vector<std::string>{".TXT"}).size());
}

TEST(Folders, RefuseFileNamesThatAreNotUtf8) {
  const TempFolder root;
  root.write("a/M\xFCller.png");
  EXPECT_TRUE(holds(reason([&] { files_below(root.path(), "a"); }), "not UTF-8"));
}

const std::string kWhole = "Gr\xC3\xBCn", kApart = "Gru\xCC\x88n";

TEST(Folders, AreFoundInEitherSpellingOfTheirLetters) {
  const TempFolder root;
  root.write(kApart + "/" + kApart + ".png");
  EXPECT_EQ((std::vector<std::string>{kWhole}), folder_names(root.path()));
  for (const std::string& asked : {kWhole, kApart}) {
    EXPECT_EQ((std::vector<std::string>{kWhole + "/" + kWhole + ".png"}),
              names(class_files(root.path(), asked, "")));
    EXPECT_EQ(root / kApart, resolve_below(root.path(), asked));
  }
  root.write(kWhole + "/2.png");
  EXPECT_TRUE(holds(reason([&] { folder_names(root.path()); }), "holds two folders called"));
}

TEST(Folders, CountWhatTheyLeaveOutForItsExtension) {
  const TempFolder root;
  for (const char* name : {"a/1.png", "a/2.JP2", "a/3.jp2", "a/4.svs", "a/notes.txt", "b/5.gif"})
    root.write(name);
  LeftOut left_out;
  EXPECT_EQ(1u, files_below(root.path(), "", image_extensions(), &left_out).size());
  test::FakeHost host;
  left_out.warn(Host(host.raw()), root.path());
  ASSERT_EQ(1u, host.warnings().size());
  EXPECT_EQ("4 images below " + root.path().string() +
                " left out for their extension: 1 .gif, 2 .jp2 and 1 .svs; convert what should be read to "
                "PNG or TIFF",
            host.warnings()[0]);
}

TEST(Folders, SayNothingWhereNoImageIsLeftOut) {
  const TempFolder root;
  for (const char* name : {"a/1.png", "a/2.webp", "a/notes.txt"}) root.write(name);
  LeftOut left_out;
  EXPECT_EQ(2u, files_below(root.path(), "", image_extensions(), &left_out).size());
  test::FakeHost host;
  left_out.warn(Host(host.raw()), root.path());
  EXPECT_TRUE(host.warnings().empty());
}

TEST(PlainFileName, IsOneForSpellingsOfAnExtension) {
  EXPECT_EQ("A.b.png", plain_file_name("A.b.PNG"));
  EXPECT_EQ("1.jpg", plain_file_name("1.JPEG"));
  EXPECT_EQ("1.tif", plain_file_name("1.tiff"));
  EXPECT_EQ(kWhole + ".tif", plain_file_name(kApart + ".TIF"));
}

}  // namespace
}  // namespace histokt::adapters
