// SPDX-License-Identifier: MIT
#include "distill/roles.hpp"

#include <gtest/gtest.h>

#include "base/errors.hpp"
#include "distill/small_networks.hpp"

namespace histokt {
namespace {

histokt_role role_among(const TensorFile& network, const std::string& name,
                        const std::vector<TensorRole>& known = {}) {
  for (const TensorRole& role : roles_of(network, known)) {
    if (role.name == name) return role.role;
  }
  return -1;
}

TensorFile network_of(std::vector<StoredTensor> tensors) {
  return {std::move(tensors), {}};
}

TEST(Roles, AreInferredFromNameAndRank) {
  const TensorFile resnet = network("a", 1).content;
  EXPECT_EQ(role_among(resnet, "conv1.weight"), HISTOKT_ROLE_CONVOLUTION);
  EXPECT_EQ(role_among(resnet, "bn1.weight"), HISTOKT_ROLE_NORM);
  EXPECT_EQ(role_among(resnet, "bn1.running_var"), HISTOKT_ROLE_NORM_STATISTIC);
  EXPECT_EQ(role_among(resnet, "bn1.num_batches_tracked"), HISTOKT_ROLE_OTHER);
  EXPECT_EQ(role_among(resnet, "fc.weight"), HISTOKT_ROLE_HEAD);
  EXPECT_EQ(role_among(resnet, "fc.bias"), HISTOKT_ROLE_HEAD);
}

TEST(Roles, ABiasIsLikeTheWeightBesideIt) {
  const TensorFile network =
      network_of({float_tensor("mlp.weight", {1, 1}, {1}), float_tensor("mlp.bias", {1}, {1}),
                  float_tensor("conv.weight", {1, 1, 1, 1}, {1}), float_tensor("conv.bias", {1}, {1})});
  EXPECT_EQ(role_among(network, "mlp.weight"), HISTOKT_ROLE_LINEAR);
  EXPECT_EQ(role_among(network, "mlp.bias"), HISTOKT_ROLE_LINEAR);
  EXPECT_EQ(role_among(network, "conv.bias"), HISTOKT_ROLE_OTHER);
}

TEST(Roles, WhatTheModelSaysGoesFirst) {
  const TensorFile network = network_of({float_tensor("out.weight", {1, 1}, {1})});
  EXPECT_EQ(role_among(network, "out.weight"), HISTOKT_ROLE_LINEAR);
  EXPECT_EQ(role_among(network, "out.weight", {{"out.weight", HISTOKT_ROLE_HEAD, {}}}), HISTOKT_ROLE_HEAD);
  EXPECT_THROW(roles_of(network, {{"out.weight", HISTOKT_ROLE_HEAD, {"one"}}}), RunError);
}

}  // namespace
}  // namespace histokt
