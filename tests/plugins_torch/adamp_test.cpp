// SPDX-License-Identifier: MIT
#include <torch/utils.h>

#include "optimizers/adamp/adamp.hpp"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include "plugins_torch/optimizer_fixture.hpp"

namespace histokt {
namespace {

using testing::Options;
using testing::options_of;
using testing::Parameters;
using testing::read_torch_golden;
using testing::relative_error;
using testing::TestSettings;
using testing::TorchGolden;

AdamP make(const Parameters& parameters, double rate, const Options& options = {}) {
  const TestSettings settings(AdamP::kOptions, options);
  return AdamP(OptimizerRequest{settings.view(), Host(nullptr), parameters.named(), rate});
}

// As the golden run was made. Its file's name alone says that it looked ahead.
AdamP make(const Parameters& parameters, const std::string& name, const TorchGolden& golden) {
  Options options = options_of(golden, AdamP::kOptions);
  options.emplace("nesterov", name == "adamp_nesterov");
  return make(parameters, golden.number("lr"), options);
}

enum class Layout { kContiguous, kChannelsLast };

// Largest relative error of the weights over all golden steps.
double follow_golden(const std::string& name, Layout layout, torch::Dtype dtype) {
  const auto golden = read_torch_golden(name);
  Parameters parameters = Parameters::from_golden(golden);
  parameters.convert(dtype);
  if (layout == Layout::kChannelsLast) parameters.make_channels_last();
  AdamP adamp = make(parameters, name, golden);
  double worst = 0;
  const int steps = golden.integer("steps");
  EXPECT_GT(steps, 0);
  for (int step = 0; step < steps; ++step) {
    parameters.set_gradients(golden, step);
    adamp.step(1);
    worst = std::max(worst, parameters.error(golden, step));
  }
  return worst;
}

TEST(AdamP, FollowsThePublishedStepsOnTheGoldenGradients) {
  EXPECT_LT(follow_golden("adamp", Layout::kContiguous, torch::kFloat32), 1e-5);
}

TEST(AdamP, FollowsThePublishedStepsWithNesterov) {
  EXPECT_LT(follow_golden("adamp_nesterov", Layout::kContiguous, torch::kFloat32), 1e-5);
}

TEST(AdamP, FollowsThePublishedStepsOnChannelsLastWeights) {
  EXPECT_LT(follow_golden("adamp", Layout::kChannelsLast, torch::kFloat32), 1e-5);
}

TEST(AdamP, FollowsThePublishedStepsWithoutTheFusedPath) {
  EXPECT_LT(follow_golden("adamp", Layout::kContiguous, torch::kFloat64), 1e-5);
  EXPECT_LT(follow_golden("adamp_nesterov", Layout::kContiguous, torch::kFloat64), 1e-5);
}

TEST(AdamP, TakesGradientsInAnotherMemoryFormatThanTheWeights) {
  const auto golden = read_torch_golden("adamp");
  Parameters parameters = Parameters::from_golden(golden);
  AdamP adamp = make(parameters, "adamp", golden);
  parameters.set_gradients(golden, 0);
  for (const NamedParameter& parameter : parameters.named()) {
    torch::Tensor gradient = parameter.tensor.grad();
    if (gradient.dim() == 4) gradient.set_data(gradient.contiguous(torch::MemoryFormat::ChannelsLast));
  }
  adamp.step(1);
  EXPECT_LT(parameters.error(golden, 0), 1e-5);
}

// A gradient at a right angle to the whole tensor, but not to its rows, is projected as one layer. In the
// first step p = g / |g|, entry by entry.
TEST(AdamP, ProjectsTheWholeLayerWhereOnlyTheLayerIsScaleInvariant) {
  const torch::Tensor start = torch::tensor({{1.0f, 2.0f}, {2.0f, 1.0f}});
  const torch::Tensor sign = torch::tensor({{1.0f, 1.0f}, {1.0f, -1.0f}});
  const torch::Tensor gradient = torch::tensor({{4.0f, 1.0f}, {1.0f, -8.0f}});  // its rows give 6 and -6
  ASSERT_EQ((gradient * start).sum().item<float>(), 0);
  // Decay at a tenth of itself; of p the part 4 w / |w|^2 along w is taken out, |w|^2 being 10.
  const torch::Tensor expected = start * (1 - 0.1 * 0.5 * 0.1) - 0.1 * (sign - 0.4 * start);
  for (const torch::Dtype dtype : {torch::kFloat32, torch::kFloat64}) {
    Parameters parameters;
    parameters.add("fc.weight", start.clone());
    parameters.convert(dtype);
    AdamP adamp = make(parameters, 0.1, {{"weight_decay", 0.5}});
    torch::Tensor weight = parameters.named()[0].tensor;
    weight.mutable_grad() = gradient.to(dtype);
    adamp.step(1);
    EXPECT_LT(relative_error(weight, expected), 1e-6) << dtype;
  }
}

TEST(AdamP, GivesTheSameBitsOnOneAndTwoThreads) {
  const int threads = at::get_num_threads();
  std::vector<torch::Tensor> results;
  for (const int count : {1, 2}) {
    at::set_num_threads(count);
    Parameters parameters;
    torch::manual_seed(1);
    parameters.add("weight", torch::randn({256, 128, 3, 3}));
    AdamP adamp = make(parameters, 0.01);
    for (int step = 0; step < 3; ++step) {
      parameters.named()[0].tensor.mutable_grad() = torch::randn({256, 128, 3, 3});
      adamp.step(1);
    }
    results.push_back(parameters.named()[0].tensor.detach().clone());
  }
  at::set_num_threads(threads);
  EXPECT_TRUE(results[0].equal(results[1]));
}

TEST(AdamP, GoesOnWithTheSameBitsFromASavedState) {
  const auto golden = read_torch_golden("adamp");
  const int last = golden.integer("steps") - 1;
  Parameters straight = Parameters::from_golden(golden), resumed = Parameters::from_golden(golden);
  AdamP undisturbed = make(straight, "adamp", golden);
  std::map<std::string, torch::Tensor> saved;
  {
    AdamP first = make(resumed, "adamp", golden);
    for (int step = 0; step < last; ++step) {
      straight.set_gradients(golden, step);
      undisturbed.step(0.5);
      resumed.set_gradients(golden, step);
      first.step(0.5);
    }
    saved = first.state();
  }
  AdamP second = make(resumed, "adamp", golden);
  second.load_state(saved);
  straight.set_gradients(golden, last);
  undisturbed.step(0.5);
  resumed.set_gradients(golden, last);
  second.step(0.5);
  EXPECT_TRUE(straight.equal(resumed));
}

TEST(AdamP, RefusesTheStateOfOtherParameters) {
  Parameters small, large;
  small.add("weight", torch::randn({2, 3}));
  large.add("weight", torch::randn({4, 3}));
  AdamP left = make(small, 0.01), right = make(large, 0.01);
  EXPECT_THROW(left.load_state(right.state()), std::runtime_error);
  EXPECT_THROW(left.load_state({}), std::runtime_error);
}

TEST(AdamP, LeavesAParameterWithoutGradientAsItIs) {
  Parameters parameters;
  parameters.add("weight", torch::ones({2, 3}));
  AdamP adamp = make(parameters, 0.01, {{"weight_decay", 0.5}});
  adamp.step(1);
  EXPECT_TRUE(parameters.named()[0].tensor.equal(torch::ones({2, 3})));
}

TEST(AdamP, RefusesBetasThatAreNotTwoNumbersBelowOne) {
  const Parameters none;
  EXPECT_THROW(make(none, 0.01, {{"betas", std::vector<double>{0.9}}}), BadRequest);
  EXPECT_THROW(make(none, 0.01, {{"betas", std::vector<double>{0.9, 1.0}}}), BadRequest);
}

}  // namespace
}  // namespace histokt
