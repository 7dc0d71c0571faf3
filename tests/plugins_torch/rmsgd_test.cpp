// SPDX-License-Identifier: MIT
#include "optimizers/rmsgd/rmsgd.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

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

Rmsgd make(const Parameters& parameters, double rate, const Options& options = {}) {
  const TestSettings settings(Rmsgd::kOptions, options);
  return Rmsgd(OptimizerRequest{settings.view(), Host(nullptr), parameters.named(), rate});
}

// As the golden run was made. Its file's name alone tells the older class.
Rmsgd make(const Parameters& parameters, const std::string& name, const TorchGolden& golden) {
  Options options = options_of(golden, Rmsgd::kOptions);
  options.emplace("variant", std::string(name.starts_with("adas") ? "adas" : "rmsgd"));
  return make(parameters, golden.number("lr"), options);
}

void run_epoch(Rmsgd& optimizer, Parameters& parameters, const TorchGolden& golden, int epoch) {
  const int steps = golden.integer("steps_per_epoch");
  for (int step = epoch * steps; step < (epoch + 1) * steps; ++step) {
    parameters.set_gradients(golden, step);
    optimizer.step(1);
  }
  optimizer.epoch_end();
}

torch::Tensor gains(const Rmsgd& optimizer) {
  std::vector<double> gains;
  for (const LayerMeasure& measure : optimizer.measures())
    gains.push_back(measure.values.at("knowledge_gain"));
  return torch::tensor(gains, torch::kFloat64);
}

void expect_golden_run(const std::string& name, bool channels_last = false,
                       torch::Dtype dtype = torch::kFloat32) {
  const auto golden = read_torch_golden(name);
  Parameters parameters = Parameters::from_golden(golden);
  parameters.convert(dtype);
  if (channels_last) parameters.make_channels_last();
  Rmsgd optimizer = make(parameters, name, golden);
  const int epochs = golden.integer("epochs"), steps = golden.integer("steps_per_epoch");
  ASSERT_GT(epochs * steps, 0);
  for (int epoch = 0; epoch < epochs; ++epoch) {
    for (int step = epoch * steps; step < (epoch + 1) * steps; ++step) {
      parameters.set_gradients(golden, step);
      optimizer.step(1);
      EXPECT_LT(parameters.error(golden, step), 1e-4) << name << ", step " << step;
    }
    optimizer.epoch_end();
    const std::string number = std::to_string(epoch);
    EXPECT_LT(relative_error(torch::tensor(optimizer.learning_rates(), torch::kFloat64),
                             golden.at("lr_vector" + number)),
              1e-3)
        << name << ", epoch " << epoch;
    EXPECT_LT((gains(optimizer) - golden.at("knowledge_gain" + number)).abs().max().item<double>(), 1e-4)
        << name << ", epoch " << epoch;
  }
}

TEST(Rmsgd, FollowsThePublishedRunOnTheGoldenGradients) {
  expect_golden_run("rmsgd");
}

TEST(Rmsgd, FollowsThePublishedRunThatMeasuresLinearLayers) {
  expect_golden_run("rmsgd_linear");
}

TEST(Rmsgd, FollowsTheOlderClassAsAdas) {
  expect_golden_run("adas");
}

TEST(Rmsgd, FollowsThePublishedRunOnChannelsLastWeights) {
  expect_golden_run("rmsgd", true);
}

TEST(Rmsgd, FollowsThePublishedRunWithoutTheFusedPath) {
  expect_golden_run("rmsgd", false, torch::kFloat64);
}

TEST(Rmsgd, MeasuresBothUnfoldingsOfALayerAndTheirMeans) {
  const auto golden = read_torch_golden("rmsgd");
  Parameters parameters = Parameters::from_golden(golden);
  Rmsgd optimizer = make(parameters, "rmsgd", golden);
  run_epoch(optimizer, parameters, golden, 0);
  int unfolded_twice = 0;
  for (const LayerMeasure& layer : optimizer.measures()) {
    if (!layer.values.count("in_S")) continue;  // a linear layer
    ++unfolded_twice;
    const auto value = [&](const char* name) { return layer.values.at(name); };
    EXPECT_DOUBLE_EQ(value("knowledge_gain"), (value("in_S") + value("out_S")) / 2) << layer.parameter;
    EXPECT_DOUBLE_EQ(value("rank"), (value("in_rank") + value("out_rank")) / 2) << layer.parameter;
    EXPECT_DOUBLE_EQ(value("condition"), (value("in_condition") + value("out_condition")) / 2)
        << layer.parameter;
  }
  EXPECT_GT(unfolded_twice, 0);
  const auto measured = optimizer.measures();
  ASSERT_FALSE(measured.empty());
  const auto& named = parameters.named();
  const auto first = std::find_if(named.begin(), named.end(), [&](const NamedParameter& parameter) {
    return parameter.name == measured[0].parameter;
  });
  const auto place = static_cast<std::size_t>(first - named.begin());
  EXPECT_EQ(measured[0].values.at("learning_rate"), optimizer.learning_rates().at(place));
}

