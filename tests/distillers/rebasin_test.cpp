// SPDX-License-Identifier: MIT
#include "rebasin/rebasin.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "base/random.hpp"
#include "distill/small_networks.hpp"
#include "distillers/merging.hpp"
#include "rebasin/products.hpp"

namespace histokt {
namespace {

// Three inputs, two hidden layers of which the second is added to itself through a square weight, two
// outputs:
//   h1 = relu(W1 x + b1), h2 = relu(norm(W2 h1)), h3 = h2 + W3 h2, y = W4 h3.
const std::vector<TensorRole> kRoles = {{"l1.weight", HISTOKT_ROLE_LINEAR, {"hidden", ""}},
                                        {"l1.bias", HISTOKT_ROLE_LINEAR, {"hidden"}},
                                        {"l2.weight", HISTOKT_ROLE_LINEAR, {"stream", "hidden"}},
                                        {"norm.weight", HISTOKT_ROLE_NORM, {"stream"}},
                                        {"norm.running_mean", HISTOKT_ROLE_NORM_STATISTIC, {"stream"}},
                                        {"l3.weight", HISTOKT_ROLE_LINEAR, {"stream", "stream"}},
                                        {"fc.weight", HISTOKT_ROLE_HEAD, {"", "stream"}}};

MergeInput random_network(std::uint64_t seed) {
  Random random{seed, random_word("network")};
  const auto tensor = [&](const char* name, std::vector<std::int64_t> shape) {
    std::size_t size = 1;
    for (std::int64_t side : shape) size *= static_cast<std::size_t>(side);
    std::vector<float> entries(size);
    for (float& entry : entries) entry = static_cast<float>(random.normal());
    return float_tensor(name, std::move(shape), entries);
  };
  return {std::to_string(seed),
          {{tensor("l1.weight", {6, 3}), tensor("l1.bias", {6}), tensor("l2.weight", {5, 6}),
            tensor("norm.weight", {5}), tensor("norm.running_mean", {5}), tensor("l3.weight", {5, 5}),
            tensor("fc.weight", {2, 5})},
           {}}};
}

using Vector = std::vector<double>;

Vector times(const StoredTensor& weight, const Vector& x) {
  Vector y(static_cast<std::size_t>(weight.shape[0]), 0.0);
  for (std::size_t i = 0; i < y.size(); ++i) {
    for (std::size_t j = 0; j < x.size(); ++j) y[i] += double{weight.floats()[i * x.size() + j]} * x[j];
  }
  return y;
}

Vector outputs(const TensorFile& network, const Vector& x) {
  const auto get = [&](const char* name) -> const StoredTensor& { return *network.find(name); };
  Vector h1 = times(get("l1.weight"), x);
  for (std::size_t i = 0; i < h1.size(); ++i) h1[i] = std::max(0.0, h1[i] + get("l1.bias").floats()[i]);
  Vector h2 = times(get("l2.weight"), h1);
  for (std::size_t i = 0; i < h2.size(); ++i) {
    h2[i] = std::max(0.0, (h2[i] - get("norm.running_mean").floats()[i]) * get("norm.weight").floats()[i]);
  }
  Vector h3 = times(get("l3.weight"), h2);
  for (std::size_t i = 0; i < h3.size(); ++i) h3[i] += h2[i];
  return times(get("fc.weight"), h3);
}

// The network with the channels of each axis named "hidden" or "stream" in another order.
MergeInput permuted(MergeInput input) {
  const std::map<std::string, std::vector<std::size_t>> orders = {
      {"", {0, 1, 2}}, {"hidden", {3, 0, 5, 1, 4, 2}}, {"stream", {2, 4, 1, 0, 3}}};
  for (std::size_t t = 0; t < kRoles.size(); ++t) {
    StoredTensor& tensor = input.content.tensors[t];
    const std::vector<float> old = entries_of(tensor);
    const auto& rows = orders.at(kRoles[t].channels[0]);
    const std::size_t width = tensor.shape.size() == 2 ? static_cast<std::size_t>(tensor.shape[1]) : 1;
    for (std::size_t i = 0; i < old.size(); ++i) {
      const std::size_t column = width == 1 ? 0 : orders.at(kRoles[t].channels[1])[i % width];
      tensor.floats()[i] = old[rows[i / width] * width + column];
    }
  }
  return input;
}

TensorFile merged(const std::vector<MergeInput>& sources, const std::vector<double>& weights = {}) {
  return merged_by<RebasinDistiller>(FakeSettings().numbers("weights", weights).integer("passes", 100),
                                     sources, nullptr, kRoles);
}

void expect_same_entries(const TensorFile& found, const TensorFile& expected) {
  for (const StoredTensor& tensor : expected.tensors) {
    EXPECT_EQ(entries_of(*found.find(tensor.name)), entries_of(tensor)) << tensor.name;
  }
}

TEST(Rebasin, RecoversAPermutedNetworkExactly) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const MergeInput original = random_network(seed);
    const MergeInput other = permuted(original);
    ASSERT_NE(entries_of(other.content.tensors[0]), entries_of(original.content.tensors[0]));
    expect_same_entries(merged({original, other}, {0, 1}), original.content);
    expect_same_entries(merged({original, other, original}, {1, 2, 1}), original.content);
  }
}

