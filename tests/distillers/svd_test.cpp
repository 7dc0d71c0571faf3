// SPDX-License-Identifier: MIT
#include "svd/svd.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.hpp"
#include "distill/small_networks.hpp"
#include "distillers/merging.hpp"
#include "support/folders.hpp"

namespace histokt {
namespace {

FakeSettings svd_options(std::int64_t rank = 0, const char* reference = "first", const char* rescale = "none",
                         const char* directions = "joint", std::int64_t seed = 0) {
  return FakeSettings()
      .integer("rank", rank)
      .string("reference", reference)
      .string("rescale", rescale)
      .string("directions", directions)
      .integer("seed", seed);
}

// The tensors of `file` whose name begins with `prefix`, which is cut off.
MergeInput part_of(const TensorFile& file, const std::string& prefix) {
  MergeInput part{prefix, {}};
  for (StoredTensor tensor : file.tensors) {
    if (!tensor.name.starts_with(prefix)) continue;
    tensor.name.erase(0, prefix.size());
    part.content.tensors.push_back(std::move(tensor));
  }
  return part;
}

MergeInput random_weight(std::uint64_t seed, std::vector<std::int64_t> shape) {
  std::size_t size = 1;
  for (std::int64_t side : shape) size *= static_cast<std::size_t>(side);
  Random random{seed, random_word("weights")};
  std::vector<float> entries(size);
  for (float& entry : entries) entry = static_cast<float>(random.normal());
  return {std::to_string(seed), {{float_tensor("conv.weight", std::move(shape), entries)}, {}}};
}

std::vector<float> merged_weight(const FakeSettings& settings, const std::vector<MergeInput>& sources) {
  return entries_of(merged_by<SvdDistiller>(settings, sources).tensors.at(0));
}

double norm(const std::vector<float>& entries) {
  double sum = 0;
  for (float entry : entries) sum += static_cast<double>(entry) * entry;
  return std::sqrt(sum);
}

double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = std::fabs(double{a[i]} - b[i]);
    largest = std::max(largest, std::isnan(difference) ? INFINITY : difference);
  }
  return a.size() == b.size() ? largest : INFINITY;
}

// The sources of a golden file, "source0" and so on, as many as it has.
std::vector<MergeInput> sources_of(const TensorFile& golden) {
  std::vector<MergeInput> sources;
  for (;;) {
    MergeInput source = part_of(golden, "source" + std::to_string(sources.size()) + "/");
    if (source.content.tensors.empty()) return sources;
    sources.push_back(std::move(source));
  }
}

class SvdGoldens : public ::testing::TestWithParam<std::string> {};

TEST_P(SvdGoldens, AgreeWithThePublishedFormula) {
  const TensorFile golden = read_safetensors(test::golden(GetParam()));
  ASSERT_EQ(golden.metadata.at("order"), "source0 first");
  const std::vector<MergeInput> sources = sources_of(golden);
  ASSERT_GE(sources.size(), 2u);
  const TensorFile merged = merged_by<SvdDistiller>(svd_options(), sources);
  const MergeInput expected = part_of(golden, "merged/");
  ASSERT_EQ(merged.tensors.size(), expected.content.tensors.size());
  for (const StoredTensor& tensor : expected.content.tensors) {
    const std::vector<float> entries = entries_of(tensor);
    double largest = 1;  // what float32 can say of larger entries is larger in proportion
    for (const float entry : entries) largest = std::max(largest, std::fabs(double{entry}));
    ASSERT_NE(merged.find(tensor.name), nullptr) << tensor.name;
    EXPECT_LT(largest_difference(entries_of(*merged.find(tensor.name)), entries), 1e-6 * largest)
        << tensor.name;
  }
}

// Of two networks, of three, and of more where there are such files.
INSTANTIATE_TEST_SUITE_P(All, SvdGoldens,
                         ::testing::ValuesIn(test::golden_names("svd_merge_", ".safetensors")),
                         [](const auto& test) { return test.param.substr(0, test.param.find('.')); });

TEST(Svd, IsExactlyTheFirstSourceWhereEveryDirectionIsKept) {
  const MergeInput shortcut = random_weight(1, {8, 4, 1, 1}), other = random_weight(2, {8, 4, 1, 1});
  EXPECT_EQ(merged_weight(svd_options(), {shortcut, other}), entries_of(shortcut.content.tensors[0]));
  const MergeInput alone = random_weight(1, {4, 4, 3, 3});
  EXPECT_EQ(merged_weight(svd_options(), {alone}), entries_of(alone.content.tensors[0]));
}

TEST(Svd, TheOrderOfTheSourcesMatters) {
  const MergeInput a = random_weight(1, {4, 4, 3, 3}), b = random_weight(2, {4, 4, 3, 3});
  EXPECT_GT(largest_difference(merged_weight(svd_options(), {a, b}), merged_weight(svd_options(), {b, a})),
            0.1);
}

