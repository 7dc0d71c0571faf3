// SPDX-License-Identifier: MIT
// Guarded models and optimizers of plugins: their errors name plugin and phase, and a crash within a call is
// reported (plugins/plugin_call.hpp).
#pragma once

#include <torch/types.h>

#include <histokt/model.hpp>
#include <histokt/optimizer.hpp>
#include <memory>

#include "config/configured_plugin.hpp"
#include "plugins/plugin_host.hpp"

namespace histokt {

// A network with random weights from the seed, which uses `host`. Its methods throw RunError for whatever the
// plugin throws, Interrupted if it stopped on request. Throws RequestError if the options cannot be met.
std::unique_ptr<Model> make_model(const ConfiguredPlugin& plugin, const PluginHost& host,
                                  std::int64_t classes, std::uint64_t seed);

// The same for an optimizer of `parameters`.
std::unique_ptr<Optimizer> make_optimizer(const ConfiguredPlugin& plugin, const PluginHost& host,
                                          std::vector<NamedParameter> parameters, double learning_rate);

}  // namespace histokt
