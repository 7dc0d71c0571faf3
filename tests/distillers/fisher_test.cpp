// SPDX-License-Identifier: MIT
#include "fisher/fisher.hpp"

#include <gtest/gtest.h>

#include "distillers/fake_data.hpp"
#include "distillers/one_weight.hpp"

namespace histokt {
namespace {

// As the host resolves the defaults, and one after the other in their place. A key is asked for once.
FakeSettings settings(double floor, bool normalize, const std::vector<double>& weights = {}) {
  return FakeSettings()
      .integer("samples", 64)
      .number("floor", floor)
      .boolean("normalize", normalize)
      .numbers("weights", weights);
}

FakeData information(const std::vector<float>& entries, const std::string& tensor = "conv.weight") {
  return FakeData().add(tensor, {static_cast<std::int64_t>(entries.size())}, entries);
}

const std::vector<MergeInput> kTwo = {one_weight("a", {1, 1, 1, 1}), one_weight("b", {5, 5, 5, 5})};

std::vector<float> merged(const FakeSettings& how, const std::vector<float>& first,
                          const std::vector<float>& second) {
  return entries_of(
      merged_with<FisherDistiller>(how, kTwo, {information(first), information(second)}).tensors.at(0));
}

TEST(Fisher, WeighsEachEntryByItsInformation) {
  // (1 F_a + 5 F_b) / (F_a + F_b) entry by entry.
  EXPECT_EQ((std::vector<float>{3, 1, 5, 4}), merged(settings(0, false), {2, 4, 0, 1}, {2, 0, 4, 3}));
}

TEST(Fisher, OneSourceComesOutWithTheSameBytes) {
  const MergeInput source = one_weight("a", {0.1F, -0.0F, 3e-30F, -7.3F});
  const TensorFile merged =
      merged_with<FisherDistiller>(settings(1e-6, true), {source}, {information({1e-20F, 0.3F, 0, 7})});
  EXPECT_EQ(source.content.tensors[0].bytes, merged.tensors.at(0).bytes);
}

TEST(Fisher, EntriesThatNobodyKnowsBecomeTheMean) {
  EXPECT_EQ((std::vector<float>{3, 1, 1, 1}), merged(settings(0, false), {0, 1, 1, 1}, {0, 0, 0, 0}));
  EXPECT_EQ(3.0F, merged(settings(1e-6, false), {0, 1, 1, 1}, {0, 0, 0, 0})[0]);
}

TEST(Fisher, TheFloorIsTheLeastInformation) {
  // With a floor of 1 the source that knows nothing counts 1 beside 3.
  EXPECT_FLOAT_EQ(2.0F, merged(settings(1, false), {3, 1, 1, 1}, {0, 1, 1, 1})[0]);
}

TEST(Fisher, NormalizingTakesAwayHowCertainASourceIsInAll) {
  const std::vector<float> first = {1, 2, 3, 4}, second = {4, 3, 2, 1};
  std::vector<float> fainter = second;
  for (float& entry : fainter) entry /= 1024;
  EXPECT_EQ(merged(settings(1e-6, true), first, second), merged(settings(1e-6, true), first, fainter));
  EXPECT_NE(merged(settings(1e-6, false), first, second), merged(settings(1e-6, false), first, fainter));
  // Each has a mean of 2.5, so that the first entry is (1 x 1 + 4 x 5) / 5.
  EXPECT_FLOAT_EQ(4.2F, merged(settings(1e-6, true), first, second)[0]);
}

TEST(Fisher, WeightsMultiplyTheInformation) {
  // (3 x 1 x 1 + 1 x 1 x 5) / (3 + 1).
  EXPECT_FLOAT_EQ(2.0F, merged(settings(0, false, {3, 1}), {1, 1, 1, 1}, {1, 1, 1, 1})[0]);
  EXPECT_THROW(merged(settings(0, false, {1, 1, 1}), {1, 1, 1, 1}, {1, 1, 1, 1}), BadRequest);
}

TEST(Fisher, TensorsWithoutInformationBecomeTheMean) {
  const std::vector<MergeInput> sources = {network("a", 2), network("b", 6)};
  const auto known = [](float entry) {
    return FakeData().add("conv1.weight", {2, 1, 1, 2}, {entry, entry, entry, entry});
  };
  std::uint64_t samples = 0;
  const TensorFile merged =
      merged_with<FisherDistiller>(settings(0, false), sources, {known(3), known(1)}, &samples);
  EXPECT_FLOAT_EQ(3.0F, merged.find("conv1.weight")->floats()[0]);
  EXPECT_FLOAT_EQ(4.0F, merged.find("bn1.running_var")->floats()[0]);
  EXPECT_EQ(64u, samples);
}

TEST(Fisher, ASourceThatIsCertainOfEverythingIsNamed) {
  try {
    merged(settings(1e-6, true), {1, 1, 1, 1}, {0, 0, 0, 0});
    FAIL() << "nothing was thrown";
  } catch (const PluginError& error) {
    EXPECT_NE(std::string(error.what()).find("the predictions of b do not depend on"), std::string::npos)
        << error.what();
  }
}

TEST(Fisher, SaysOfAHostWithoutDataThatItHasNone) {
  EXPECT_THROW(merged_by<FisherDistiller>(settings(0, false), kTwo), PluginError);
}

}  // namespace
}  // namespace histokt
