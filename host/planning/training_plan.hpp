// The networks of a plan: which are trained, how rate and trial are chosen, and what tests them.
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

// What training one network in all settings and trials comes to.
struct Trained {
  std::vector<OptimizerSetting> settings;
  std::vector<std::vector<Step*>> trainings;  // [setting][trial]; none where nothing is trained
  Step* choice = nullptr;                     // choose-rate; nullptr before it is chosen, or where nothing is
  std::vector<Step*> tests;                   // one a trial
};

// Where a network's weights come from before tuning.
struct Origin {
  ResultKind kind = ResultKind::kTransfer;
  std::string label;  // "crc", "svd-crc-bach"
  std::vector<std::string> sources;
  std::string train;  // recipe of the sources
  std::string distiller, strategy;
  MadeWith made_with;
  Step* step = nullptr;
  std::string output;
  bool keeps_normalization = false;    // as TrainRun::keep_normalization
  std::vector<Step*> source_networks;  // of a merge
};

// Adds to the graph what it is asked for, each once, whoever asks. One thread at a time; all that it is given
// must outlive it.
class TrainingPlan {
 public:
  TrainingPlan(const Experiment& experiment, const Workshop& workshop, StepGraph& graph, DataPlan& data)
      : experiment_(experiment), workshop_(workshop), graph_(graph), data_(data) {}

  // A dataset's own network in one fold, chosen; and tested as well.
  const Trained& baseline(const std::string& dataset, const std::string& recipe, int fold);
  const Trained& tested_baseline(const std::string& dataset, const std::string& recipe, int fold);

  // The network that a source gives to one fold of the target. Where the target is among its own sources it
  // gives that of the same fold: another fold's has learnt from the groups that are held out.
  Origin candidate(const std::string& source, const std::string& recipe, const std::string& target,
                   int target_fold);

  // All that is tuned on a target is trained before any of it is chosen: a rate may be chosen for everything
  // together.
  void train(const Origin& origin, const std::string& recipe, const std::string& target, int fold);
  const Trained& tested(const Origin& origin, const std::string& recipe, const std::string& target, int fold);

  // What a training on one fold of a dataset starts from, a network or the recipe's weights or random
  // numbers; without setting, trial and label. origin: nullptr for a baseline.
  TrainRun start_of(const std::string& recipe, const std::string& target, int fold, const Origin* origin);

  // "crc-to-bach-deep": the label of what is tuned, in any fold.
  static std::string tuned_label(const Origin& origin, const std::string& target, const std::string& recipe);
  // Where matrices differ in how sources are trained, a label says how: "crc", but "crc-imagenet" of what is
  // not trained as in the first.
  std::string with_train(const std::string& label, const std::string& train) const;

  // Whether what is trained by the recipe is normalised otherwise than by its own patches, and what is tuned
  // from it as well.
  bool keeps_normalization(const std::string& recipe) const;
  ConfiguredPlugin model_of(const std::string& recipe) const;

  // What each training is done by.
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
  Step* test_as_it_is(const Origin& origin, const std::string& target, const std::string& recipe, int fold,
                      const std::string& label);
  const std::string& weights_digest(const Recipe& recipe);

  const Experiment& experiment_;
  const Workshop& workshop_;
  StepGraph& graph_;
  DataPlan& data_;
  std::map<std::string, std::string> weights_digests_;  // by recipe: files are looked at once
  std::map<FoldKey, Trained> baselines_;
  std::map<TunedKey, Trained> tuned_;
  // By split and recipe: what is tuned there and counts where one rate is chosen for all.
  std::map<std::pair<const Step*, std::string>, std::vector<const Trained*>> counting_;
  std::map<const Step*, const Recipe*> recipes_;
};

}  // namespace histokt
