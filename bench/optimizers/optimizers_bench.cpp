// SPDX-License-Identifier: MIT
// Times the optimizers on the parameters of a ResNet18 and prints lines "NAME elapsed processor", both in
// milliseconds, the processor time being that of all threads together. Gradients are random, of the size that
// training gives. Usage: optimizers_bench [threads]
#include <ATen/Parallel.h>
#include <torch/utils.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <iostream>
#include <string>

#include "models/resnet18/resnet18.hpp"
#include "optimizers/adam/adam.hpp"
#include "optimizers/adamp/adamp.hpp"
#include "optimizers/adamw/adamw.hpp"
#include "optimizers/rmsgd/rmsgd.hpp"
#include "optimizers/sgd/sgd.hpp"
#include "support/settings.hpp"

namespace {

using namespace histokt;
using histokt::testing::OptionValue;
using histokt::testing::TestSettings;

// Prints the fastest of some runs, which other work on the machine disturbs least.
void report(const std::string& name, int runs, const std::function<void()>& work) {
  work();  // warms the caches and makes lazy state
  double elapsed = 1e300, processor = 1e300;
  for (int run = 0; run < runs; ++run) {
    const auto start = std::chrono::steady_clock::now();
    const std::clock_t processor_start = std::clock();
    work();
    processor =
        std::min(processor, 1e3 * static_cast<double>(std::clock() - processor_start) / CLOCKS_PER_SEC);
    elapsed = std::min(
        elapsed, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  }
  std::cout << name << ' ' << elapsed << ' ' << processor << '\n';
}

std::vector<NamedParameter> resnet18_parameters(bool channels_last) {
  const TestSettings settings(ResNet18::kOptions);
  ResNet18 model(ModelRequest{settings.view(), Host(nullptr), 9, 1});
  std::vector<NamedParameter> parameters;
  torch::manual_seed(1);
  for (const ModelTensor& entry : model.tensors()) {
    if (!entry.trainable) continue;
    torch::Tensor tensor = entry.tensor.detach().clone();
    if (channels_last && tensor.dim() == 4) tensor = tensor.contiguous(torch::MemoryFormat::ChannelsLast);
    tensor.requires_grad_();
    tensor.mutable_grad() = torch::randn_like(tensor.detach()) * 1e-3;
    parameters.push_back({entry.name, tensor});
  }
  return parameters;
}

template <typename Kind>
Kind make(const std::vector<NamedParameter>& parameters, const std::map<std::string, OptionValue>& options) {
  const TestSettings settings(Kind::kOptions, options);
  return Kind(OptimizerRequest{settings.view(), Host(nullptr), parameters, 1e-3});
}

void measure(bool channels_last) {
  const std::string layout = channels_last ? "_channels_last" : "";
  const auto parameters = resnet18_parameters(channels_last);
  AdamP adamp = make<AdamP>(parameters, {{"weight_decay", 5e-4}});
  report("adamp_step" + layout, 25, [&] { adamp.step(1); });

  Adam adam = make<Adam>(parameters, {{"weight_decay", 5e-4}});
  report("adam_step" + layout, 25, [&] { adam.step(1); });
  AdamW adamw = make<AdamW>(parameters, {{"weight_decay", 5e-4}});
  report("adamw_step" + layout, 25, [&] { adamw.step(1); });
  Sgd sgd = make<Sgd>(parameters, {{"momentum", 0.9}, {"weight_decay", 5e-4}});
  report("sgd_step" + layout, 25, [&] { sgd.step(1); });

  Rmsgd rmsgd = make<Rmsgd>(parameters, {{"momentum", 0.9}, {"weight_decay", 5e-4}});
  report("rmsgd_step" + layout, 25, [&] { rmsgd.step(1); });
  report("rmsgd_epoch_end" + layout, 9, [&] { rmsgd.epoch_end(); });
}

}  // namespace

int main(int count, char** arguments) {
  if (count > 1) at::set_num_threads(std::atoi(arguments[1]));
  measure(false);
  measure(true);
}
