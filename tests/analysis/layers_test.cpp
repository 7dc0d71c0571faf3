// SPDX-License-Identifier: MIT
#include "analysis/layers.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "base/errors.hpp"
#include "base/random.hpp"
#include "distill/small_networks.hpp"

namespace histokt {
namespace {

// A network of one layer (rows, columns) and a head of two classes.
MergeInput of_entries(const std::string& name, std::int64_t rows, std::int64_t columns,
                      const std::vector<float>& entries) {
  MergeInput input{name, {}};
  input.content.tensors = {
      float_tensor("layer.weight", {rows, columns}, entries),
      float_tensor("layer.bias", {rows}, std::vector<float>(static_cast<std::size_t>(rows), 9.f))};
  return input;
}

std::vector<float> noise(std::size_t size, std::uint64_t seed) {
  Random random{seed};
  std::vector<float> entries(size);
  for (float& entry : entries) entry = static_cast<float>(random.normal());
  return entries;
}

// M has the rows (1, 0, 0) and (0, 2, 0); W leaves its row space by 3 of the energy 4 + 1 + 3.
TEST(Layers, KeepTheEnergyThatLiesInTheMergesRowSpace) {
  const MergeInput merge = of_entries("merge", 2, 3, {1, 0, 0, 0, 2, 0});
  const MergeInput source = of_entries("a", 2, 3, {2, 0, std::sqrt(3.f), 0, 1, 0});
  const std::vector<Layer> layers = diagnose_layers(merge, {source});
  ASSERT_EQ(1u, layers.size()) << "a bias is no layer";
  EXPECT_EQ("layer", layers[0].name);
  EXPECT_EQ(2, layers[0].rank);
  EXPECT_NEAR(2. / 3, layers[0].random_share(), 1e-12);
  const LayerOfSource& found = layers[0].sources.at(0).value();
  EXPECT_NEAR(5. / 8, found.energy_kept, 1e-6);
  EXPECT_NEAR(std::sqrt(1. + 3 + 1) / std::sqrt(8.), found.distance, 1e-6);
  EXPECT_NEAR(4 / (std::sqrt(5.) * std::sqrt(8.)), found.cosine, 1e-6);
  EXPECT_NEAR(std::sqrt(8.), found.norm, 1e-6);
  EXPECT_NEAR(std::sqrt(5.), layers[0].norm, 1e-6);
}

TEST(Layers, CountOnlyDirectionsThatFloatsCanTell) {
  std::vector<float> one_direction(8);
  for (std::size_t i = 0; i < 8; ++i)
    one_direction[i] = static_cast<float>(i / 4 + 1) * static_cast<float>(i % 4 + 1) / 3;
  const MergeInput merge = of_entries("merge", 2, 4, one_direction);
  const Layer layer = diagnose_layers(merge, {of_entries("a", 2, 4, noise(8, 1))}).at(0);
  EXPECT_EQ(1, layer.rank);
  EXPECT_LT(layer.sources[0]->energy_kept, 0.99);
}

TEST(Layers, OfANetworkBesideItselfKeepAll) {
  for (const auto& [rows, columns] : {std::pair{4, 9}, {9, 4}, {5, 5}}) {
    const MergeInput a = of_entries("a", rows, columns, noise(static_cast<std::size_t>(rows * columns), 3));
    const LayerOfSource found = diagnose_layers(a, {a}).at(0).sources[0].value();
    EXPECT_NEAR(1, found.energy_kept, 1e-9);
    EXPECT_NEAR(0, found.distance, 1e-9);
    EXPECT_NEAR(1, found.cosine, 1e-9);
  }
}

TEST(Layers, OfUnrelatedNetworksKeepWhatARandomSubspaceKeeps) {
  const MergeInput merge = of_entries("merge", 16, 128, noise(16 * 128, 1)),
                   other = of_entries("a", 16, 128, noise(16 * 128, 2));
  const Layer layer = diagnose_layers(merge, {other}).at(0);
  EXPECT_NEAR(layer.random_share(), layer.sources[0]->energy_kept, 0.04);
}

TEST(Layers, UnfoldConvolutionsAndLeaveOutHeadsOfOtherClasses) {
  const MergeInput merge = network("merge", 1, 2), same = network("a", 2, 2), other = network("b", 2, 5);
  const std::vector<Layer> layers = diagnose_layers(merge, {same, other});
  ASSERT_EQ(2u, layers.size());
  EXPECT_EQ("conv1", layers[0].name);
  EXPECT_EQ(2, layers[0].columns);
  EXPECT_EQ("fc", layers[1].name);
  EXPECT_TRUE(layers[1].sources[0].has_value());
  EXPECT_FALSE(layers[1].sources[1].has_value());
}

TEST(Layers, KnowTheHeadByTheModelWhateverItsName) {
  MergeInput merge = network("merge", 1, 2), other = network("b", 2, 5);
  for (MergeInput* input : {&merge, &other}) tensor_of(*input, "fc.weight").name = "answers.weight";
  EXPECT_THROW(diagnose_layers(merge, {other}), RunError) << "a weight of another shape";
  const std::vector<Layer> layers =
      diagnose_layers(merge, {other}, {{"answers.weight", HISTOKT_ROLE_HEAD, {}}});
  ASSERT_EQ(2u, layers.size());
  EXPECT_TRUE(layers[0].sources[0].has_value());
  EXPECT_FALSE(layers[1].sources[0].has_value());
}

TEST(Layers, OfAllZerosHaveNoDistance) {
  const MergeInput merge = network("merge", 1), zero = network("a", 0);
  const LayerOfSource found = diagnose_layers(merge, {zero}).at(0).sources[0].value();
  EXPECT_TRUE(std::isnan(found.distance));
  EXPECT_EQ(0, found.norm);
  EXPECT_EQ(0, diagnose_layers(zero, {merge}).at(0).rank);
}

TEST(Layers, AddUpToTheWholeNetwork) {
  const MergeInput merge = network("merge", 1), source = network("a", 3);
  const Layer whole = whole_network(diagnose_layers(merge, {source}));
  EXPECT_NEAR(std::sqrt(8.), whole.norm, 1e-9);  // 2 x 2 and 2 x 2 entries of 1
  EXPECT_NEAR(2. / 3, whole.sources[0]->distance, 1e-9);
  EXPECT_NEAR(1, whole.sources[0]->cosine, 1e-9);
  EXPECT_NEAR(1, whole.sources[0]->energy_kept, 1e-9);
}

std::string refusal(const MergeInput& merge, const MergeInput& source) {
  try {
    diagnose_layers(merge, {source});
  } catch (const RunError& error) {
    return error.what();
  }
  return "none";
}

TEST(Layers, NameTheFilesThatDoNotFit) {
  const MergeInput merge = network("merge", 1);
  MergeInput other = network("a", 1);
  tensor_of(other, "conv1.weight") = float_tensor("conv1.weight", {2, 1, 1, 3}, std::vector<float>(6, 1.f));
  EXPECT_EQ(
      "\"conv1.weight\" has the shape (2, 1, 1, 2) in merge, but a has it as F32 (2, 1, 1, 3); give the "
      "sources of this merge",
      refusal(merge, other));
  other = network("a", NAN);
  EXPECT_NE(std::string::npos, refusal(merge, other).find("a: tensor \"conv1.weight\" holds NaN"));
  other.content.tensors.erase(other.content.tensors.begin());
  EXPECT_NE(std::string::npos, refusal(merge, other).find("a has no tensor of that name"));
  EXPECT_NE(std::string::npos,
            refusal({"merge", {}}, other).find("has no weight with two or more dimensions"));
}

}  // namespace
}  // namespace histokt
