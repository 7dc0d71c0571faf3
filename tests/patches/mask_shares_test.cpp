// SPDX-License-Identifier: MIT
#include "patches/mask_shares.hpp"

#include <gtest/gtest.h>

#include "base/errors.hpp"
#include "patches/scratch.hpp"

namespace histokt {
namespace {

const MaskRules kRules{.codes = {{1, 0}, {2, 1}, {7, MaskCode::kOtherTissue}, {0, MaskCode::kOutsideRegion}},
                       .label_threshold = 0.25,
                       .min_coverage = 0.5};

TEST(MaskShares, CountsClassesAmongThePixelsWithinTheRegion) {
  MaskShares shares(kRules, 2);
  const auto result = shares.measure(std::vector<std::uint16_t>{0, 0, 0, 0, 1, 1, 2, 7});
  EXPECT_EQ(result.shares, (std::vector<float>{0.5f, 0.25f}));
  EXPECT_EQ(result.labels, (std::vector<std::uint8_t>{1, 0}));  // 0.25 is not above 0.25
  EXPECT_TRUE(result.covered);
}

TEST(MaskShares, DropsWhatItsClassesHardlyCover) {
  MaskShares shares(kRules, 2);
  EXPECT_FALSE(shares.measure(std::vector<std::uint16_t>{7, 7, 7, 1}).covered);
  EXPECT_FALSE(shares.measure(std::vector<std::uint16_t>{0, 0, 0, 0}).covered);
  EXPECT_TRUE(shares.measure(std::vector<std::uint16_t>{7, 7, 2, 1}).covered);
}

TEST(MaskShares, NamesACodeWithoutMeaningAndGoesOn) {
  MaskShares shares(kRules, 2);
  const std::string said = testing::message_of<RunError>([&] {
    shares.measure(std::vector<std::uint16_t>{1, 99});
  });
  EXPECT_NE(said.find("code 99"), std::string::npos) << said;
  EXPECT_EQ(shares.measure(std::vector<std::uint16_t>{2, 2}).shares, (std::vector<float>{0, 1}));
}

TEST(MaskShares, RefusesRulesThatContradictThemselves) {
  EXPECT_THROW(MaskShares({.codes = {{1, 0}, {1, 1}}}, 2), RunError);
  EXPECT_THROW(MaskShares({.codes = {{1, 2}}}, 2), RunError);
}

}  // namespace
}  // namespace histokt
