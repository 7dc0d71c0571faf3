// SPDX-License-Identifier: MIT
// Models and optimizers whose methods throw: errors name plugin and phase.
#include "tasks/guarded_network.hpp"

#include <gtest/gtest.h>

#include "base/errors.hpp"
#include "base/interrupt.hpp"
#include "support/tiny_model.hpp"

namespace histokt {
namespace {

class BadModel final : public Model {
 public:
  torch::Tensor encode(const torch::Tensor& images) override { return images.reshape({1, 2, 3, 4, 5}); }
  torch::Tensor pool(const torch::Tensor&) override { throw 42; }
  torch::Tensor classify(const torch::Tensor&) override { throw Stopped(); }
  void reset_head(std::int64_t, std::uint64_t) override { throw std::runtime_error("no head"); }
  std::vector<ModelTensor> tensors() override { return {}; }
  void set_training(bool, bool) override {}
  void to(torch::Device) override {}
};

template <typename Api>
ConfiguredPlugin plugin(histokt_kind kind, const Api& api) {
  auto* descriptor = new histokt_descriptor{};  // as long as the process, as a library's
  descriptor->kind = kind;
  descriptor->name = "bad";
  descriptor->version = "1";
  descriptor->api = &api;
  static std::vector<std::unique_ptr<histokt_descriptor>> descriptors;
  static std::vector<std::unique_ptr<Plugin>> plugins;
  descriptors.emplace_back(descriptor);
  plugins.push_back(std::make_unique<Plugin>("/lib/bad.so", *descriptor, ""));
  return {plugins.back().get(), OptionSet()};
}

const PluginHost& host() {
  static const PluginHost host("model \"bad\"", "/lib/bad.so", "");
  return host;
}

std::unique_ptr<Model> model_of(std::unique_ptr<Model> (*create)(const ModelRequest&)) {
  static ModelApi api;
  api = {sizeof(ModelApi), create};
  return make_model(plugin(HISTOKT_MODEL, api), host(), 2, 1);
}

std::unique_ptr<Model> bad_model() {
  return model_of([](const ModelRequest&) -> std::unique_ptr<Model> { return std::make_unique<BadModel>(); });
}

template <typename Error, typename Call>
std::string told(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(GuardedModel, TellsPluginAndPhaseOfWhatItThrows) {
  const auto model = bad_model();
  EXPECT_EQ("model \"bad\", making a new head: no head", told<RunError>([&] { model->reset_head(2, 1); }));
  const std::string pool = told<RunError>([&] { model->pool({}); });
  EXPECT_EQ(pool.find("model \"bad\" (/lib/bad.so), pooling: the plugin threw something"), 0u) << pool;
}

TEST(GuardedModel, LeavesOutLibtorchsBacktrace) {
  const std::string text = told<RunError>([] { bad_model()->encode(torch::zeros({1, 3, 2, 2})); });
  EXPECT_EQ(text.find("model \"bad\", encoding images: shape"), 0u) << text;
  EXPECT_EQ(text.find("frame #"), std::string::npos) << text;
}

TEST(GuardedModel, StopsWhereThePluginWasAskedToStop) {
  set_interrupt_requested(true);
  EXPECT_THROW(bad_model()->classify({}), Interrupted);
  set_interrupt_requested(false);
  EXPECT_NE(told<RunError>([] { bad_model()->classify({}); }).find("not requested"), std::string::npos);
}

TEST(GuardedModel, MustBeMade) {
  const auto refuse = [](const ModelRequest&) -> std::unique_ptr<Model> {
    throw BadRequest("no such depth");
  };
  EXPECT_EQ("model \"bad\", starting: no such depth", told<RequestError>([&] { model_of(refuse); }));
  const auto nothing = [](const ModelRequest&) -> std::unique_ptr<Model> { return nullptr; };
  EXPECT_NE(told<RunError>([&] { model_of(nothing); }).find("bug in the plugin"), std::string::npos);
}

TEST(GuardedModel, GivesTheSameBitsAsTheModelItself) {
  const auto guarded = model_of([](const ModelRequest& request) -> std::unique_ptr<Model> {
    return std::make_unique<testing::TinyModel>(request.classes, request.seed);
  });
  testing::TinyModel model(2, 1);
  guarded->set_training(false, false);
  model.set_training(false, false);
  const torch::Tensor images = torch::rand({2, 3, 16, 16});
  EXPECT_TRUE(torch::equal(model.forward(images), guarded->forward(images)));
}

TEST(GuardedOptimizer, TellsPluginAndPhaseOfWhatItThrows) {
  static const OptimizerApi api = {sizeof(OptimizerApi),
                                   [](const OptimizerRequest& request) -> std::unique_ptr<Optimizer> {
                                     return std::make_unique<testing::PlainSgd>(request.parameters, 0.1);
                                   }};
  const auto optimizer =
      make_optimizer(plugin(HISTOKT_OPTIMIZER, api), host(), {{"weight", torch::zeros({2})}}, 0.1);
  EXPECT_EQ(1u, optimizer->learning_rates().size());
  const std::string text = told<RunError>([&] { optimizer->load_state({}); });
  EXPECT_EQ(text.find("optimizer \"bad\", loading its state: "), 0u) << text;
}

}  // namespace
}  // namespace histokt
