#include "planning/plan.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "base/text.hpp"
#include "planning/merge_strategies.hpp"
#include "steps/steps.hpp"

namespace histokt {
namespace {

// Builds the steps, each once, in an order in which each stands behind its inputs.
class Planner {
 public:
  Planner(const Experiment& experiment, const Workshop& workshop)
      : experiment_(experiment), workshop_(workshop), strategies_(experiment) {}

  Plan make() {
    // All data first: what is wrong with it should be known before hours of training.
    for (const std::string& name : used_datasets()) split(name, kFirstFold);
    for (const std::string& name : targets()) {
      for (int fold = kFirstFold; fold <= folds(name); ++fold) split(name, fold);
    }
    for (const MatrixConfig& matrix : experiment_.matrices) check_classes_of(matrix);
    for (const std::string& target : targets()) plan_target(target);
    return std::move(plan_);
  }

 private:
  // Folds belong to a target: its cells are trained and tested in each. A dataset that another one learns
  // from gives the network of its first fold.
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
    Cell::Kind kind = Cell::Kind::kTransfer;
    std::string label;  // "crc", "svd-crc-bach"
    std::vector<std::string> sources;
    std::string train;  // recipe of the sources
    std::string distiller, strategy;
    MadeWith made_with;
    Step* step = nullptr;
    std::string output;
    bool keeps_normalization = false;  // as TrainRun::keep_normalization
  };

  // The table that the cells of a part of the experiment stand in: a matrix, or the merges'.
  using Table = const MatrixConfig*;
  static constexpr Table kDistillation = nullptr;

  Step* add(std::unique_ptr<Step> step) {
    plan_.steps.push_back(std::move(step));
    return plan_.steps.back().get();
  }

  std::vector<std::string> used_datasets() const {
    std::vector<std::string> names;
    const auto use = [&](const std::string& name) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    };
    for (const MatrixConfig& matrix : experiment_.matrices) {
      for (const auto& name : matrix.sources) use(name);
      for (const auto& name : matrix.targets) use(name);
    }
    for (const DistillConfig& distill : experiment_.distills) {
      for (const auto& sources : distill.source_sets) {
        for (const auto& name : sources) use(name);
      }
      use(distill.target);
      if (!distill.recalibrate.empty()) use(distill.recalibrate);
    }
    return names;
  }

  // Each once, in the order in which they are named.
  std::vector<std::string> targets() const {
    std::vector<std::string> names;
    const auto add_target = [&](const std::string& name) {
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    };
    for (const MatrixConfig& matrix : experiment_.matrices) std::ranges::for_each(matrix.targets, add_target);
    for (const DistillConfig& distill : experiment_.distills) add_target(distill.target);
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

  // Whether what is trained so is normalised otherwise than by its own patches, and what is tuned from it as
  // well.
  bool keeps_normalization(const std::string& recipe_name) const {
    const Recipe& recipe = experiment_.recipe(recipe_name);
    return !recipe.weights.empty() && recipe.normalize_as_weights;
  }

  // What a training on one fold of a dataset starts from, a network or the recipe's weights or random
  // numbers; without setting and trial.
  TrainRun start_of(const std::string& recipe_name, const std::string& target, int fold,
                    const Origin* origin) {
    TrainRun run;
    run.recipe =
        origin ? experiment_.tuning_on(recipe_name, target) : experiment_.recipe_on(recipe_name, target);
    run.model = model_of(run.recipe);
    run.target = target;
    run.split = split(target, fold);
    if (origin) {
      run.initial = origin->step;
      run.initial_output = origin->output;
      run.keep_normalization = origin->keeps_normalization;
    } else if (!run.recipe.weights.empty()) {
      run.weights_digest = weights_digest(run.recipe);
    }
    return run;
  }

  Trained plan_trainings(TrainRun run, const std::string& label) {
    Trained trained;
    trained.settings = optimizer_settings(experiment_, run.recipe);
    for (const OptimizerSetting& setting : trained.settings) {
      auto& trials = trained.trainings.emplace_back();
      run.setting = setting;
      run.one_of_several = trained.settings.size() > 1;
      for (run.trial = 1; run.trial <= experiment_.trials; ++run.trial) {
        run.label =
            label + (run.one_of_several ? "-" + setting.label() : "") + "-trial" + std::to_string(run.trial);
        trials.push_back(add(train_step(experiment_, run, workshop_)));
        plan_.trainings[trials.back()] = &experiment_.recipe(run.recipe.name);
      }
    }
    return trained;
  }

  void choose(Trained& trained, const std::string& label, const std::vector<std::vector<Step*>>& also) {
    trained.choice = add(choose_rate_step(experiment_, label, trained.settings, trained.trainings, also));
  }

  std::vector<Step*> evaluate_trials(const Recipe& recipe, const Trained& trained, const std::string& target,
                                     int fold, const std::string& label) {
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
      at->second = plan_trainings(start_of(recipe_name, name, fold, nullptr), label);
      choose(at->second, label, {});
    }
    return at->second;
  }

