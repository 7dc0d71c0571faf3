// SPDX-License-Identifier: MIT
#include "patches/contact_sheet.hpp"

#include <gtest/gtest.h>

#include <opencv2/imgcodecs.hpp>

#include "base/errors.hpp"
#include "patches/scratch.hpp"

namespace histokt {
namespace {

using testing::Scratch;

cv::Mat sheet_of(const Scratch& scratch, const testing::Patches& patches) {
  testing::write(scratch / "p.h5", patches);
  write_contact_sheet(scratch / "p.png", PatchSet(scratch / "p.h5"));
  return cv::imread((scratch / "p.png").string(), cv::IMREAD_COLOR);
}

TEST(ContactSheet, ShowsPatchesOfEachClassInARowOfItsOwn) {
  const Scratch scratch;
  testing::Patches patches = testing::small_patches(40);
  for (std::size_t i = 0; i < patches.pixels.size(); ++i) {  // benign red, malignant blue
    const bool malignant = patches.table.label[i / 192] == 1;
    patches.pixels[i] = i % 3 == (malignant ? 2u : 0u) ? 200 : 0;
  }
  const cv::Mat sheet = sheet_of(scratch, patches);
  ASSERT_EQ(8 + 2 * (28 + 128 + 8), sheet.rows);
  for (const int column : {0, 7}) {
    const int x = 8 + column * 136 + 64;
    EXPECT_EQ(cv::Vec3b(0, 0, 200), sheet.at<cv::Vec3b>(8 + 28 + 64, x)) << "benign, as BGR";
    EXPECT_EQ(cv::Vec3b(200, 0, 0), sheet.at<cv::Vec3b>(8 + 164 + 28 + 64, x)) << "malignant";
  }
}

TEST(ContactSheet, LeavesTheRowOfAClassWithoutPatchesEmpty) {
  const Scratch scratch;
  testing::Patches patches = testing::small_patches(4);
  patches.info.classes.push_back("absent");
  const cv::Mat sheet = sheet_of(scratch, patches);
  EXPECT_EQ(8 + 3 * 164, sheet.rows);
  EXPECT_EQ(cv::Vec3b(255, 255, 255), sheet.at<cv::Vec3b>(8 + 2 * 164 + 28 + 64, 72));
}

TEST(ContactSheet, NamesTheFileThatCannotBeWritten) {
  const Scratch scratch;
  testing::write(scratch / "p.h5", testing::small_patches(4));
  const std::string said = testing::message_of<RunError>(
      [&] { write_contact_sheet(scratch / "no/folder.png", PatchSet(scratch / "p.h5")); });
  EXPECT_NE(said.find("no/folder.png"), std::string::npos) << said;
}

}  // namespace
}  // namespace histokt
