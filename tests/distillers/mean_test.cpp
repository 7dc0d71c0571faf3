// SPDX-License-Identifier: MIT
#include "mean/mean.hpp"

#include <gtest/gtest.h>

#include "distill/small_networks.hpp"
#include "distillers/merging.hpp"

namespace histokt {
namespace {

float mean_of_ones_twos_and_sixes(const std::vector<double>& weights) {
  const auto settings = FakeSettings().numbers("weights", weights);
  const TensorFile merged =
      merged_by<MeanDistiller>(settings, {network("a", 1), network("b", 2), network("c", 6)});
  for (const StoredTensor& tensor : merged.tensors) {
    if (tensor.dtype != DType::kFloat32) continue;
    for (float entry : entries_of(tensor)) EXPECT_EQ(entry, merged.tensors[0].floats()[0]) << tensor.name;
  }
  return merged.tensors[0].floats()[0];
}

TEST(Mean, IsTheMeanOfEveryTensor) {
  EXPECT_FLOAT_EQ(mean_of_ones_twos_and_sixes({}), 3.0f);
}

TEST(Mean, WeightsAreSharesOfTheirSum) {
  EXPECT_FLOAT_EQ(mean_of_ones_twos_and_sixes({1, 1, 2}), 3.75f);
  EXPECT_FLOAT_EQ(mean_of_ones_twos_and_sixes({0, 5, 0}), 2.0f);
}

TEST(Mean, WeightsThatDoNotFitAreAWrongRequest) {
  EXPECT_THROW(mean_of_ones_twos_and_sixes({1, 1}), BadRequest);
  EXPECT_THROW(mean_of_ones_twos_and_sixes({1, -1, 1}), BadRequest);
  EXPECT_THROW(mean_of_ones_twos_and_sixes({0, 0, 0}), BadRequest);
}

}  // namespace
}  // namespace histokt