TEST(Svd, TheMeanAsReferenceForgetsTheOrder) {
  for (const std::int64_t inputs : {1, 4}) {  // by columns, by rows
    const MergeInput a = random_weight(1, {5, inputs, 3, 3}), b = random_weight(2, {5, inputs, 3, 3});
    const auto forwards = merged_weight(svd_options(0, "mean"), {a, b});
    EXPECT_LT(largest_difference(forwards, merged_weight(svd_options(0, "mean"), {b, a})), 1e-6);
    std::vector<float> mean = merged_weight(svd_options(), {a, b});
    const auto other = merged_weight(svd_options(), {b, a});
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] = (mean[i] + other[i]) / 2;
    EXPECT_LT(largest_difference(forwards, mean), 1e-6) << inputs;
  }
}

TEST(Svd, NormsShrinkAndRescalingBringsThemBack) {
  for (const char* reference : {"first", "mean"}) {
    const MergeInput a = random_weight(1, {8, 8, 3, 3}), b = random_weight(2, {8, 8, 3, 3});
    std::vector<float> before = entries_of(a.content.tensors[0]);
    if (std::string(reference) == "mean") {
      const auto other = entries_of(b.content.tensors[0]);
      for (std::size_t i = 0; i < before.size(); ++i) before[i] = (before[i] + other[i]) / 2;
    }
    const auto plain = merged_weight(svd_options(0, reference), {a, b});
    const auto rescaled = merged_weight(svd_options(0, reference, "norm"), {a, b});
    EXPECT_LT(norm(plain), 0.95 * norm(before)) << reference;
    EXPECT_NEAR(norm(rescaled) / norm(before), 1.0, 1e-5) << reference;
    EXPECT_NEAR(rescaled[7] / plain[7], norm(before) / norm(plain), 1e-4) << reference;
  }
}

TEST(Svd, ASmallerRankKeepsLessAndALargerOneNoMore) {
  const MergeInput a = random_weight(1, {6, 4, 3, 3}), b = random_weight(2, {6, 4, 3, 3});
  const auto with_rank = [&](std::int64_t rank) { return merged_weight(svd_options(rank), {a, b}); };
  EXPECT_LT(norm(with_rank(1)), norm(with_rank(3)));
  EXPECT_LT(norm(with_rank(3)), norm(with_rank(6)));
  EXPECT_EQ(with_rank(6), with_rank(0));
  EXPECT_EQ(with_rank(1000), with_rank(0));
}

FakeSettings random_directions(std::int64_t seed = 0, const char* rescale = "none", std::int64_t rank = 0) {
  return svd_options(rank, "first", rescale, "random", seed);
}

// A projection leaves what it has projected, and as many of k directions keep that share of the energy.
TEST(Svd, RandomDirectionsProjectTheFirstSourceOnAsManyDirections) {
  const MergeInput a = random_weight(1, {16, 8, 3, 3}), b = random_weight(2, {16, 8, 3, 3});
  const auto once = merged_weight(random_directions(), {a, b});
  const double kept = norm(once) / norm(entries_of(a.content.tensors[0]));
  EXPECT_NEAR(kept * kept, 16.0 / 72, 0.05);
  const MergeInput projected{"once", {{float_tensor("conv.weight", {16, 8, 3, 3}, once)}, {}}};
  EXPECT_LT(largest_difference(once, merged_weight(random_directions(), {projected, b})), 1e-5);
  EXPECT_EQ(once, merged_weight(random_directions(), {a, random_weight(3, {16, 8, 3, 3})}))
      << "the others choose no directions";
  EXPECT_GT(largest_difference(once, merged_weight(random_directions(1), {a, b})), 0.1) << "another seed";
  EXPECT_NEAR(
      norm(merged_weight(random_directions(0, "norm"), {a, b})) / norm(entries_of(a.content.tensors[0])), 1.0,
      1e-5);
  EXPECT_LT(norm(merged_weight(random_directions(0, "none", 4), {a, b})), norm(once));
}

TEST(Svd, RandomDirectionsKeepAWeightThatHasNoMoreOfThem) {
  const MergeInput shortcut = random_weight(1, {8, 4, 1, 1}), other = random_weight(2, {8, 4, 1, 1});
  EXPECT_EQ(merged_weight(random_directions(), {shortcut, other}), entries_of(shortcut.content.tensors[0]));
}

TEST(Svd, SaysWhetherTheOrderMatters) {
  const auto order_matters = [](const FakeSettings& settings) {
    const histokt_settings resolved = settings.get();
    return SvdDistiller(DistillerRequest{Settings(resolved), Host(nullptr)}).order_matters();
  };
  EXPECT_TRUE(order_matters(svd_options()));
  EXPECT_FALSE(order_matters(svd_options(0, "mean")));
}

TEST(Svd, OneDimensionIsTheMean) {
  const TensorFile merged = merged_by<SvdDistiller>(svd_options(), {network("a", 1), network("b", 4)});
  EXPECT_EQ(entries_of(*merged.find("bn1.running_var")), (std::vector<float>{2.5f, 2.5f}));
  EXPECT_EQ(entries_of(*merged.find("fc.bias")), (std::vector<float>{2.5f, 2.5f}));
}

}  // namespace
}  // namespace histokt