  // Its tests: planned only where they are asked for, so that a source's test set stays closed.
  const std::vector<Step*>& baseline_tests(const std::string& name, const std::string& recipe_name,
                                           int fold) {
    Trained& trained = baseline(name, recipe_name, fold);
    if (trained.evaluations.empty()) {
      trained.evaluations = evaluate_trials(experiment_.recipe(recipe_name), trained, name, fold,
                                            in_fold(name + "-" + recipe_name, name, fold));
    }
    return trained.evaluations;
  }

  // The network that a source gives to one fold of the target. Where the target is among its own sources it
  // gives that of the same fold: another fold's has learnt from the groups that are held out.
  Origin candidate(const std::string& name, const std::string& recipe_name, const std::string& target,
                   int target_fold) {
    const int fold = name == target ? target_fold : kFirstFold;
    Step*& step = candidates_[{name, recipe_name, fold}];
    if (!step) {
      Trained& trained = baseline(name, recipe_name, fold);
      const bool by_test = experiment_.candidate_by == "test";
      step = add(choose_trial_step(in_fold(name + "-" + recipe_name, name, fold), trained.choice,
                                   experiment_.trials,
                                   by_test ? baseline_tests(name, recipe_name, fold) : std::vector<Step*>{}));
    }
    return {Cell::Kind::kTransfer,
            with_train(name, recipe_name),
            {name},
            recipe_name,
            "",
            "",
            {},
            step,
            "winner",
            keeps_normalization(recipe_name)};
  }

  // Where matrices differ in how sources are trained, the label says how: "crc", but "crc-imagenet" of what
  // is not trained as in the first.
  std::string with_train(const std::string& label, const std::string& train) const {
    const std::vector<MatrixConfig>& matrices = experiment_.matrices;
    return matrices.size() < 2 || train == matrices.front().train ? label : label + "-" + train;
  }

  static Cell cell_of(Cell::Kind kind, const std::vector<std::string>& sources, const std::string& target,
                      const std::string& recipe, const std::string& train) {
    Cell cell;
    cell.kind = kind;
    cell.sources = sources;
    cell.target = target;
    cell.recipe = recipe;
    cell.train = train;
    return cell;
  }

  // The cell of these networks, which another table may have asked for already.
  void put(Cell cell, Table table) {
    const auto same = [&](const Cell& known) {
      return known.kind == cell.kind && known.sources == cell.sources && known.strategy == cell.strategy &&
             known.folds.front().evaluations == cell.folds.front().evaluations;
    };
    auto at = std::ranges::find_if(plan_.cells, same);
    if (at == plan_.cells.end()) at = plan_.cells.insert(at, std::move(cell));
    if (table == kDistillation) {
      at->in_distillation = true;
    } else if (std::ranges::find(at->matrices, table->name) == at->matrices.end()) {
      at->matrices.push_back(table->name);
    }
    for (std::size_t f = 0; f < cell.folds.size(); ++f) {
      if (cell.folds[f].probe) at->folds[f].probe = cell.folds[f].probe;
      if (cell.folds[f].untuned) at->folds[f].untuned = cell.folds[f].untuned;
    }
  }

