// SPDX-License-Identifier: MIT
#include "planning/plan.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "planning/merge_plan.hpp"
#include "planning/training_plan.hpp"

namespace histokt {
namespace {

// The table that asks for a row: a matrix, or the merges'.
struct Table {
  const MatrixConfig* matrix = nullptr;
  const DistillConfig* distill = nullptr;
};

// What one table asks to be tuned on a target.
struct Tuning {
  Table table;
  std::string recipe;
  std::vector<std::vector<Origin>> folds;                   // the same origins in the same order in each
  std::vector<std::vector<std::vector<Step*>>> looks = {};  // [fold][origin]: what looks at them before
};

// Goes through the tables, target by target, and makes a cell of each row.
class Planner {
 public:
  Planner(const Experiment& experiment, const ComputeContext& compute, std::span<const StepKind> kinds)
      : experiment_(experiment),
        compute_(compute),
        graph_(kinds),
        data_(experiment, compute, graph_),
        trainings_(experiment, compute, graph_, data_),
        merges_(experiment, compute, graph_, data_, trainings_) {}

  Plan make() {
    check_extra_steps(experiment_, graph_.kinds());
    // All data first: what is wrong with it should be known before hours of training.
    for (const std::string& name : used_datasets(experiment_)) plan_data(name, kFirstFold);
    for (const std::string& name : targets_of(experiment_)) {
      for (int fold = kFirstFold + 1; fold <= data_.folds(name); ++fold) plan_data(name, fold);
    }
    for (const MatrixConfig& matrix : experiment_.matrices) check_classes_of(matrix);
    for (const std::string& target : targets_of(experiment_)) plan_target(target);
    return {graph_.take(), std::move(cells_), trainings_.recipes()};
  }

 private:
  void plan_data(const std::string& name, int fold) {
    Subject subject = subject_of(AttachPoint::kDataset, {}, name, fold);
    subject.start.target = name;
    subject.start.split = data_.split(name, fold);
    attach_all(subject, graph_);
  }

  void check_classes_of(const MatrixConfig& matrix) {
    for (const std::string& recipe : matrix.tunes) {
      if (experiment_.recipe(recipe).layers != Layers::kNone) continue;
      for (const std::string& target : matrix.targets) {
        for (const std::string& source : matrix.sources)
          data_.check_classes(source, target, experiment_.recipe(recipe).where);
      }
    }
  }

  // All tables together: a rate may be chosen for everything that is tuned on the target, so that all of it
  // must be planned before the first choice.
  void plan_target(const std::string& target) {
    std::vector<Tuning> tunings;
    for (const MatrixConfig& matrix : experiment_.matrices) {
      if (std::ranges::count(matrix.targets, target) > 0) plan_matrix(matrix, target, tunings);
    }
    for (const DistillConfig& distill : experiment_.distills) {
      if (distill.target == target) plan_distill(distill, tunings);
    }
    for (Tuning& tuning : tunings) plan_tuning(tuning, target);
    for (const Tuning& tuning : tunings) tune_cells(tuning, target);
  }

  // The rows of a target that start from nothing or from weights of a file; and what is to be tuned on it.
  void plan_matrix(const MatrixConfig& matrix, const std::string& target, std::vector<Tuning>& tunings) {
    const Table table{&matrix};
    baseline_cell(target, matrix.train, table);
    for (const std::string& recipe : matrix.from_weights) {
      if (recipe != matrix.train) weights_cell(target, recipe, table);
    }
    std::vector<std::vector<Origin>> origins;
    for (int fold = kFirstFold; fold <= data_.folds(target); ++fold) {
      std::vector<Origin>& of_fold = origins.emplace_back();
      for (const std::string& source : matrix.sources) {
        if (source != target) of_fold.push_back(trainings_.candidate(source, matrix.train, target, fold));
      }
    }
    for (const std::string& recipe : matrix.tunes) tunings.push_back({table, recipe, origins});
  }

  void plan_distill(const DistillConfig& distill, std::vector<Tuning>& tunings) {
    const Table table{nullptr, &distill};
    baseline_cell(distill.target, distill.train, table);
    if (distill.controls) {
      for (const std::string& recipe : distill.from_weights) {
        if (recipe != distill.train) weights_cell(distill.target, recipe, table);
      }
    }
    tunings.push_back({table, distill.tune, merges_.origins(distill)});
  }

  // What looks at each network before it is tuned, and its trainings.
  void plan_tuning(Tuning& tuning, const std::string& target) {
    for (int fold = kFirstFold; fold <= data_.folds(target); ++fold) {
      auto& looks = tuning.looks.emplace_back();
      for (const Origin& origin : of_fold(tuning, fold)) {
        looks.push_back(attach_all(subject_of(tuning, origin, target, fold), graph_));
        trainings_.train(origin, tuning.recipe, target, fold);
      }
    }
  }

  static const std::vector<Origin>& of_fold(const Tuning& tuning, int fold) {
    return tuning.folds.at(static_cast<std::size_t>(fold - kFirstFold));
  }

