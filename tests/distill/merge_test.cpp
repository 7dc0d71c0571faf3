// SPDX-License-Identifier: MIT
#include "distill/merge.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "distill/small_networks.hpp"

namespace histokt {
namespace {

std::vector<std::string> names_of(const TensorFile& file) {
  std::vector<std::string> names;
  for (const StoredTensor& tensor : file.tensors) names.push_back(tensor.name);
  return names;
}

TEST(Merge, WritesWhatTheDistillerWroteInTheOrderOfTheFirstSource) {
  MergeInput second = network("b", 2);
  std::reverse(second.content.tensors.begin(), second.content.tensors.end());
  const MergeInput first = network("a", 1);
  const TensorFile merged = merge_tensors({first, second}, nullptr, {}, add_up);
  EXPECT_EQ(names_of(merged), names_of(first.content));
  EXPECT_EQ(entries_of(*merged.find("conv1.weight")), std::vector<float>(4, 3.0f));
  EXPECT_EQ(merged.find("conv1.weight")->shape, (std::vector<std::int64_t>{2, 1, 1, 2}));
  EXPECT_TRUE(merged.metadata.empty());
}

TEST(Merge, IntegersDoNotCrossAndAreTheFirstSources) {
  const auto call = [](const histokt_merge& merge) {
    for (std::size_t t = 0; t < merge.output_count; ++t) {
      EXPECT_NE(std::string_view(merge.outputs[t].name), "bn1.num_batches_tracked");
    }
    add_up(merge);
  };
  const TensorFile merged = merge_tensors({network("a", 5), network("b", 7)}, nullptr, {}, call);
  EXPECT_EQ(merged.find("bn1.num_batches_tracked")->bytes[0], std::byte{5});
}

TEST(Merge, HeadsOfDifferentClassCountsAreLeftOutWhole) {
  const auto call = [](const histokt_merge& merge) {
    EXPECT_EQ(merge.output_count, 3u);
    EXPECT_EQ(merge.sources[1].tensor_count, 3u);
    add_up(merge);
  };
  const TensorFile merged = merge_tensors({network("a", 1, 2), network("b", 1, 7)}, nullptr, {}, call);
  EXPECT_EQ(merged.find("fc.weight"), nullptr);
  EXPECT_EQ(merged.find("fc.bias"), nullptr);
  EXPECT_EQ(merged.metadata.at("head"), "none");
}

TEST(Merge, ASourceWithoutAHeadLeavesTheHeadOut) {
  MergeInput headless = network("b", 1);
  headless.content.tensors.resize(4);
  for (const auto& pair : {std::vector{network("a", 1), headless}, std::vector{headless, network("a", 1)},
                           std::vector{headless, headless}}) {
    const TensorFile merged = merge_tensors(pair, nullptr, {}, add_up);
    EXPECT_EQ(merged.tensors.size(), 4u);
    EXPECT_EQ(merged.metadata.at("head"), "none");
  }
}

TEST(Merge, HandsOverNamesProvenanceRolesAndEmptyOutputs) {
  const auto call = [](const histokt_merge& merge) {
    ASSERT_EQ(merge.source_count, 2u);
    EXPECT_EQ(std::string_view(merge.sources[1].name), "b");
    EXPECT_EQ(std::string_view(merge.sources[1].provenance[0].key), "dataset");
    EXPECT_EQ(std::string_view(merge.sources[1].provenance[0].value), "b");
    EXPECT_EQ(merge.base, nullptr);
    EXPECT_EQ(merge.outputs[0].role, HISTOKT_ROLE_CONVOLUTION);
    EXPECT_EQ(std::string_view(merge.outputs[0].channels[0]), "stem");
    EXPECT_EQ(merge.outputs[1].channels, nullptr);
    EXPECT_TRUE(std::isnan(static_cast<const float*>(merge.outputs[0].data)[3]));
    add_up(merge);
  };
  const std::vector<TensorRole> roles = {{"conv1.weight", HISTOKT_ROLE_CONVOLUTION, {"stem", "", "", ""}}};
  merge_tensors({network("a", 1), network("b", 1)}, nullptr, roles, call);
}

TEST(Merge, TheBaseCrossesWithoutAHeadOfItsOwn) {
  const auto call = [](const histokt_merge& merge) {
    ASSERT_NE(merge.base, nullptr);
    EXPECT_EQ(merge.base->tensor_count, 3u);
    EXPECT_EQ(static_cast<const float*>(merge.base->tensors[0].data)[0], 9.0f);
    add_up(merge);
  };
  const MergeInput base = network("imagenet", 9, 1000);
  merge_tensors({network("a", 1), network("b", 1)}, &base, {}, call);
}

TEST(Merge, ASourceMayLackTheNormsCounters) {
  MergeInput old = network("old", 2);
  std::erase_if(old.content.tensors,
                [](const StoredTensor& t) { return t.name.ends_with("num_batches_tracked"); });
  EXPECT_TRUE(merge_tensors({network("a", 1), old}, nullptr, {}, add_up).find("bn1.num_batches_tracked"));
  EXPECT_FALSE(merge_tensors({old, network("a", 1)}, nullptr, {}, add_up).find("bn1.num_batches_tracked"));
}

TEST(Merge, OtherWidthsOfFloatsBecomeFloat32) {
  MergeInput half = network("half", 1), brain = network("brain", 1), wide = network("wide", 1);
  const auto set = [](MergeInput& input, DType dtype, std::vector<int> bytes) {
    StoredTensor& tensor = tensor_of(input, "bn1.weight");
    tensor.dtype = dtype;
    tensor.bytes.clear();
    for (int byte : bytes) tensor.bytes.push_back(static_cast<std::byte>(byte));
  };
  set(half, DType::kFloat16, {0x00, 0xC1, 0x01, 0x00});    // -2.5 and the smallest subnormal, 2^-24
  set(brain, DType::kBFloat16, {0x20, 0xC0, 0x80, 0x3F});  // -2.5 and 1
  set(wide, DType::kFloat64, {0, 0, 0, 0, 0, 0, 0x04, 0xC0, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F});  // -2.5 and 1
  const auto merged = [](const MergeInput& input) {
    return entries_of(*merge_tensors({input}, nullptr, {}, add_up).find("bn1.weight"));
  };
  EXPECT_EQ(merged(half), (std::vector<float>{-2.5f, std::ldexp(1.0f, -24)}));
  EXPECT_EQ(merged(brain), (std::vector<float>{-2.5f, 1.0f}));
  EXPECT_EQ(merged(wide), (std::vector<float>{-2.5f, 1.0f}));
}

TEST(Merge, TheSameNetworkTwiceIsWarnedOf) {
  EXPECT_TRUE(merge_warnings({network("a", 1), network("b", 2)}).empty());
  EXPECT_EQ(merge_warnings({network("a", 1)}).size(), 1u);
  const auto warnings = merge_warnings({network("a", 1), network("b", 2), network("c", 1)});
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(warnings[0], "sources 1 (a) and 3 (c) are the same network; was another meant?");
  MergeInput turned = network("turned", 1);
  std::reverse(turned.content.tensors.begin(), turned.content.tensors.end());
  EXPECT_EQ(merge_warnings({network("a", 1), turned}).size(), 1u) << "the order of tensors does not count";
}

}  // namespace
}  // namespace histokt