  void baseline_cell(const std::string& target, const std::string& recipe_name, bool probe, Table table) {
    Cell cell = cell_of(Cell::Kind::kBaseline, {target}, target, recipe_name, recipe_name);
    cell.weights = experiment_.recipe(recipe_name).weights.filename().string();
    add_folds(std::move(cell), probe, table);
  }

  // A network that starts from weights of a file: they are its source.
  void weights_cell(const std::string& target, const std::string& recipe_name, bool probe, Table table) {
    const std::string source = weights_label(recipe_name);
    add_folds(cell_of(Cell::Kind::kWeights, {source}, target, recipe_name, recipe_name), probe, table);
  }

  std::string weights_label(const std::string& recipe_name) const {
    return file_safe(experiment_.recipe(recipe_name).weights.stem().string());
  }

  // The trainings and tests of what is trained on its target alone; where that starts from weights of a file,
  // they can be probed.
  void add_folds(Cell cell, bool probe, Table table) {
    const std::string &target = cell.target, &recipe_name = cell.recipe;
    probe = probe && !experiment_.recipe(recipe_name).weights.empty();
    for (int fold = kFirstFold; fold <= folds(target); ++fold) {
      const std::vector<Step*>& tests = baseline_tests(target, recipe_name, fold);
      const Trained& trained = baseline(target, recipe_name, fold);
      cell.folds.push_back({trained.choice, tests, trained.trainings});
      if (probe) cell.folds.back().probe = probe_of(nullptr, target, recipe_name, fold);
    }
    put(std::move(cell), table);
  }

  // What one table asks to be tuned on a target.
  struct Tuning {
    std::string recipe;
    bool probe = false;
    Table table = kDistillation;
    std::vector<std::vector<Origin>> folds;  // the same origins in the same order in each
  };

  // All tables together: a rate may be chosen for everything that is tuned on the target, so that all of it
  // must be planned before the first choice.
  void plan_target(const std::string& target) {
    std::vector<Tuning> tunings;
    for (const MatrixConfig& matrix : experiment_.matrices) {
      if (std::ranges::count(matrix.targets, target) > 0) plan_matrix(matrix, target, tunings);
    }
    for (const DistillConfig& distill : experiment_.distills) {
      if (distill.target == target) tunings.push_back(plan_distill(distill));
    }
    for (const Tuning& tuning : tunings) plan_tunings(tuning, target);
    for (const Tuning& tuning : tunings) tune_cells(tuning, target);
  }

  // Everything that is tuned is trained once, however many tables ask for it.
  void plan_tunings(const Tuning& tuning, const std::string& target) {
    if (experiment_.recipe(tuning.recipe).layers == Layers::kNone) return;
    for (int fold = kFirstFold; fold <= folds(target); ++fold) {
      for (const Origin& origin : tuning.folds.at(static_cast<std::size_t>(fold - kFirstFold))) {
        Trained& trained = tuned_[{origin.step, split(target, fold), tuning.recipe}];
        if (trained.trainings.empty()) {
          trained = plan_trainings(start_of(tuning.recipe, target, fold, &origin),
                                   tuned_label(origin, target, tuning.recipe, fold));
        }
        // What only goes through the same steps to compare with has no say in the rate of what is asked for.
        if (origin.kind == Cell::Kind::kFirstAlone || origin.kind == Cell::Kind::kDeclaredControl) continue;
        std::vector<const Trained*>& all = counting_[{split(target, fold), tuning.recipe}];
        if (std::ranges::find(all, &trained) == all.end()) all.push_back(&trained);
      }
    }
  }

  std::string tuned_label(const Origin& origin, const std::string& target, const std::string& recipe_name,
                          int fold) const {
    return in_fold(origin.label + "-to-" + target + "-" + recipe_name, target, fold);
  }