  // A cell for each of the networks that are tuned.
  void tune_cells(const Tuning& tuning, const std::string& target) {
    for (std::size_t i = 0; i < tuning.folds.front().size(); ++i) {
      const Origin& first = tuning.folds.front()[i];
      Cell cell = cell_of(first.kind, first.sources, target, tuning.recipe, first.train);
      cell.distiller = first.distiller;
      cell.method = first.method;
      cell.merge_settings = first.merge_settings;
      for (int fold = kFirstFold; fold <= data_.folds(target); ++fold) {
        const Origin& origin = of_fold(tuning, fold)[i];
        const Trained& trained = trainings_.tested(origin, tuning.recipe, target, fold);
        Cell::Fold tuned{trained.choice, trained.tests, trained.trainings,
                         tuning.looks[static_cast<std::size_t>(fold - kFirstFold)][i]};
        if (!origin.distiller.empty()) tuned.merge = origin.step;
        Subject subject = subject_of(tuning, origin, target, fold);
        subject.label = TrainingPlan::tuned_label(origin, target, tuning.recipe);
        look_at_tested(std::move(subject), tuned);
        cell.folds.push_back(std::move(tuned));
      }
      put(std::move(cell), tuning.table);
    }
  }

  void baseline_cell(const std::string& target, const std::string& recipe, const Table& table) {
    Cell cell = cell_of(ResultKind::kBaseline, {target}, target, recipe, recipe);
    cell.weights = experiment_.recipe(recipe).weights.filename().string();
    add_folds(std::move(cell), table);
  }

  // A network that starts from weights of a file: they are its source.
  void weights_cell(const std::string& target, const std::string& recipe, const Table& table) {
    add_folds(cell_of(ResultKind::kWeights, {weights_label(recipe)}, target, recipe, recipe), table);
  }

  std::string weights_label(const std::string& recipe) const {
    return file_safe(experiment_.recipe(recipe).weights.stem().string());
  }

  // The trainings and tests of what is trained on its target alone.
  void add_folds(Cell cell, const Table& table) {
    const std::string &target = cell.target, &recipe = cell.recipe;
    for (int fold = kFirstFold; fold <= data_.folds(target); ++fold) {
      const Trained& trained = trainings_.tested_baseline(target, recipe, fold);
      Cell::Fold& own = cell.folds.emplace_back(Cell::Fold{trained.choice, trained.tests, trained.trainings});
      Subject subject = subject_of(AttachPoint::kWeights, table, weights_label(recipe), fold);
      subject.start = trainings_.start_of(recipe, target, fold, nullptr);
      if (!subject.start.recipe.weights.empty()) own.looks = attach_all(subject, graph_);
      subject.label = target + "-" + recipe;
      look_at_tested(std::move(subject), own);
    }
    put(std::move(cell), table);
  }

  Subject subject_of(AttachPoint place, const Table& table, const std::string& label, int fold) const {
    return {place, experiment_, compute_, table.matrix, table.distill, label, fold};
  }

  // A network before it is tuned on a target.
  Subject subject_of(const Tuning& tuning, const Origin& origin, const std::string& target, int fold) {
    const AttachPoint place = origin.distiller.empty() ? AttachPoint::kSource : AttachPoint::kMerge;
    Subject subject = subject_of(place, tuning.table, origin.label, fold);
    subject.start = trainings_.start_of(tuning.recipe, target, fold, &origin);
    subject.sources = origin.sources;
    subject.source_networks = origin.source_networks;
    subject.source_model = trainings_.model_of(origin.train);
    return subject;
  }

  // What looks at the networks that a row tests: those of the chosen setting, or the one that is not tuned.
  void look_at_tested(Subject subject, Cell::Fold& fold) {
    subject.place = AttachPoint::kTested;
    subject.start.weights_digest.clear();
    subject.start.keep_normalization = true;  // that of its own training
    for (std::size_t trial = 1; trial <= fold.evaluations.size(); ++trial) {
      if (fold.choice) {
        subject.trial = static_cast<int>(trial);
        subject.start.initial = fold.choice;
        subject.start.initial_output = "trial-" + std::to_string(trial);
      }
      const std::vector<Step*> looks = attach_all(subject, graph_);
      fold.looks.insert(fold.looks.end(), looks.begin(), looks.end());
    }
  }

  static Cell cell_of(ResultKind kind, const std::vector<std::string>& sources, const std::string& target,
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
  void put(Cell cell, const Table& table) {
    const auto same = [&](const Cell& known) {
      return known.kind == cell.kind && known.sources == cell.sources && known.method == cell.method &&
             known.folds.front().evaluations == cell.folds.front().evaluations;
    };
    auto at = std::ranges::find_if(cells_, same);
    if (at == cells_.end()) {
      at = cells_.insert(at, std::move(cell));
    } else {
      for (std::size_t f = 0; f < cell.folds.size(); ++f) add_looks(cell.folds[f].looks, at->folds[f].looks);
    }
    if (!table.matrix) {
      at->in_distillation = true;
    } else if (std::ranges::find(at->matrices, table.matrix->name) == at->matrices.end()) {
      at->matrices.push_back(table.matrix->name);
    }
  }

  static void add_looks(const std::vector<Step*>& more, std::vector<Step*>& looks) {
    for (Step* look : more) {
      if (std::ranges::find(looks, look) == looks.end()) looks.push_back(look);
    }
  }

  const Experiment& experiment_;
  const ComputeContext& compute_;
  StepGraph graph_;
  DataPlan data_;
  TrainingPlan trainings_;
  MergePlan merges_;
  std::vector<Cell> cells_;
};

}  // namespace

std::vector<const Step*> Cell::Fold::looks_of(std::string_view kind) const {
  std::vector<const Step*> found;
  for (const Step* look : looks) {
    if (look->kind == kind) found.push_back(look);
  }
  return found;
}

const Step* Cell::Fold::look(std::string_view kind) const {
  const std::vector<const Step*> found = looks_of(kind);
  return found.empty() ? nullptr : found.front();
}

Plan make_plan(const Experiment& experiment, const ComputeContext& compute, std::span<const StepKind> kinds) {
  return Planner(experiment, compute, kinds).make();
}

}  // namespace histokt
