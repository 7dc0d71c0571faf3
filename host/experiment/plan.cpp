#include "experiment/plan.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <tuple>

#include "base/text.hpp"
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
    for (const std::string& name : used_datasets()) split(name, kFirstFold);
    for (const std::string& name : targets()) {
      for (int fold = kFirstFold; fold <= folds(name); ++fold) split(name, fold);
    }
    if (experiment_.matrix) plan_matrix(*experiment_.matrix);
    for (const DistillConfig& distill : experiment_.distills) plan_distill(distill);
    return std::move(plan_);
  }

 private:
  // Folds belong to a target: its cells are trained and tested in each. A dataset that another one learns from
  // gives the network of its first fold.
  static constexpr int kFirstFold = 1;

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
    bool keeps_normalization = false;  // as TrainRun::keep_normalization
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

  std::set<std::string> targets() const {
    std::set<std::string> names;
    if (experiment_.matrix) names.insert(experiment_.matrix->targets.begin(), experiment_.matrix->targets.end());
    for (const DistillConfig& distill : experiment_.distills) names.insert(distill.target);
    return names;
  }

  int folds(const std::string& name) {
    int& count = folds_[name];
    if (count == 0) count = fold_count(experiment_, experiment_.dataset(name), workshop_);
    return count;
  }

  std::string in_fold(const std::string& label, const std::string& dataset, int fold) const {
    return fold_label(label, experiment_.dataset(dataset), fold);
  }

  Step* patches(const std::string& name) {
    Step*& step = patches_[name];
    if (!step) step = add(standardize_step(experiment_, experiment_.dataset(name), workshop_));
    return step;
  }

  Step* split(const std::string& name, int fold) {
    Step*& step = splits_[{name, fold}];
    if (!step) step = add(split_step(experiment_, experiment_.dataset(name), patches(name), fold));
    return step;
  }

  ConfiguredPlugin model_of(const Recipe& recipe) {
    return configure(experiment_, HISTOKT_MODEL, recipe.model);
  }

  // Looked at before anything runs, once each.
  const std::string& weights_digest(const Recipe& recipe) {
    std::string& digest = weights_digests_[recipe.name];
    if (digest.empty()) digest = checked_weights(recipe, model_of(recipe));
    return digest;
  }

  // Whether what is trained so is normalised otherwise than by its own patches, and what is tuned from it as well.
  bool keeps_normalization(const std::string& recipe_name) const {
    const Recipe& recipe = experiment_.recipe(recipe_name);
    return !recipe.weights.empty() && recipe.normalize_as_weights;
  }

  Trained plan_trainings(const Recipe& recipe, const std::string& target, int fold, const std::string& label,
                         const Origin* origin) {
    Trained trained;
    trained.settings = optimizer_settings(experiment_, recipe);
    for (const OptimizerSetting& setting : trained.settings) {
      auto& trials = trained.trainings.emplace_back();
      for (int trial = 1; trial <= experiment_.trials; ++trial) {
        TrainRun run{&recipe, model_of(recipe), setting, target, trial, split(target, fold)};
        run.label = label;
        if (trained.settings.size() > 1) run.label += "-" + setting.label();
        run.label += "-trial" + std::to_string(trial);
        if (origin) {
          run.initial = origin->step;
          run.initial_output = origin->output;
          run.keep_normalization = origin->keeps_normalization;
        } else if (!recipe.weights.empty()) {
          run.weights_digest = weights_digest(recipe);
        }
        trials.push_back(add(train_step(experiment_, run, workshop_)));
        plan_.trainings[trials.back()] = &recipe;
      }
    }
    return trained;
  }

  void choose(Trained& trained, const std::string& label, const std::vector<std::vector<Step*>>& also) {
    trained.choice = add(choose_rate_step(experiment_, label, trained.settings, trained.trainings, also));
  }

  std::vector<Step*> evaluate_trials(const Recipe& recipe, const Trained& trained, const std::string& target, int fold,
                                     const std::string& label) {
    std::vector<Step*> evaluations;
    for (int trial = 1; trial <= experiment_.trials; ++trial) {
      const std::string number = std::to_string(trial);
      evaluations.push_back(add(evaluate_step(label + "-trial" + number, model_of(recipe), trained.choice,
                                              "trial-" + number, split(target, fold), workshop_)));
    }
    return evaluations;
  }

  // The baseline of a dataset in one fold: trained once, whoever asks.
  Trained& baseline(const std::string& name, const std::string& recipe_name, int fold) {
    const auto [at, fresh] = baselines_.try_emplace({name, recipe_name, fold});
    if (fresh) {
      const std::string label = in_fold(name + "-" + recipe_name, name, fold);
      at->second = plan_trainings(experiment_.recipe(recipe_name), name, fold, label, nullptr);
      choose(at->second, label, {});
    }
    return at->second;
  }

  // Its tests: planned only where they are asked for, so that a source's test set stays closed.
  const std::vector<Step*>& baseline_tests(const std::string& name, const std::string& recipe_name, int fold) {
    Trained& trained = baseline(name, recipe_name, fold);
    if (trained.evaluations.empty()) {
      trained.evaluations = evaluate_trials(experiment_.recipe(recipe_name), trained, name, fold,
                                            in_fold(name + "-" + recipe_name, name, fold));
    }
    return trained.evaluations;
  }

  // The network that a source gives to one fold of the target. Where the target is among its own sources it gives
  // that of the same fold: another fold's has learnt from the groups that are held out.
  Origin candidate(const std::string& name, const std::string& recipe_name, const std::string& target, int target_fold) {
    const int fold = name == target ? target_fold : kFirstFold;
    Step*& step = candidates_[{name, recipe_name, fold}];
    if (!step) {
      Trained& trained = baseline(name, recipe_name, fold);
      const bool by_test = experiment_.candidate_by == "test";
      step = add(choose_trial_step(in_fold(name + "-" + recipe_name, name, fold), trained.choice, experiment_.trials,
                                   by_test ? baseline_tests(name, recipe_name, fold) : std::vector<Step*>{}));
    }
    return {name, {name}, "", step, "winner", keeps_normalization(recipe_name)};
  }

  void baseline_cell(const std::string& target, const std::string& recipe_name) {
    if (!baseline_cells_.insert({target, recipe_name}).second) return;
    Cell cell{Cell::Kind::kBaseline, {target}, target, recipe_name, "", "", {}};
    cell.weights = experiment_.recipe(recipe_name).weights.filename().string();
    add_folds(std::move(cell));
  }

  // A network that starts from weights of a file: they are its source.
  void weights_cell(const std::string& target, const std::string& recipe_name) {
    if (!baseline_cells_.insert({target, recipe_name}).second) return;
    const std::string source = file_safe(experiment_.recipe(recipe_name).weights.stem().string());
    add_folds({Cell::Kind::kTransfer, {source}, target, recipe_name, "", "", {}});
  }

  // The trainings and tests of what is trained on its target alone.
  void add_folds(Cell cell) {
    const std::string &target = cell.target, &recipe_name = cell.recipe;
    for (int fold = kFirstFold; fold <= folds(target); ++fold) {
      cell.folds.push_back(
          {baseline(target, recipe_name, fold).choice, baseline_tests(target, recipe_name, fold)});
    }
    plan_.cells.push_back(std::move(cell));
  }

  // A cell for each of the networks that are tuned on the target. `origins_of` a fold: always the same ones in the
  // same order.
  void tune_cells(const std::function<std::vector<Origin>(int)>& origins_of, const std::string& target,
                  const std::string& recipe_name, bool probe) {
    std::vector<Cell> cells;
    for (int fold = kFirstFold; fold <= folds(target); ++fold) {
      const std::vector<Origin> origins = origins_of(fold);
      for (const Origin& origin : origins) {
        if (fold > kFirstFold) break;
        cells.push_back({origin.distiller.empty() ? Cell::Kind::kTransfer : Cell::Kind::kDistilled, origin.sources,
                         target, recipe_name, origin.distiller, "", {}});
      }
      std::vector<Cell::Fold> tuned = tune_fold(origins, target, recipe_name, fold);
      for (std::size_t i = 0; probe && i < tuned.size(); ++i) {
        tuned[i].probe = probe_of(origins[i], target, recipe_name, fold);
      }
      for (std::size_t i = 0; i < tuned.size(); ++i) cells[i].folds.push_back(tuned[i]);
    }
    for (Cell& cell : cells) plan_.cells.push_back(std::move(cell));
  }

  Step* probe_of(const Origin& origin, const std::string& target, const std::string& recipe_name, int fold) {
    Step*& step = probes_[{origin.step, split(target, fold), recipe_name}];
    if (!step) {
      step = add(probe_step(in_fold(origin.label + "-on-" + target, target, fold),
                            model_of(experiment_.recipe(recipe_name)), origin.step, origin.output,
                            split(target, fold), origin.keeps_normalization, workshop_));
    }
    return step;
  }

  // Everything that is tuned on one fold of one target with one recipe, so that a rate may be chosen for all of it.
  std::vector<Cell::Fold> tune_fold(const std::vector<Origin>& origins, const std::string& target,
                                    const std::string& recipe_name, int fold) {
    const Recipe& recipe = experiment_.recipe(recipe_name);
    std::vector<Trained> all;
    const auto label = [&](const Origin& origin) {
      return in_fold(origin.label + "-to-" + target + "-" + recipe_name, target, fold);
    };
    if (recipe.layers != Layers::kNone) {
      for (const Origin& origin : origins) {
        all.push_back(plan_trainings(recipe, target, fold, label(origin), &origin));
      }
    }
    std::vector<Cell::Fold> tuned;
    for (std::size_t i = 0; i < origins.size(); ++i) {
      const Origin& origin = origins[i];
      if (recipe.layers == Layers::kNone) {
        for (const std::string& source : origin.sources) {
          if (source != target) check_classes(source, target, recipe.where);
        }
        Step* test = add(evaluate_step(label(origin), model_of(recipe), origin.step, origin.output,
                                       split(target, fold), workshop_));
        tuned.push_back({nullptr, {test}});
        continue;
      }
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
      tuned.push_back({all[i].choice, evaluate_trials(recipe, all[i], target, fold, label(origin))});
    }
    return tuned;
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
      for (const std::string& recipe : matrix.from_weights) weights_cell(target, recipe);
      const auto origins_of = [&](int fold) {
        std::vector<Origin> origins;
        for (const std::string& source : matrix.sources) {
          if (source != target) origins.push_back(candidate(source, matrix.train, target, fold));
        }
        return origins;
      };
      tune_cells(origins_of, target, matrix.tune, matrix.probe);
    }
  }

  void plan_distill(const DistillConfig& distill) {
    baseline_cell(distill.target, distill.train);
    std::vector<Step*> merged_from;
    std::vector<Origin> origins;
    const auto origins_of = [&](int fold) {
      std::vector<Step*> candidates;
      for (const std::string& source : distill.sources) {
        candidates.push_back(candidate(source, distill.train, distill.target, fold).step);
      }
      if (candidates == merged_from) return origins;  // the folds of a target that is no source share them
      const bool own = std::ranges::find(distill.sources, distill.target) != distill.sources.end();
      merged_from = candidates;
      origins.clear();
      for (const PluginChoice& choice : distill.distillers) {
        Step* merged = add(distill_step(experiment_, choice, distill.sources, candidates, distill.base,
                                        model_of(experiment_.recipe(distill.train)), workshop_));
        const std::string label = merged->label;
        if (own) merged->label = in_fold(label, distill.target, fold);
        if (distill.diagnose) add(diagnose_step(merged, distill.sources, candidates));
        origins.push_back(
            {label, distill.sources, choice.use, merged, "checkpoint", keeps_normalization(distill.train)});
      }
      return origins;
    };
    tune_cells(origins_of, distill.target, distill.tune, distill.probe);
  }

  using Key = std::pair<std::string, std::string>;
  const Experiment& experiment_;
  const Workshop& workshop_;
  Plan plan_;
  using FoldKey = std::tuple<std::string, std::string, int>;  // dataset, recipe, fold
  std::map<std::string, Step*> patches_;
  std::map<std::pair<std::string, int>, Step*> splits_;
  std::map<std::string, int> folds_;
  std::map<std::string, std::string> weights_digests_;  // by recipe
  std::map<FoldKey, Trained> baselines_;
  std::map<FoldKey, Step*> candidates_;
  std::map<std::tuple<Step*, Step*, std::string>, Step*> probes_;  // checkpoint, split, recipe
  std::set<Key> baseline_cells_, checked_;
};

}  // namespace

Plan make_plan(const Experiment& experiment, const Workshop& workshop) {
  return Planner(experiment, workshop).make();
}

}  // namespace histokt