  // A cell for each of the networks that are tuned.
  void tune_cells(const Tuning& tuning, const std::string& target) {
    std::vector<Cell> cells;
    for (int fold = kFirstFold; fold <= folds(target); ++fold) {
      const std::vector<Origin>& origins = tuning.folds.at(static_cast<std::size_t>(fold - kFirstFold));
      cells.resize(origins.size());
      for (std::size_t i = 0; i < origins.size(); ++i) {
        const Origin& origin = origins[i];
        if (fold == kFirstFold) {
          cells[i] = cell_of(origin.kind, origin.sources, target, tuning.recipe, origin.train);
          cells[i].distiller = origin.distiller;
          cells[i].strategy = origin.strategy;
          cells[i].made_with = origin.made_with;
        }
        cells[i].folds.push_back(tuned_fold(tuning, origin, target, fold));
      }
    }
    for (Cell& cell : cells) put(std::move(cell), tuning.table);
  }

  // The choice and the tests of one network that is tuned on one fold, and what it is before.
  Cell::Fold tuned_fold(const Tuning& tuning, const Origin& origin, const std::string& target, int fold) {
    const Recipe& recipe = experiment_.recipe(tuning.recipe);
    const std::string label = tuned_label(origin, target, tuning.recipe, fold);
    Trained& trained = tuned_[{origin.step, split(target, fold), tuning.recipe}];
    if (trained.evaluations.empty()) {
      if (recipe.layers == Layers::kNone) {
        trained.evaluations = {test_untuned(origin, target, recipe, fold, label)};
      } else {
        choose(trained, label, others(trained, split(target, fold), tuning.recipe));
        trained.evaluations = evaluate_trials(recipe, trained, target, fold, label);
      }
    }
    Cell::Fold tuned{trained.choice, trained.evaluations, trained.trainings};
    if (!origin.distiller.empty()) tuned.merge = origin.step;
    if (tuning.probe) tuned.probe = probe_of(&origin, target, tuning.recipe, fold);
    if (tuning.probe && tuning.table == kDistillation)
      tuned.untuned = untuned_of(origin, target, tuning.recipe, fold);
    return tuned;
  }

  // The head of a network as it is before tuning, tested where it answers the target's classes.
  Step* untuned_of(const Origin& origin, const std::string& target, const std::string& recipe_name,
                   int fold) {
    Step*& step = untuned_[{origin.step, split(target, fold), recipe_name}];
    if (!step) {
      step = add(evaluate_untuned_step(in_fold(origin.label + "-before-" + target, target, fold),
                                       model_of(experiment_.recipe(recipe_name)), origin.step, origin.output,
                                       split(target, fold), workshop_));
    }
    return step;
  }

  // Of what a training starts from: the origin, or else the recipe's weights.
  Step* probe_of(const Origin* origin, const std::string& target, const std::string& recipe_name, int fold) {
    Step*& step = probes_[{origin ? origin->step : nullptr, split(target, fold), recipe_name}];
    if (!step) {
      TrainRun start = start_of(recipe_name, target, fold, origin);
      const std::string name = origin ? origin->label : weights_label(recipe_name);
      start.label = in_fold(name + "-on-" + target, target, fold);
      step = add(probe_step(start, workshop_));
    }
    return step;
  }

  // The trainings by setting whose accuracies count too when the rate of one is chosen.
  std::vector<std::vector<Step*>> others(const Trained& own, Step* on, const std::string& recipe_name) const {
    std::vector<std::vector<Step*>> also(own.settings.size());
    const auto counting = counting_.find({on, recipe_name});
    if (experiment_.learning_rate_choice != "per-target" || counting == counting_.end()) return also;
    for (const Trained* other : counting->second) {
      if (other == &own) continue;
      for (std::size_t s = 0; s < also.size(); ++s) {
        also[s].insert(also[s].end(), other->trainings[s].begin(), other->trainings[s].end());
      }
    }
    return also;
  }

