// SPDX-License-Identifier: MIT
#include "tasks/guarded_network.hpp"

#include "base/errors.hpp"
#include "base/interrupt.hpp"
#include "plugins/plugin_call.hpp"

namespace histokt {
namespace {

// Runs one call into the plugin.
template <typename Call>
auto guarded(const Plugin& plugin, const char* phase, Call&& call) {
  const auto said = [&](const std::string& reason) { return plugin.title() + ", " + phase + ": " + reason; };
  try {
    const PluginCall running(plugin.title(), plugin.file(), phase);
    return call();
  } catch (const Stopped&) {
    throw_if_interrupted();
    throw RunError(
        said("the plugin reports an interruption that was not requested; this is a bug in the plugin"));
  } catch (const BadRequest& error) {
    throw RequestError(said(error.what()));
  } catch (const c10::OutOfMemoryError& error) {
    throw RunError(said(std::string(error.what_without_backtrace()) +
                        ". The GPU does not have enough memory: use a smaller batch_size, close other "
                        "programs that use it, or set device = \"cpu\""));
  } catch (const c10::Error& error) {
    throw RunError(said(error.what_without_backtrace()));
  } catch (const std::exception& error) {
    throw RunError(said(error.what()));
  } catch (...) {
    throw RunError(plugin_place(plugin.title(), plugin.file(), phase) +
                   ": the plugin threw something that is not a std::exception; this is a bug in the plugin: "
                   "report it to its authors");
  }
}

class GuardedModel : public Model {
 public:
  GuardedModel(const Plugin& plugin, std::unique_ptr<Model> model)
      : plugin_(plugin), model_(std::move(model)) {}

  torch::Tensor encode(const torch::Tensor& images) override {
    return guarded(plugin_, "encoding images", [&] { return model_->encode(images); });
  }
  torch::Tensor pool(const torch::Tensor& activations) override {
    return guarded(plugin_, "pooling", [&] { return model_->pool(activations); });
  }
  torch::Tensor classify(const torch::Tensor& features) override {
    return guarded(plugin_, "classifying", [&] { return model_->classify(features); });
  }
  void reset_head(std::int64_t classes, std::uint64_t seed) override {
    guarded(plugin_, "making a new head", [&] { model_->reset_head(classes, seed); });
  }
  std::vector<ModelTensor> tensors() override {
    return guarded(plugin_, "listing tensors", [&] { return model_->tensors(); });
  }
  void set_training(bool training, bool frozen_encoder) override {
    guarded(plugin_, "switching between training and testing",
            [&] { model_->set_training(training, frozen_encoder); });
  }
  void to(torch::Device device) override {
    guarded(plugin_, "moving to the device", [&] { model_->to(device); });
  }

 private:
  const Plugin& plugin_;
  std::unique_ptr<Model> model_;
};

class GuardedOptimizer : public Optimizer {
 public:
  GuardedOptimizer(const Plugin& plugin, std::unique_ptr<Optimizer> optimizer)
      : plugin_(plugin), optimizer_(std::move(optimizer)) {}

  void step(double rate_factor) override {
    guarded(plugin_, "stepping", [&] { optimizer_->step(rate_factor); });
  }
  void epoch_end() override {
    guarded(plugin_, "ending an epoch", [&] { optimizer_->epoch_end(); });
  }
  std::vector<double> learning_rates() const override {
    return guarded(plugin_, "reporting learning rates", [&] { return optimizer_->learning_rates(); });
  }
  std::map<std::string, torch::Tensor> state() const override {
    return guarded(plugin_, "saving its state", [&] { return optimizer_->state(); });
  }
  void load_state(const std::map<std::string, torch::Tensor>& state) override {
    guarded(plugin_, "loading its state", [&] { optimizer_->load_state(state); });
  }
  std::vector<LayerMeasure> measures() const override {
    return guarded(plugin_, "reporting layer statistics", [&] { return optimizer_->measures(); });
  }

 private:
  const Plugin& plugin_;
  std::unique_ptr<Optimizer> optimizer_;
};

template <typename Made>
void require(const Plugin& plugin, const std::unique_ptr<Made>& made) {
  if (made) return;
  throw RunError(plugin_place(plugin.title(), plugin.file(), "starting") +
                 ": the plugin returned nothing and gave no reason; this is a bug in the plugin: report it "
                 "to its authors");
}

}  // namespace

std::unique_ptr<Model> make_model(const ConfiguredPlugin& configured, const PluginHost& host,
                                  std::int64_t classes, std::uint64_t seed) {
  const Plugin& plugin = *configured.plugin;
  std::unique_ptr<Model> model = guarded(plugin, "starting", [&] {
    return plugin.api<ModelApi>().create(
        {Settings(configured.options.settings()), Host(host.raw()), classes, seed});
  });
  require(plugin, model);
  return std::make_unique<GuardedModel>(plugin, std::move(model));
}

std::unique_ptr<Optimizer> make_optimizer(const ConfiguredPlugin& configured, const PluginHost& host,
                                          std::vector<NamedParameter> parameters, double learning_rate) {
  const Plugin& plugin = *configured.plugin;
  std::unique_ptr<Optimizer> optimizer = guarded(plugin, "starting", [&] {
    return plugin.api<OptimizerApi>().create(
        {Settings(configured.options.settings()), Host(host.raw()), std::move(parameters), learning_rate});
  });
  require(plugin, optimizer);
  return std::make_unique<GuardedOptimizer>(plugin, std::move(optimizer));
}

}  // namespace histokt
