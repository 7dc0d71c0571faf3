// SPDX-License-Identifier: MIT
#include "optimizers/sgd/sgd.hpp"

#include <gtest/gtest.h>

#include "plugins_torch/optimizer_fixture.hpp"

namespace histokt {
namespace {

using testing::after_steps_of_threads;
using testing::Options;
using testing::Parameters;
using testing::without_and_with_a_pause;

const Options kWithMomentum = {{"momentum", 0.9}, {"weight_decay", 0.05}, {"dampening", 0.2}};

auto maker(const Options& options = {}) {
  return testing::maker<Sgd>(0.1, options);
}

void expect_pytorchs(const Options& options, const std::vector<double>& expected) {
  testing::expect_after_six_steps(maker(options), expected);
}

TEST(Sgd, TakesPytorchsSteps) {
  expect_pytorchs({}, {-0.435, 0.17, -0.195, 0.54, 0.11, -0.32, 0.415, -0.08, -0.315});
}

TEST(Sgd, TakesPytorchsStepsWithMomentumDampeningAndDecay) {
  expect_pytorchs(kWithMomentum, {-0.247643403, 0.155955832, -0.186999651, 0.600762049, 0.0900368279,
                                  -0.430226278, 0.44606043, -0.2051898, -0.154069433});
}

TEST(Sgd, TakesPytorchsStepsWithNesterov) {
  expect_pytorchs({{"momentum", 0.9}, {"weight_decay", 0.05}, {"nesterov", true}},
                  {-0.198286215, 0.110040471, -0.14477594, 0.608538352, 0.106326205, -0.408892211,
                   0.442786443, -0.281290065, -0.0775931394});
}

TEST(Sgd, GivesTheSameBitsOnOneAndTwoThreads) {
  EXPECT_TRUE(
      after_steps_of_threads(1, maker(kWithMomentum)).equal(after_steps_of_threads(2, maker(kWithMomentum))));
}

TEST(Sgd, GoesOnWithTheSameBitsFromASavedState) {
  for (const Options& options : {kWithMomentum, Options{}}) {
    const auto [straight, resumed] = without_and_with_a_pause(maker(options));
    EXPECT_TRUE(straight.equal(resumed));
  }
}

TEST(Sgd, RefusesTheStateOfOtherParameters) {
  Parameters nine = Parameters::nine(), other;
  other.add("fc.weight", torch::zeros({4, 3}));
  Sgd left = maker(kWithMomentum)(nine), right = maker(kWithMomentum)(other);
  nine.set_nine_gradients(0);
  left.step(1);
  EXPECT_THROW(right.load_state(left.state()), std::runtime_error);
}

TEST(Sgd, RefusesNesterovWithoutMomentum) {
  EXPECT_THROW(maker({{"nesterov", true}})(Parameters()), BadRequest);
}

}  // namespace
}  // namespace histokt
