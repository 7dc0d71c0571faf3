// SPDX-License-Identifier: MIT
#include "patches/split_csv.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/errors.hpp"
#include "patches/scratch.hpp"
#include "patches/split_set.hpp"

namespace histokt {
namespace {

class SplitCsv : public ::testing::Test {
 protected:
  SplitCsv() {
    testing::write(scratch_ / "p.h5", testing::small_patches(40));
    patches_ = open_patches(scratch_ / "p.h5");
    split_ = assign_split(*patches_, {.seed = 2}).split;
    csv_ = split_csv(*patches_, split_);
  }

  SplitAssignment read(const std::string& text) const { return read_split_csv(*patches_, text, "s.csv"); }
  std::string refusal(const std::string& text) const {
    return testing::message_of<RequestError>([&] { read(text); });
  }
  // The table with the first `from` replaced.
  std::string changed(const std::string& from, const std::string& to) const {
    std::string text = csv_;
    return text.replace(text.find(from), from.size(), to);
  }
  void expect_parts(const std::string& text, const std::vector<std::string>& parts) const {
    const std::string said = refusal(text);
    for (const std::string& part : parts)
      EXPECT_NE(said.find(part), std::string::npos) << part << "\nin: " << said;
  }

  const testing::Scratch scratch_;
  std::shared_ptr<const PatchSet> patches_;
  std::vector<Split> split_;
  std::string csv_;
};

TEST_F(SplitCsv, ReadsBackWhatItWrote) {
  split_[3] = Split::kLeftOut;
  const SplitAssignment made = read(split_csv(*patches_, split_));
  EXPECT_EQ(made.split, split_);
  EXPECT_EQ(made.left_out, 1u);
}

TEST_F(SplitCsv, HasIdSplitGroupAndClass) {
  EXPECT_TRUE(csv_.starts_with("id,split,group,class\n\"a/0.png@0,0\",")) << csv_.substr(0, 80);
  EXPECT_NE(csv_.find(",patient 1,malignant\n"), std::string::npos);
}

TEST_F(SplitCsv, NeedsTwoColumnsInAnyOrder) {
  std::string text = "split,id\n";
  for (const std::string& id : patches_->table().id) text += "train,\"" + id + "\"\n";
  EXPECT_EQ(read(text).patches[0], 40u);
  expect_parts("id,part\n", {"s.csv"});
  expect_parts(changed("split,group", "part,group"), {"s.csv", "split"});
}

TEST_F(SplitCsv, NamesTheRowOfWhatIsWrong) {
  const std::string first = "\"a/0.png@0,0\"";
  expect_parts(changed(first, "\"a/0.png@1,0\""), {"s.csv, line 2", "p.h5", "has the id `a/0.png@1,0`"});
  expect_parts(changed("\"a/0.png@6,0\"", first), {"s.csv, line 3", "a/0.png@0,0", "again", "line 2"});
  expect_parts(changed(first + ",train", first + ",learn"),
               {"s.csv, line 2", "`learn`", "train, valid, test or left-out"});
  expect_parts(csv_.substr(0, csv_.rfind("\"a/18.png@6,0\"")),
               {"s.csv", "a/18.png@6,0", "row 38", "and 2 others"});
}

TEST_F(SplitCsv, WarnsOfGroupsInTwoSplits) {
  const std::size_t in_test =
      static_cast<std::size_t>(std::find(split_.begin(), split_.end(), Split::kTest) - split_.begin());
  split_[in_test] = Split::kTrain;
  const SplitAssignment made = read(split_csv(*patches_, split_));
  EXPECT_EQ(made.groups_in_two, 1u);
  ASSERT_FALSE(made.warnings.empty());
  EXPECT_NE(made.warnings.front().find("1 patient stand in more than one split"), std::string::npos);
}

TEST_F(SplitCsv, ADigestFollowsTheSplitAndNotItsOrigin) {
  const auto digest = [&](const std::string& file, const SplitOptions& options,
                          const SplitAssignment& split) {
    write_split_file(scratch_ / file, *patches_, options, split, 1);
    return SplitSet(scratch_ / file).digest();
  };
  const SplitOptions made{.seed = 2}, imported{.protocol = SplitProtocol::kFile};
  EXPECT_EQ(digest("made.h5", made, assign_split(*patches_, made)),
            digest("imported.h5", imported, read(csv_)));
  EXPECT_EQ(SplitSet(scratch_ / "imported.h5").protocol(), SplitProtocol::kFile);
  split_[0] = Split::kLeftOut;
  EXPECT_NE(digest("other.h5", imported, read(split_csv(*patches_, split_))),
            SplitSet(scratch_ / "made.h5").digest());
}

}  // namespace
}  // namespace histokt
