// SPDX-License-Identifier: MIT
#include "planning/training_plan.hpp"

#include <algorithm>

#include "planning/search_grid.hpp"

namespace histokt {

TrainRun TrainingPlan::start_of(const std::string& recipe, const std::string& target, int fold,
                                const Origin* origin) {
  TrainRun run;
  run.recipe = origin ? experiment_.tuning_on(recipe, target) : experiment_.recipe_on(recipe, target);
  run.model = configure(experiment_, HISTOKT_MODEL, run.recipe.model);
  run.target = target;
  run.split = data_.split(target, fold);
  if (origin) {
    run.initial = origin->step;
    run.initial_output = origin->output;
    run.keep_normalization = origin->keeps_normalization;
  } else if (!run.recipe.weights.empty()) {
    run.weights_digest = weights_digest(run.recipe);
  }
  return run;
}

// Looked at before anything runs.
const std::string& TrainingPlan::weights_digest(const Recipe& recipe) {
  std::string& digest = weights_digests_[recipe.name];
  if (digest.empty()) digest = checked_weights(recipe, model_of(recipe.name));
  return digest;
}

ConfiguredPlugin TrainingPlan::model_of(const std::string& recipe) const {
  return configure(experiment_, HISTOKT_MODEL, experiment_.recipe(recipe).model);
}

bool TrainingPlan::keeps_normalization(const std::string& recipe_name) const {
  const Recipe& recipe = experiment_.recipe(recipe_name);
  return !recipe.weights.empty() && recipe.normalize_as_weights;
}

Trained TrainingPlan::plan_trainings(TrainRun run, const std::string& label) {
  Trained trained;
  trained.settings = optimizer_settings(experiment_, run.recipe);
  for (const OptimizerSetting& setting : trained.settings) {
    auto& trials = trained.trainings.emplace_back();
    run.setting = setting;
    run.one_of_several = trained.settings.size() > 1;
    for (run.trial = 1; run.trial <= experiment_.trials; ++run.trial) {
      run.label =
          label + (run.one_of_several ? "-" + setting.label() : "") + "-trial" + std::to_string(run.trial);
      trials.push_back(graph_.add(train_step(experiment_, run, compute_)));
      recipes_[trials.back()] = &experiment_.recipe(run.recipe.name);
    }
  }
  return trained;
}

void TrainingPlan::choose(Trained& trained, const std::string& label,
                          const std::vector<std::vector<Step*>>& also) {
  trained.choice =
      graph_.add(choose_rate_step(experiment_, label, trained.settings, trained.trainings, also));
}

std::vector<Step*> TrainingPlan::tests_of(const Trained& trained, const ConfiguredPlugin& model, Step* split,
                                          const std::string& label) {
  std::vector<Step*> tests;
  for (int trial = 1; trial <= experiment_.trials; ++trial) {
    const std::string number = std::to_string(trial);
    tests.push_back(graph_.add(
        evaluate_step(label + "-trial" + number, model, trained.choice, "trial-" + number, split, compute_)));
  }
  return tests;
}

const Trained& TrainingPlan::baseline(const std::string& dataset, const std::string& recipe, int fold) {
  const auto [at, fresh] = baselines_.try_emplace({dataset, recipe, fold});
  if (fresh) {
    const std::string label = data_.in_fold(dataset + "-" + recipe, dataset, fold);
    at->second = plan_trainings(start_of(recipe, dataset, fold, nullptr), label);
    choose(at->second, label, {});
  }
  return at->second;
}

const Trained& TrainingPlan::tested_baseline(const std::string& dataset, const std::string& recipe,
                                             int fold) {
  baseline(dataset, recipe, fold);
  Trained& trained = baselines_.at({dataset, recipe, fold});
  if (trained.tests.empty()) {
    trained.tests = tests_of(trained, model_of(recipe), data_.split(dataset, fold),
                             data_.in_fold(dataset + "-" + recipe, dataset, fold));
  }
  return trained;
}

Origin TrainingPlan::candidate(const std::string& source, const std::string& recipe,
                               const std::string& target, int target_fold) {
  const int fold = source == target ? target_fold : kFirstFold;
  const bool by_test = experiment_.candidate_by == "test";
  const Trained& trained = by_test ? tested_baseline(source, recipe, fold) : baseline(source, recipe, fold);
  Origin origin;
  origin.label = with_train(source, recipe);
  origin.sources = {source};
  origin.train = recipe;
  origin.step =
      graph_.add(choose_trial_step(data_.in_fold(source + "-" + recipe, source, fold), trained.choice,
                                   experiment_.trials, by_test ? trained.tests : std::vector<Step*>{}));
  origin.output = "winner";
  origin.keeps_normalization = keeps_normalization(recipe);
  return origin;
}

std::string TrainingPlan::with_train(const std::string& label, const std::string& train) const {
  const std::vector<MatrixConfig>& matrices = experiment_.matrices;
  return matrices.size() < 2 || train == matrices.front().train ? label : label + "-" + train;
}

std::string TrainingPlan::tuned_label(const Origin& origin, const std::string& target,
                                      const std::string& recipe) {
  return origin.label + "-to-" + target + "-" + recipe;
}

void TrainingPlan::train(const Origin& origin, const std::string& recipe, const std::string& target,
                         int fold) {
  if (experiment_.recipe(recipe).layers == Layers::kNone) return;
  const Step* split = data_.split(target, fold);
  Trained& trained = tuned_[{origin.step, split, recipe}];
  if (trained.trainings.empty()) {
    trained = plan_trainings(start_of(recipe, target, fold, &origin),
                             data_.in_fold(tuned_label(origin, target, recipe), target, fold));
  }
  // What only goes through the same steps to compare with has no say in the rate of what is asked for.
  if (origin.kind == ResultKind::kFirstAlone || origin.kind == ResultKind::kDeclaredControl) return;
  std::vector<const Trained*>& all = counting_[{split, recipe}];
  if (std::ranges::find(all, &trained) == all.end()) all.push_back(&trained);
}

const Trained& TrainingPlan::tested(const Origin& origin, const std::string& recipe,
                                    const std::string& target, int fold) {
  Step* split = data_.split(target, fold);
  Trained& trained = tuned_[{origin.step, split, recipe}];
  if (!trained.tests.empty()) return trained;
  const std::string label = data_.in_fold(tuned_label(origin, target, recipe), target, fold);
  if (experiment_.recipe(recipe).layers == Layers::kNone) {
    trained.tests = {test_untuned(origin, target, recipe, fold, label)};
  } else {
    choose(trained, label, others(trained, split, recipe));
    trained.tests = tests_of(trained, model_of(recipe), split, label);
  }
  return trained;
}

// The trainings by setting whose accuracies count too when the rate of one is chosen.
std::vector<std::vector<Step*>> TrainingPlan::others(const Trained& own, const Step* split,
                                                     const std::string& recipe) const {
  std::vector<std::vector<Step*>> also(own.settings.size());
  const auto counting = counting_.find({split, recipe});
  if (experiment_.learning_rate_choice != "per-target" || counting == counting_.end()) return also;
  for (const Trained* other : counting->second) {
    if (other == &own) continue;
    for (std::size_t s = 0; s < also.size(); ++s) {
      also[s].insert(also[s].end(), other->trainings[s].begin(), other->trainings[s].end());
    }
  }
  return also;
}

Step* TrainingPlan::test_untuned(const Origin& origin, const std::string& target, const std::string& recipe,
                                 int fold, const std::string& label) {
  for (const std::string& source : origin.sources)
    data_.check_classes(source, target, experiment_.recipe(recipe).where);
  return graph_.add(evaluate_step(label, model_of(recipe), origin.step, origin.output,
                                  data_.split(target, fold), compute_));
}

}  // namespace histokt