  Step* test_untuned(const Origin& origin, const std::string& target, const Recipe& recipe, int fold,
                     const std::string& label) {
    for (const std::string& source : origin.sources) {
      if (source != target) check_classes(source, target, recipe.where);
    }
    return add(
        evaluate_step(label, model_of(recipe), origin.step, origin.output, split(target, fold), workshop_));
  }

  void check_classes(const std::string& source, const std::string& target, const std::string& where) {
    if (!checked_.insert({source, target}).second) return;
    add(same_classes_step(source, patches(source), target, patches(target), where));
  }

  void check_classes_of(const MatrixConfig& matrix) {
    for (const std::string& recipe : matrix.tunes) {
      if (experiment_.recipe(recipe).layers != Layers::kNone) continue;
      for (const std::string& target : matrix.targets) {
        for (const std::string& source : matrix.sources) {
          if (source != target) check_classes(source, target, experiment_.recipe(recipe).where);
        }
      }
    }
  }

  // The rows of a target that start from nothing or from weights of a file; and what is to be tuned on it.
  void plan_matrix(const MatrixConfig& matrix, const std::string& target, std::vector<Tuning>& tunings) {
    baseline_cell(target, matrix.train, matrix.probe, &matrix);
    for (const std::string& recipe : matrix.from_weights) {
      if (recipe != matrix.train) weights_cell(target, recipe, matrix.probe, &matrix);
    }
    std::vector<std::vector<Origin>> origins;
    for (int fold = kFirstFold; fold <= folds(target); ++fold) {
      std::vector<Origin>& of_fold = origins.emplace_back();
      for (const std::string& source : matrix.sources) {
        if (source != target) of_fold.push_back(candidate(source, matrix.train, target, fold));
      }
    }
    for (const std::string& recipe : matrix.tunes)
      tunings.push_back({recipe, matrix.probe, &matrix, origins});
  }

  // The merge of some sources for one fold of the target; each once, however often it is asked for.
  Origin merged(const DistillConfig& distill, const MergeStrategy& strategy,
                const std::vector<std::string>& sources, Cell::Kind kind, int fold) {
    std::vector<Step*> candidates;
    MergeSplits splits;
    const auto split_of = [&](const std::string& name) {
      return split(name, name == distill.target ? fold : kFirstFold);
    };
    for (const std::string& source : sources) {
      candidates.push_back(candidate(source, distill.train, distill.target, fold).step);
      splits.sources.push_back(split_of(source));
    }
    if (!distill.recalibrate.empty()) splits.recalibrate = split_of(distill.recalibrate);
    splits.recalibration_patches = distill.recalibration_patches;
    const bool alone = kind == Cell::Kind::kFirstAlone;
    auto step = distill_step(experiment_, strategy.choice, sources, candidates, strategy.base,
                             model_of(experiment_.recipe(distill.train)), workshop_, splits, alone);
    std::string label = strategy.name;
    for (const std::string& source : sources) label += "-" + source;
    label = with_train(label, distill.train);
    if (alone) label += "-alone";
    const bool own =
        distill.recalibrate == distill.target || std::ranges::find(sources, distill.target) != sources.end();
    step->label = own ? in_fold(label, distill.target, fold) : label;
    std::vector<Step*> inputs;
    for (const StepInput& input : step->inputs) inputs.push_back(input.step);
    Step*& known = merges_[{step->options.dump(), inputs, step->label}];
    if (!known) known = add(std::move(step));
    if (distill.diagnose && sources.size() > 1) diagnose(distill, known, label, sources, candidates, fold);
    return {kind,
            label,
            sources,
            distill.train,
            strategy.choice.use,
            strategy.name,
            strategy.made_with,
            known,
            "checkpoint",
            keeps_normalization(distill.train)};
  }

  // Looks at a merge, once for each split of the target where the barrier is asked for.
  void diagnose(const DistillConfig& distill, Step* merge, const std::string& label,
                const std::vector<std::string>& sources, const std::vector<Step*>& candidates, int fold) {
    std::optional<BarrierOnSplit> barrier;
    if (distill.barrier_points > 0) {
      barrier = BarrierOnSplit{split(distill.target, fold), distill.barrier_points, experiment_.seed,
                               in_fold(label + "-on-" + distill.target, distill.target, fold)};
    }
    if (!diagnosed_.insert({merge, barrier ? barrier->split : nullptr, distill.barrier_points}).second)
      return;
    add(diagnose_step(merge, sources, candidates, model_of(experiment_.recipe(distill.train)), barrier,
                      workshop_));
  }