TEST(Rebasin, APermutedNetworkGivesTheSameOutputs) {
  const MergeInput first = random_network(1), second = random_network(2);
  const TensorFile aligned = merged({first, second}, {0, 1});
  EXPECT_NE(entries_of(aligned.tensors[0]), entries_of(second.content.tensors[0]));
  for (const Vector& x : {Vector{1, 0, -1}, Vector{0.5, 2, 1}, Vector{-1, -2, 3}}) {
    const Vector found = outputs(aligned, x), expected = outputs(second.content, x);
    for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-9);
  }
}

// 37 channels are ten groups, the last of one; 600 entries are three parts.
TEST(Rebasin, ProductsHaveTheSameBitsForAnyNumberOfThreads) {
  constexpr std::size_t kChannels = 37, kEntries = 600;
  std::vector<float> entries(2 * kChannels * kEntries);
  Random random{6};
  for (float& entry : entries) entry = static_cast<float>(random.normal());
  std::vector<std::size_t> offsets(kEntries);
  std::iota(offsets.begin(), offsets.end(), std::size_t{0});
  const std::span<const float> all(entries);
  const Channels a{all.first(entries.size() / 2), kEntries, offsets},
      b{all.last(entries.size() / 2), kEntries, offsets};
  const auto products = [&](std::size_t threads) {
    std::vector<double> sums(kChannels * kChannels, 0.5);
    add_products(a, b, kChannels, sums, threads);
    return sums;
  };
  const std::vector<double> one = products(1);
  for (const std::size_t threads : {2, 3, 64}) EXPECT_EQ(one, products(threads)) << threads;
  double last = 0.5;
  for (std::size_t k = 0; k < kEntries; ++k)
    last += double{all[(kChannels - 1) * kEntries + k]} * all[entries.size() - kEntries + k];
  EXPECT_NEAR(last, one.back(), 1e-9);
}

TEST(Rebasin, RefusesANetworkThatTiesNothing) {
  const auto settings = FakeSettings().numbers("weights", {}).integer("passes", 100);
  EXPECT_THROW(merged_by<RebasinDistiller>(settings, {random_network(1), random_network(2)}), BadRequest);
}

TEST(Rebasin, RefusesTiedAxesOfDifferentLengths) {
  std::vector<TensorRole> roles = kRoles;
  roles[1].channels = {"stream"};
  const auto settings = FakeSettings().numbers("weights", {}).integer("passes", 100);
  EXPECT_THROW(merged_by<RebasinDistiller>(settings, {random_network(1), random_network(2)}, nullptr, roles),
               PluginError);
}

}  // namespace
}  // namespace histokt
