// SPDX-License-Identifier: MIT
#include "distill/norms.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "distill/small_networks.hpp"

namespace histokt {
namespace {

TEST(Norms, CountWeightsOfTheEncoderAlone) {
  EXPECT_DOUBLE_EQ(6, encoder_norm(network("a", 3).content, {}))
      << "four entries of conv1, without norm and head";
  EXPECT_DOUBLE_EQ(6, encoder_norm(network("a", 3, 7).content, {}));
}

TEST(Norms, LeaveOutTheHeadThatTheModelNames) {
  const std::vector<TensorRole> roles = {{"conv1.weight", HISTOKT_ROLE_HEAD, {}},
                                         {"fc.weight", HISTOKT_ROLE_LINEAR, {}}};
  EXPECT_DOUBLE_EQ(6, encoder_norm(network("a", 3).content, roles)) << "four entries of fc";
  EXPECT_DOUBLE_EQ(std::sqrt(6.) * 3, encoder_norm(network("a", 3, 3).content, roles)) << "and six";
}

TEST(Norms, TwoNetworksAreTheSameWhereTheirTensorsAre) {
  MergeInput a = network("a", 3), b = network("b", 3);
  std::swap(b.content.tensors.front(), b.content.tensors.back());
  EXPECT_TRUE(same_tensors(a.content, b.content)) << "whatever the order and the metadata";
  EXPECT_FALSE(same_tensors(a.content, network("a", 4).content));
  b.content.tensors.pop_back();
  EXPECT_FALSE(same_tensors(a.content, b.content));
}

}  // namespace
}  // namespace histokt