  // Each source tuned by itself, every merge, and the controls that go through the same steps.
  std::vector<Origin> distill_origins(const DistillConfig& distill,
                                      const std::vector<MergeStrategy>& strategies, int fold) {
    std::vector<Origin> origins;
    std::set<std::string> single;
    std::set<std::pair<std::string, std::string>> alone;
    const auto add_sources = [&](const std::vector<std::string>& sources) {
      for (const std::string& source : sources) {
        if (single.insert(source).second)
          origins.push_back(candidate(source, distill.train, distill.target, fold));
      }
    };
    if (distill.controls) std::ranges::for_each(distill.source_sets, add_sources);
    for (const std::vector<std::string>& set : distill.source_sets) {
      const bool all_orders = distill.orders == "all" || (distill.orders == "auto" && set.size() == 2);
      for (const MergeStrategy& strategy : strategies) {
        if (strategy.kind == Cell::Kind::kDeclaredControl && set.size() < 2) continue;
        for (const auto& sources : orders_of(set, all_orders && strategy.order_matters)) {
          origins.push_back(merged(distill, strategy, sources, strategy.kind, fold));
          const bool is_merge = strategy.kind == Cell::Kind::kDistilled && sources.size() > 1;
          if (!distill.controls || !is_merge || !alone.insert({strategy.name, sources.front()}).second)
            continue;
          origins.push_back(merged(distill, strategy, {sources.front()}, Cell::Kind::kFirstAlone, fold));
        }
      }
    }
    return origins;
  }

  Tuning plan_distill(const DistillConfig& distill) {
    baseline_cell(distill.target, distill.train, distill.probe, kDistillation);
    if (distill.controls) {
      for (const std::string& recipe : distill.from_weights) {
        if (recipe != distill.train) weights_cell(distill.target, recipe, distill.probe, kDistillation);
      }
    }
    const std::vector<MergeStrategy> strategies = strategies_.of(distill);
    Tuning tuning{distill.tune, distill.probe, kDistillation, {}};
    for (int fold = kFirstFold; fold <= folds(distill.target); ++fold) {
      tuning.folds.push_back(distill_origins(distill, strategies, fold));
    }
    return tuning;
  }

  const Experiment& experiment_;
  const Workshop& workshop_;
  MergeStrategies strategies_;
  Plan plan_;
  using FoldKey = std::tuple<std::string, std::string, int>;  // dataset, recipe, fold
  std::map<std::string, Step*> patches_;
  std::map<std::pair<std::string, int>, Step*> splits_;
  std::map<std::string, int> folds_;
  std::map<std::string, std::string> weights_digests_;  // by recipe
  std::map<FoldKey, Trained> baselines_;
  std::map<FoldKey, Step*> candidates_;
  using OnTarget = std::tuple<Step*, Step*, std::string>;  // checkpoint, split, recipe
  std::map<OnTarget, Trained> tuned_;
  // By split and recipe: what is tuned there and counts where one rate is chosen for all.
  std::map<std::pair<Step*, std::string>, std::vector<const Trained*>> counting_;
  std::map<OnTarget, Step*> probes_, untuned_;
  std::map<std::tuple<std::string, std::vector<Step*>, std::string>, Step*>
      merges_;                                             // options, inputs, label
  std::set<std::tuple<Step*, Step*, int>> diagnosed_;      // merge, split and points of the barrier
  std::set<std::pair<std::string, std::string>> checked_;  // source, target: have the same classes
};

}  // namespace

Plan make_plan(const Experiment& experiment, const Workshop& workshop) {
  return Planner(experiment, workshop).make();
}

}  // namespace histokt