TEST(Rmsgd, GoesOnWithTheSameBitsFromASavedState) {
  for (const char* name : {"rmsgd", "adas"}) {
    const auto golden = read_torch_golden(name);
    const int epochs = golden.integer("epochs");
    Parameters straight = Parameters::from_golden(golden), resumed = Parameters::from_golden(golden);
    Rmsgd undisturbed = make(straight, name, golden);
    for (int epoch = 0; epoch < epochs; ++epoch) run_epoch(undisturbed, straight, golden, epoch);

    std::map<std::string, torch::Tensor> saved;
    {
      Rmsgd first = make(resumed, name, golden);
      for (int epoch = 0; epoch < epochs / 2; ++epoch) run_epoch(first, resumed, golden, epoch);
      saved = first.state();
    }
    Rmsgd second = make(resumed, name, golden);
    second.load_state(saved);
    for (int epoch = epochs / 2; epoch < epochs; ++epoch) run_epoch(second, resumed, golden, epoch);
    EXPECT_TRUE(straight.equal(resumed)) << name;
    EXPECT_EQ(undisturbed.learning_rates(), second.learning_rates()) << name;
  }
}

TEST(Rmsgd, GoesOnFromAStateSavedBeforeTheFirstStep) {
  Parameters parameters;
  parameters.add("weight", torch::randn({8, 4, 3, 3}));
  Rmsgd first = make(parameters, 0.03), second = make(parameters, 0.03);
  second.load_state(first.state());
  EXPECT_EQ(first.learning_rates(), second.learning_rates());
}

TEST(Rmsgd, RefusesTheStateOfOtherParameters) {
  Parameters one, two;
  one.add("weight", torch::randn({8, 4, 3, 3}));
  two.add("weight", torch::randn({8, 4, 3, 3}));
  two.add("bias", torch::randn({8}));
  Rmsgd left = make(one, 0.03), right = make(two, 0.03);
  EXPECT_THROW(left.load_state(right.state()), std::runtime_error);
  EXPECT_THROW(left.load_state({}), std::runtime_error);
}

TEST(Rmsgd, NamesTheParameterWhoseWeightsAreNotFinite) {
  Parameters parameters;
  parameters.add("layer1.0.conv1.weight", torch::full({8, 4, 3, 3}, std::numeric_limits<float>::quiet_NaN()));
  Rmsgd optimizer = make(parameters, 0.03);
  try {
    optimizer.epoch_end();
    FAIL() << "not a word about the weights";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("layer1.0.conv1.weight"), std::string::npos) << error.what();
  }
}

TEST(Rmsgd, LeavesOneByOneConvolutionsUnmeasuredAsAdasOnly) {
  Parameters parameters;
  parameters.add("conv", torch::randn({16, 8, 3, 3}));
  parameters.add("downsample", torch::randn({16, 8, 1, 1}));
  Rmsgd rmsgd = make(parameters, 0.03), adas = make(parameters, 0.03, {{"variant", std::string("adas")}});
  rmsgd.epoch_end();
  adas.epoch_end();
  EXPECT_EQ(rmsgd.measures().size(), 2u);
  ASSERT_EQ(adas.measures().size(), 1u);
  EXPECT_EQ(adas.measures()[0].parameter, "conv");
}

TEST(Rmsgd, LooksAheadAlongTheMomentumWithNesterov) {
  std::vector<torch::Tensor> results;
  for (const torch::Dtype dtype : {torch::kFloat32, torch::kFloat64}) {
    Parameters parameters;
    parameters.add("weight", torch::zeros({1}));
    parameters.convert(dtype);
    Rmsgd optimizer = make(parameters, 0.1, {{"momentum", 0.5}, {"nesterov", true}});
    torch::Tensor weight = parameters.named()[0].tensor;
    weight.mutable_grad() = torch::ones({1}, dtype);
    optimizer.step(1);  // buffer 1, step 1 + 0.5
    optimizer.step(2);  // buffer 1.5, step 1 + 0.75, at twice the rate
    EXPECT_NEAR(weight.item<double>(), -0.1 * 1.5 - 0.2 * 1.75, 1e-6);
  }
  const Parameters none;
  EXPECT_THROW(make(none, 0.1, {{"nesterov", true}}), BadRequest);
}

}  // namespace
}  // namespace histokt
