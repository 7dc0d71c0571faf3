// SPDX-License-Identifier: MIT
// The description of one training: model, recipe, data and starting weights.
#pragma once

#include <string>

#include "base/text.hpp"
#include "config/configured_plugin.hpp"
#include "config/experiment.hpp"
#include "engine/step.hpp"

namespace histokt {

// One setting of an optimizer, out of those that are searched.
struct OptimizerSetting {
  double learning_rate = 0;
  ConfiguredPlugin optimizer;
  Json json() const { return {{"learning_rate", learning_rate}, {"optimizer", optimizer.json()}}; }
  // "lr0.001", "lr0.001-momentum0.9" if options are searched too.
  std::string label() const { return "lr" + number_text(learning_rate) + searched; }
  std::string searched;  // "-momentum0.9", or ""
};

struct TrainRun {
  Recipe recipe;  // as it is on the target
  ConfiguredPlugin model;
  OptimizerSetting setting;
  std::string target;  // the dataset to train on
  int trial = 1;
  Step* split = nullptr;
  Step* initial = nullptr;  // whose weights it starts from; nullptr: random ones
  std::string initial_output;
  // Patches are normalised as for the initial network, not by the training patches' own statistics: a network
  // pretrained on photographs keeps their statistics.
  bool keep_normalization = false;
  std::string weights_digest;  // of the recipe's weights; "" if it has none or there is an initial network
  std::string label;
  // One of several settings of a search: if it diverges the step still finishes; its summary has "diverged"
  // (epoch, batch, says) and no score, and its output is that record, not a network.
  bool one_of_several = false;
};

}  // namespace histokt
