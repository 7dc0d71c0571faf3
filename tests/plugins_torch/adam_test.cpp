// SPDX-License-Identifier: MIT
#include "optimizers/adam/adam.hpp"

#include <gtest/gtest.h>

#include "optimizers/adamw/adamw.hpp"
#include "plugins_torch/optimizer_fixture.hpp"

namespace histokt {
namespace {

using testing::after_steps_of_threads;
using testing::Options;
using testing::Parameters;
using testing::without_and_with_a_pause;

const std::vector<double> kShortBetas = {0.5, 0.6};

template <typename Kind>
auto maker(const Options& options = {}) {
  return testing::maker<Kind>(0.01, options);
}

template <typename Kind>
void expect_pytorchs(const Options& options, const std::vector<double>& expected) {
  testing::expect_after_six_steps(maker<Kind>(options), expected);
}

TEST(Adam, TakesPytorchsSteps) {
  expect_pytorchs<Adam>({}, {-0.472281149, 0.199947583, -0.202439302, 0.521907401, 0.0857533185, -0.314979428,
                             0.41285573, -0.0275089119, -0.370905952});
}

TEST(Adam, TakesPytorchsStepsWithEveryOption) {
  expect_pytorchs<Adam>({{"weight_decay", 0.2}, {"betas", std::vector<double>{0.8, 0.95}}, {"eps", 1e-4}},
                        {-0.470069854, 0.195447836, -0.199194443, 0.510601927, 0.0854269654, -0.308764025,
                         0.401855999, -0.0263494609, -0.368096092});
}

TEST(Adam, TakesPytorchsStepsWithAmsgrad) {
  expect_pytorchs<Adam>({{"amsgrad", true}, {"betas", kShortBetas}},
                        {-0.482014347, 0.198848847, -0.20248141, 0.514925462, 0.0883187635, -0.309806899,
                         0.409061024, -0.0231910685, -0.377820244});
}

TEST(AdamW, TakesPytorchsSteps) {
  expect_pytorchs<AdamW>({}, {-0.472063214, 0.199856049, -0.202347263, 0.521676515, 0.0857135949,
                              -0.314840366, 0.41267207, -0.0275023685, -0.370732691});
}

TEST(AdamW, TakesPytorchsStepsWithDecayAndAmsgrad) {
  expect_pytorchs<AdamW>({{"weight_decay", 0.5}, {"amsgrad", true}, {"betas", kShortBetas}},
                         {-0.471161204, 0.194343674, -0.197959855, 0.503548, 0.0863282526, -0.302963426,
                          0.400007039, -0.022898507, -0.369178283});
}

TEST(Adam, GivesTheSameBitsOnOneAndTwoThreads) {
  EXPECT_TRUE(after_steps_of_threads(1, maker<AdamW>()).equal(after_steps_of_threads(2, maker<AdamW>())));
}

TEST(Adam, GoesOnWithTheSameBitsFromASavedState) {
  for (const bool amsgrad : {false, true}) {
    const auto [straight, resumed] =
        without_and_with_a_pause(maker<Adam>({{"amsgrad", amsgrad}, {"betas", kShortBetas}}));
    EXPECT_TRUE(straight.equal(resumed)) << amsgrad;
  }
}

TEST(Adam, RefusesTheStateOfOtherParametersAndOfOtherOptions) {
  const Parameters nine = Parameters::nine();
  Parameters other;
  other.add("fc.weight", torch::zeros({4, 3}));
  other.add("fc.bias", torch::zeros({3}));
  Adam plain = maker<Adam>()(nine), amsgrad = maker<Adam>({{"amsgrad", true}})(nine);
  EXPECT_THROW(plain.load_state(maker<Adam>()(other).state()), std::runtime_error);
  EXPECT_THROW(amsgrad.load_state(plain.state()), std::runtime_error);
}

TEST(Adam, RefusesBetasThatAreNotTwoNumbersBelowOne) {
  EXPECT_THROW(maker<Adam>({{"betas", std::vector<double>{0.9, 1.0}}})(Parameters()), BadRequest);
  EXPECT_THROW(maker<AdamW>({{"betas", std::vector<double>{0.9}}})(Parameters()), BadRequest);
}

}  // namespace
}  // namespace histokt
