// SPDX-License-Identifier: MIT
#include "regmean/regmean.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "base/random.hpp"
#include "distillers/fake_data.hpp"
#include "distillers/one_weight.hpp"
#include "regmean/regression.hpp"

namespace histokt {
namespace {

FakeSettings settings(double alpha, double ridge = 0) {
  return FakeSettings().integer("samples", 64).number("alpha", alpha).number("ridge", ridge);
}

MergeInput matrix(const std::string& name, std::vector<std::int64_t> shape,
                  const std::vector<float>& entries) {
  return {name, {{float_tensor("conv.weight", std::move(shape), entries)}, {}}};
}

std::vector<float> random_entries(std::size_t count, std::uint64_t seed) {
  std::vector<float> entries;
  for (std::size_t i = 0; i < count; ++i) entries.push_back(static_cast<float>(Random{seed, i}.normal()));
  return entries;
}

// Inputs u of one source, (count, k), and their Gram matrix.
struct Inputs {
  std::size_t k;
  std::vector<float> rows;

  std::vector<float> gram() const {
    std::vector<float> sum(k * k, 0);
    for (std::size_t n = 0; n < rows.size() / k; ++n) {
      for (std::size_t i = 0; i < k; ++i) {
        for (std::size_t j = 0; j < k; ++j) sum[i * k + j] += rows[n * k + i] * rows[n * k + j];
      }
    }
    return sum;
  }
};

FakeData data(const std::vector<float>& gram) {
  const auto side = static_cast<std::int64_t>(std::lround(std::sqrt(static_cast<double>(gram.size()))));
  return FakeData().add("conv.weight", {side, side}, gram);
}

TEST(Regmean, OfOneInputIsTheMeanWeighedByItsEnergy) {
  // (1 x 2 + 3 x 6) / 4.
  const TensorFile merged = merged_with<RegmeanDistiller>(
      settings(1), {matrix("a", {1, 1}, {2}), matrix("b", {1, 1}, {6})}, {data({1}), data({3})});
  EXPECT_FLOAT_EQ(5.0F, merged.tensors[0].floats()[0]);
}

TEST(Regmean, SolvesTwoInputsAsWorkedByHand) {
  // G_a = [2 1; 1 2], G_b = I, W_a = [1 0], W_b = [0 1]: (G_a + G_b) w = G_a W_a^T + W_b^T = [2 2], so w =
  // [1/2 1/2].
  const TensorFile merged =
      merged_with<RegmeanDistiller>(settings(1), {matrix("a", {1, 2}, {1, 0}), matrix("b", {1, 2}, {0, 1})},
                                    {data({2, 1, 1, 2}), data({1, 0, 0, 1})});
  EXPECT_NEAR(0.5F, merged.tensors[0].floats()[0], 1e-6);
  EXPECT_NEAR(0.5F, merged.tensors[0].floats()[1], 1e-6);
}

TEST(Regmean, AlphaZeroTakesEachInputByItself) {
  // As above with G_a = 2 I: w = [2/3 1/3].
  const TensorFile merged =
      merged_with<RegmeanDistiller>(settings(0), {matrix("a", {1, 2}, {1, 0}), matrix("b", {1, 2}, {0, 1})},
                                    {data({2, 1, 1, 2}), data({1, 0, 0, 1})});
  EXPECT_NEAR(2.0F / 3, merged.tensors[0].floats()[0], 1e-6);
  EXPECT_NEAR(1.0F / 3, merged.tensors[0].floats()[1], 1e-6);
}

TEST(Regmean, AlphaWeakensWhatInputsHaveInCommon) {
  // As above with G_a = [2 1/2; 1/2 2]: [3 1/2; 1/2 3] w = [2 3/2].
  const TensorFile merged =
      merged_with<RegmeanDistiller>(settings(0.5), {matrix("a", {1, 2}, {1, 0}), matrix("b", {1, 2}, {0, 1})},
                                    {data({2, 1, 1, 2}), data({1, 0, 0, 1})});
  EXPECT_NEAR(0.6F, merged.tensors[0].floats()[0], 1e-6);
  EXPECT_NEAR(0.4F, merged.tensors[0].floats()[1], 1e-6);
}

TEST(Regmean, OneSourceComesOutWithTheSameBytes) {
  MergeInput source = matrix("a", {4, 9}, random_entries(36, 8));
  source.content.tensors[0].floats()[5] = -0.0F;
  source.content.tensors.push_back(float_tensor("conv.bias", {2}, {-0.0F, 0.1F}));
  const TensorFile merged = merged_with<RegmeanDistiller>(settings(0.9, 1e-6), {source}, {FakeData()});
  for (const StoredTensor& tensor : source.content.tensors)
    EXPECT_EQ(tensor.bytes, merged.find(tensor.name)->bytes) << tensor.name;
}

// Inputs of which one is nearly another: the solution for the weights themselves would lose four digits.
TEST(Regmean, SourcesThatAgreeComeOutAsTheyAreHoweverInputsDepend) {
  constexpr std::size_t kColumns = 40;
  std::vector<float> rows = random_entries(60 * kColumns, 5);
  for (std::size_t n = 0; n < 60; ++n) rows[n * kColumns + 1] = rows[n * kColumns] * 1.001F;
  const std::vector<float> gram = Inputs{kColumns, rows}.gram(), weight = random_entries(3 * kColumns, 6);
  Regression regression;
  regression.begin({weight, weight}, 3, 0.999);
  for (const std::size_t source : {0, 1}) regression.add(source, gram);
  std::vector<float> result(weight.size());
  regression.solve(1e-6, result);
  EXPECT_EQ(weight, result);
}

// What it is made for: no change of the weights brings the outputs closer to those of the sources.
TEST(Regmean, IsTheLeastSquaresOfOutputs) {
  constexpr std::size_t kRows = 3, kColumns = 8;  // a convolution (3, 2, 2, 2)
  const std::array<Inputs, 2> inputs = {Inputs{kColumns, random_entries(20 * kColumns, 1)},
                                        Inputs{kColumns, random_entries(20 * kColumns, 2)}};
  const std::array<std::vector<float>, 2> weights = {random_entries(kRows * kColumns, 3),
                                                     random_entries(kRows * kColumns, 4)};
  const TensorFile merged = merged_with<RegmeanDistiller>(
      settings(1), {matrix("a", {3, 2, 2, 2}, weights[0]), matrix("b", {3, 2, 2, 2}, weights[1])},
      {data(inputs[0].gram()), data(inputs[1].gram())});
  const auto loss = [&](const std::vector<float>& candidate) {
    double sum = 0;
    for (std::size_t s = 0; s < 2; ++s) {
      for (std::size_t n = 0; n < 20; ++n) {
        for (std::size_t r = 0; r < kRows; ++r) {
          double difference = 0;
          for (std::size_t i = 0; i < kColumns; ++i) {
            difference += (candidate[r * kColumns + i] - weights[s][r * kColumns + i]) *
                          inputs[s].rows[n * kColumns + i];
          }
          sum += difference * difference;
        }
      }
    }
    return sum;
  };
  const std::vector<float> best = entries_of(merged.tensors[0]);
  for (std::size_t at = 0; at < best.size(); ++at) {
    for (const float step : {0.01F, -0.01F}) {
      std::vector<float> other = best;
      other[at] += step;
      EXPECT_LT(loss(best), loss(other)) << at;
    }
  }
}

TEST(Regmean, WhereInputsAreSilentTheMeanDecides) {
  // The second input is always 0 in both sources.
  const TensorFile merged = merged_with<RegmeanDistiller>(
      settings(0.9, 1e-6), {matrix("a", {1, 2}, {1, 2}), matrix("b", {1, 2}, {1, 4})},
      {data({1, 0, 0, 0}), data({1, 0, 0, 0})});
  EXPECT_NEAR(1.0F, merged.tensors[0].floats()[0], 1e-5);
  EXPECT_NEAR(3.0F, merged.tensors[0].floats()[1], 1e-5);
  const TensorFile silent = merged_with<RegmeanDistiller>(
      settings(0.9, 0), {matrix("a", {1, 1}, {1}), matrix("b", {1, 1}, {4})}, {data({0}), data({0})});
  EXPECT_FLOAT_EQ(2.5F, silent.tensors[0].floats()[0]);
}

TEST(Regmean, NamesTheTensorWhoseSystemCannotBeSolved) {
  try {
    merged_with<RegmeanDistiller>(settings(1, 0), {matrix("a", {1, 2}, {1, 2}), matrix("b", {1, 2}, {1, 4})},
                                  {data({1, 0, 0, 0}), data({1, 0, 0, 0})});
    FAIL() << "nothing was thrown";
  } catch (const PluginError& error) {
    const std::string text = error.what();
    EXPECT_EQ(0u, text.find("conv.weight: ")) << text;
    EXPECT_NE(std::string::npos, text.find("option ridge")) << text;
  }
}

// Rounded to float32, the Gram matrix of inputs that are alike may have eigenvalues below 0, by more than the
// ridge that is taken by itself.
TEST(Regmean, AlphaOneWantsALargerRidge) {
  const auto merge = [](double alpha, double ridge) {
    const std::vector<float> gram = {1, 1.00001F, 1.00001F, 1};
    return merged_with<RegmeanDistiller>(settings(alpha, ridge),
                                         {matrix("a", {1, 2}, {1, 2}), matrix("b", {1, 2}, {1, 4})},
                                         {data(gram), data(gram)});
  };
  try {
    merge(1, 1e-6);
    FAIL() << "nothing was thrown";
  } catch (const PluginError& error) {
    EXPECT_NE(std::string::npos, std::string(error.what()).find("1 requires a ridge of 1e-4"))
        << error.what();
  }
  EXPECT_NEAR(3, merge(1, 1e-4).tensors[0].floats()[1], 1e-3);
  EXPECT_NEAR(3, merge(0.9, 1e-6).tensors[0].floats()[1], 1e-3);
}

TEST(Regmean, WhatHasNoGramMatrixBecomesTheMean) {
  const std::vector<MergeInput> sources = {network("a", 2), network("b", 6)};
  const auto known = [](float energy) {
    return FakeData()
        .add("conv1.weight", {2, 2}, {energy, 0, 0, energy})
        .add("fc.weight", {2, 2}, {energy, 0, 0, energy});
  };
  const TensorFile merged = merged_with<RegmeanDistiller>(settings(0.9), sources, {known(3), known(1)});
  EXPECT_FLOAT_EQ(3.0F, merged.find("conv1.weight")->floats()[0]);
  EXPECT_FLOAT_EQ(3.0F, merged.find("fc.weight")->floats()[0]) << "heads are linear layers";
  EXPECT_FLOAT_EQ(4.0F, merged.find("fc.bias")->floats()[0]);
  EXPECT_FLOAT_EQ(4.0F, merged.find("bn1.weight")->floats()[0]);
  const TensorFile none = merged_with<RegmeanDistiller>(settings(0.9), sources, {FakeData(), FakeData()});
  EXPECT_FLOAT_EQ(4.0F, none.find("conv1.weight")->floats()[0]);
}

}  // namespace
}  // namespace histokt
