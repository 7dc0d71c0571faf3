// SPDX-License-Identifier: MIT
// The training steps of a plan, with the choice of rate and trial, and the tests.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "planning/data_plan.hpp"
#include "planning/result_kind.hpp"
#include "steps/steps.hpp"

namespace histokt {

// One network trained in all settings and trials.
struct Trained {
  std::vector<OptimizerSetting> settings;
  std::vector<std::vector<Step*>> trainings;  // [setting][trial]; empty if nothing is trained
  Step* choice = nullptr;                     // choose-rate; nullptr before the choice, or if there is none
  std::vector<Step*> tests;                   // one per trial
};

// The origin of a network's weights before tuning.
struct Origin {
  ResultKind kind = ResultKind::kTransfer;
  std::string label;  // "crc", "svd-crc-bach"
  std::vector<std::string> sources;
  std::string train;  // recipe of the sources
  std::string distiller, method;
  MergeSettings merge_settings;
  Step* step = nullptr;
  std::string output;
  bool keeps_normalization = false;    // as TrainRun::keep_normalization
  std::vector<Step*> source_networks;  // of a merge
};

// Adds steps to the graph on request, each once. One thread at a time; its arguments must outlive it.
class TrainingPlan {
 public:
  TrainingPlan(const Experiment& experiment, const ComputeContext& compute, StepGraph& graph, DataPlan& data)
      : experiment_(experiment), compute_(compute), graph_(graph), data_(data) {}

  // A dataset's own network in one fold, chosen; and tested as well.
  const Trained& baseline(const std::string& dataset, const std::string& recipe, int fold);
  const Trained& tested_baseline(const std::string& dataset, const std::string& recipe, int fold);

  // The network that a source contributes to one fold of the target. If the target is one of its own sources,
  // it is that of the same fold: another fold's has learnt from the groups that are held out.
  Origin candidate(const std::string& source, const std::string& recipe, const std::string& target,
                   int target_fold);

  // All that is tuned on a target is trained before any of it is chosen: a rate may be chosen for everything
  // together.
  void train(const Origin& origin, const std::string& recipe, const std::string& target, int fold);
  const Trained& tested(const Origin& origin, const std::string& recipe, const std::string& target, int fold);

  // The start of a training on one fold of a dataset: a network, the recipe's weights or random ones; without
  // setting, trial and label. origin: nullptr for a baseline.
  TrainRun start_of(const std::string& recipe, const std::string& target, int fold, const Origin* origin);

  // "crc-to-bach-deep": the label of a tuned network, in any fold.
  static std::string tuned_label(const Origin& origin, const std::string& target, const std::string& recipe);
  // If matrices train sources differently, a label says how: "crc", but "crc-imagenet" for what is not
  // trained as in the first.
  std::string with_train(const std::string& label, const std::string& train) const;

  // Whether networks trained by the recipe, and those tuned from them, are not normalised by their own
  // patches.
  bool keeps_normalization(const std::string& recipe) const;
  ConfiguredPlugin model_of(const std::string& recipe) const;

  // The recipe of each training.
  const std::map<const Step*, const Recipe*>& recipes() const { return recipes_; }

 private:
  using FoldKey = std::tuple<std::string, std::string, int>;           // dataset, recipe, fold
  using TunedKey = std::tuple<const Step*, const Step*, std::string>;  // weights, split, recipe

  Trained plan_trainings(TrainRun run, const std::string& label);
  void choose(Trained& trained, const std::string& label, const std::vector<std::vector<Step*>>& also);
  std::vector<Step*> tests_of(const Trained& trained, const ConfiguredPlugin& model, Step* split,
                              const std::string& label);
  std::vector<std::vector<Step*>> others(const Trained& own, const Step* split,
                                         const std::string& recipe) const;
  Step* test_untuned(const Origin& origin, const std::string& target, const std::string& recipe, int fold,
                     const std::string& label);
  const std::string& weights_digest(const Recipe& recipe);

  const Experiment& experiment_;
  const ComputeContext& compute_;
  StepGraph& graph_;
  DataPlan& data_;
  std::map<std::string, std::string> weights_digests_;  // by recipe: each file is read once
  std::map<FoldKey, Trained> baselines_;
  std::map<TunedKey, Trained> tuned_;
  // By split and recipe: the networks tuned there that count if one rate is chosen for all.
  std::map<std::pair<const Step*, std::string>, std::vector<const Trained*>> counting_;
  std::map<const Step*, const Recipe*> recipes_;
};

}  // namespace histokt
