#include "experiment/plan.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "experiment/steps/steps.hpp"

namespace histokt {
namespace {

// Builds the steps, each once, in an order in which each stands behind its inputs.
class Planner {
 public:
  Planner(const Experiment& experiment, const Workshop& workshop)
      : experiment_(experiment), workshop_(workshop) {}

  Plan make() {
    // All data first: what is wrong with it should be known before hours of training.
    for (const std::string& name : used_datasets()) split(name);
    if (experiment_.matrix) plan_matrix(*experiment_.matrix);
    for (const DistillConfig& distill : experiment_.distills) plan_distill(distill);
    return std::move(plan_);
  }

 private:
  // What training one network in all settings and trials comes to.
  struct Trained {
    std::vector<OptimizerSetting> settings;
    std::vector<std::vector<Step*>> trainings;  // [setting][trial]
    Step* choice = nullptr;
    std::vector<Step*> evaluations;
  };

  // Where a network's weights come from before tuning.
  struct Origin {
    std::string label;  // "crc", "svd-crc-bach"
    std::vector<std::string> sources;
    std::string distiller;
    Step* step = nullptr;
    std::string output;
  };

  Step* add(std::unique_ptr<Step> step) {
    plan_.steps.push_back(std::move(step));
    return plan_.steps.back().get();
  }

  std::vector<std::string> used_datasets() const {
    std::vector<std::string> names;
    const auto use = [&](const std::string& name) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    };
    if (experiment_.matrix) {
      for (const auto& name : experiment_.matrix->sources) use(name);
      for (const auto& name : experiment_.matrix->targets) use(name);
    }
    for (const DistillConfig& distill : experiment_.distills) {
      for (const auto& name : distill.sources) use(name);
      use(distill.target);
    }
    return names;
  }

  Step* patches(const std::string& name) {
    Step*& step = patches_[name];
    if (!step) step = add(standardize_step(experiment_, experiment_.dataset(name), workshop_));
    return step;
  }

  Step* split(const std::string& name) {
    Step*& step = splits_[name];
    if (!step) step = add(split_step(experiment_, experiment_.dataset(name), patches(name)));
    return step;
  }

  ConfiguredPlugin model_of(const Recipe& recipe) {
    return configure(experiment_, HISTOKT_MODEL, recipe.model);
  }

  Trained plan_trainings(const Recipe& recipe, const std::string& target, const std::string& label,
                         const Origin* origin) {
    Trained trained;
    trained.settings = optimizer_settings(experiment_, recipe);
    for (const OptimizerSetting& setting : trained.settings) {
      auto& trials = trained.trainings.emplace_back();
      for (int trial = 1; trial <= experiment_.trials; ++trial) {
        TrainRun run{&recipe, model_of(recipe), setting, target, trial, split(target)};
        run.label = label;
        if (trained.settings.size() > 1) run.label += "-" + setting.label();
        run.label += "-trial" + std::to_string(trial);
        if (origin) {
          run.initial = origin->step;
          run.initial_output = origin->output;
        }
        trials.push_back(add(train_step(experiment_, run, workshop_)));
      }
    }
    return trained;
  }

  void choose(Trained& trained, const std::string& label, const std::vector<std::vector<Step*>>& also) {
    trained.choice = add(choose_rate_step(experiment_, label, trained.settings, trained.trainings, also));
  }

  std::vector<Step*> evaluate_trials(const Recipe& recipe, const Trained& trained, const std::string& target,
                                     const std::string& label) {
    std::vector<Step*> evaluations;
    for (int trial = 1; trial <= experiment_.trials; ++trial) {
      const std::string number = std::to_string(trial);
      evaluations.push_back(add(evaluate_step(label + "-trial" + number, model_of(recipe), trained.choice,
                                              "trial-" + number, split(target), workshop_)));
    }
    return evaluations;
  }

  // The baseline of a dataset: trained once, whoever asks.
  Trained& baseline(const std::string& name, const std::string& recipe_name) {
    const auto [at, fresh] = baselines_.try_emplace({name, recipe_name});
    if (fresh) {
      const std::string label = name + "-" + recipe_name;
      at->second = plan_trainings(experiment_.recipe(recipe_name), name, label, nullptr);
      choose(at->second, label, {});
    }
    return at->second;
  }

  // Its tests: planned only where they are asked for, so that a source's test set stays closed.
  const std::vector<Step*>& baseline_tests(const std::string& name, const std::string& recipe_name) {
    Trained& trained = baseline(name, recipe_name);
    if (trained.evaluations.empty()) {
      trained.evaluations =
          evaluate_trials(experiment_.recipe(recipe_name), trained, name, name + "-" + recipe_name);
    }
    return trained.evaluations;
  }

