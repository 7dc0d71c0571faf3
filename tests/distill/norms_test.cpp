#include "distill/norms.hpp"

#include <gtest/gtest.h>

#include "distill/small_networks.hpp"

namespace histokt {
namespace {

TEST(Norms, CountWeightsOfTheEncoderAlone) {
  EXPECT_DOUBLE_EQ(6, encoder_norm(network("a", 3).content))
      << "four entries of conv1, without norm and head";
  EXPECT_DOUBLE_EQ(6, encoder_norm(network("a", 3, 7).content));
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