  Origin candidate(const std::string& name, const std::string& recipe_name) {
    Step*& step = candidates_[{name, recipe_name}];
    if (!step) {
      Trained& trained = baseline(name, recipe_name);
      const bool by_test = experiment_.candidate_by == "test";
      step = add(choose_trial_step(name + "-" + recipe_name, trained.choice, experiment_.trials,
                                   by_test ? baseline_tests(name, recipe_name) : std::vector<Step*>{}));
    }
    return {name, {name}, "", step, "winner"};
  }

  void baseline_cell(const std::string& target, const std::string& recipe_name) {
    if (!baseline_cells_.insert({target, recipe_name}).second) return;
    plan_.cells.push_back({Cell::Kind::kBaseline, {target}, target, recipe_name, "",
                           baseline(target, recipe_name).choice, baseline_tests(target, recipe_name)});
  }

  // Everything that is tuned on one target with one recipe, so that a rate may be chosen for all of it.
  void tune_cells(const std::vector<Origin>& origins, const std::string& target, const std::string& recipe_name) {
    const Recipe& recipe = experiment_.recipe(recipe_name);
    std::vector<Trained> all;
    const auto label = [&](const Origin& origin) { return origin.label + "-to-" + target + "-" + recipe_name; };
    if (recipe.layers != Layers::kNone) {
      for (const Origin& origin : origins) all.push_back(plan_trainings(recipe, target, label(origin), &origin));
    }
    for (std::size_t i = 0; i < origins.size(); ++i) {
      const Origin& origin = origins[i];
      Cell cell{origin.distiller.empty() ? Cell::Kind::kTransfer : Cell::Kind::kDistilled,
                origin.sources, target, recipe_name, origin.distiller, nullptr, {}};
      if (recipe.layers == Layers::kNone) {
        for (const std::string& source : origin.sources) {
          if (source != target) check_classes(source, target, recipe.where);
        }
        cell.evaluations.push_back(add(
            evaluate_step(label(origin), model_of(recipe), origin.step, origin.output, split(target), workshop_)));
      } else {
        std::vector<std::vector<Step*>> also(all[i].settings.size());
        if (experiment_.learning_rate_choice == "per-target") {
          for (std::size_t other = 0; other < all.size(); ++other) {
            if (other == i) continue;
            for (std::size_t s = 0; s < also.size(); ++s) {
              also[s].insert(also[s].end(), all[other].trainings[s].begin(), all[other].trainings[s].end());
            }
          }
        }
        choose(all[i], label(origin), also);
        cell.choice = all[i].choice;
        cell.evaluations = evaluate_trials(recipe, all[i], target, label(origin));
      }
      plan_.cells.push_back(std::move(cell));
    }
  }

  void check_classes(const std::string& source, const std::string& target, const std::string& where) {
    if (!checked_.insert({source, target}).second) return;
    add(same_classes_step(source, patches(source), target, patches(target), where));
  }

  void plan_matrix(const MatrixConfig& matrix) {
    if (experiment_.recipe(matrix.tune).layers == Layers::kNone) {
      for (const std::string& target : matrix.targets) {
        for (const std::string& source : matrix.sources) {
          if (source != target) check_classes(source, target, experiment_.recipe(matrix.tune).where);
        }
      }
    }
    for (const std::string& target : matrix.targets) {
      baseline_cell(target, matrix.train);
      std::vector<Origin> origins;
      for (const std::string& source : matrix.sources) {
        if (source != target) origins.push_back(candidate(source, matrix.train));
      }
      tune_cells(origins, target, matrix.tune);
    }
  }

  void plan_distill(const DistillConfig& distill) {
    baseline_cell(distill.target, distill.train);
    std::vector<Step*> candidates;
    for (const std::string& source : distill.sources) candidates.push_back(candidate(source, distill.train).step);
    std::vector<Origin> origins;
    for (const PluginChoice& choice : distill.distillers) {
      Step* merged = add(distill_step(experiment_, choice, distill.sources, candidates, distill.base,
                                      model_of(experiment_.recipe(distill.train)), workshop_));
      origins.push_back({merged->label, distill.sources, choice.use, merged, "checkpoint"});
    }
    tune_cells(origins, distill.target, distill.tune);
  }

  using Key = std::pair<std::string, std::string>;
  const Experiment& experiment_;
  const Workshop& workshop_;
  Plan plan_;
  std::map<std::string, Step*> patches_, splits_;
  std::map<Key, Trained> baselines_;
  std::map<Key, Step*> candidates_;
  std::set<Key> baseline_cells_, checked_;
};

}  // namespace

Plan make_plan(const Experiment& experiment, const Workshop& workshop) {
  return Planner(experiment, workshop).make();
}

}  // namespace histokt
