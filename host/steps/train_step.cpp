// SPDX-License-Identifier: MIT
#include <spdlog/spdlog.h>

#include <histokt/optimizer.hpp>

#include "base/digest.hpp"
#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/random.hpp"
#include "base/version.hpp"
#include "config/augmentation_options.hpp"
#include "config/standardize_options.hpp"
#include "patches/split_set.hpp"
#include "steps/catalogue.hpp"
#include "steps/open_split.hpp"
#include "steps/steps.hpp"
#include "steps/training_report.hpp"
#include "steps/training_request.hpp"
#include "steps/training_start.hpp"
#include "steps/training_workload.hpp"
#include "tasks/guarded_network.hpp"
#include "tasks/network.hpp"
#include "tensors/weights.hpp"
#include "training/trainer.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFile = "checkpoint.safetensors";
constexpr const char* kLayersFile = "layers.csv";
constexpr const char* kLastGoodFile = "last-good.safetensors";
constexpr const char* kDivergedFile = "diverged.json";

// Each dataset and trial has random numbers of its own; recipes and rates share them, so that they compare.
std::uint64_t run_seed(std::uint64_t seed, const std::string& dataset, int trial) {
  return Random{seed, random_word(dataset), static_cast<std::uint64_t>(trial)}.bits() >> 1;
}

Json recipe_json(const Recipe& recipe) {
  Json json = {{"layers", layers_name(recipe.layers)},
               {"epochs", recipe.epochs},
               {"batch_size", recipe.batch_size},
               {"schedule", {{"every", recipe.schedule_every}, {"factor", recipe.schedule_factor}}},
               {"frozen_batch_norm", recipe.frozen_batch_norm_running ? "running" : "batch"},
               {"validation", recipe.clean_validation ? "clean" : "augmented"},
               {"selection", recipe.selection},
               {"class_weights", recipe.class_weights},
               {"augmentation", toml_to_json(augmentation_table(recipe.augmentation))}};
  if (recipe.views > 0) json["views"] = recipe.views;
  return json;
}

// Takes the weights of `file`, under a fresh head. Returns how patches are normalised for them, where it says
// so.
std::optional<Normalization> load_initial(Network& network, const TrainRun& run, const PatchSet& patches,
                                          const fs::path& file, std::uint64_t seed) {
  const TensorFile initial = read_weights(file);
  const CheckpointInfo info = info_of(initial, file.string());
  check_fits(info, run.model.plugin->name(), patches, file.string());
  load(network, initial, file.string(), {.allow_other_head = true});
  network.model().reset_head(patches.class_count(), seed);
  return info.normalization;
}

// What the network starts from, and the normalisation that follows from it.
Normalization start(Network& network, const TrainRun& run, const SplitSet& split, const StepContext& context,
                    std::uint64_t seed) {
  std::optional<Normalization> of_weights;
  const fs::path file = initial_file(run, context);
  if (!file.empty()) of_weights = load_initial(network, run, *split.patches(), file, seed);
  return starting_normalization(run, of_weights, split);
}

// How the dataset's images were rounded when they were rescaled.
std::string rounding(const Experiment& experiment, const std::string& dataset) {
  const OptionSet how =
      resolve_standardize(experiment.dataset(dataset).standardize, experiment.source, experiment.protocol);
  return std::string(Settings(how.settings()).string("rounding"));
}

// How the checkpoint was made; no times and no paths, so that the same run makes the same bytes.
Json provenance(const Experiment& experiment, const TrainRun& run, const StepContext& context,
                const TrainResult& result) {
  Json json = {{"dataset", run.target},
               {"recipe", recipe_json(run.recipe)},
               {"setting", run.setting.json()},
               {"trial", run.trial},
               {"seed", experiment.seed},
               {"protocol", protocol_name(experiment.protocol)},
               {"split", context.output("split").digest},
               {"best_epoch", result.best_epoch + 1},
               {"valid_accuracy", result.records.at(result.best_epoch).valid_accuracy},
               {"program", program_version()}};
  if (run.initial) json["initial"] = context.output("initial").digest;
  if (!run.weights_digest.empty()) {
    json["weights"] = {{"name", run.recipe.weights.filename().string()}, {"sha256", run.weights_digest}};
  }
  return json;
}

void write_layers(const TrainRun& run, const std::vector<EpochRecord>& records, const fs::path& file) {
  if (records.back().measures.empty()) {
    spdlog::warn("{}: optimizer {} reports no layer statistics, so {} has no rows; use one that does",
                 run.label, run.setting.optimizer.plugin->name(), kLayersFile);
  }
  write_file_atomically(file, layers_csv(records));
}

void remove_quietly(const fs::path& file) {
  std::error_code ignored;
  fs::remove(file, ignored);
}

std::string what_is_kept(const TrainResult& so_far, const fs::path& file) {
  if (so_far.records.empty()) return " No epoch was finished, so no checkpoint is kept.";
  return " The best model so far, of epoch " + std::to_string(so_far.best_epoch + 1) + ", is kept in " +
         file.string() + "; evaluate and predict accept it.";
}

// One training, from its split and what it starts from to the files in its folder.
class Training {
 public:
  Training(const Experiment& experiment, const TrainRun& run, const ComputeContext& compute,
           StepContext& context, const SplitSet& split)
      : experiment_(experiment),
        run_(run),
        context_(context),
        patches_(*split.patches()),
        train_(split.train()),
        valid_(split.valid()),
        seed_(run_seed(experiment.seed, run.target, run.trial)),
        network_(run.model, patches_.class_count(), seed_),
        normalization_(start(network_, run, split, context, seed_)),
        optimizer_host_(run.setting.optimizer.plugin->title(), run.setting.optimizer.plugin->file(),
                        fs::path()),
        report_(run.label, run.recipe.epochs),
        request_(make_request(compute)) {}

  StepResult run() {
    try {
      return finished(train(request_));
    } catch (const Diverged& diverged) {
      if (run_.one_of_several) return recorded(diverged);
      const TrainResult& so_far = *diverged.so_far;
      if (!so_far.records.empty()) write_best(so_far, last_good_file());
      throw RunError(diverged.what() + what_is_kept(so_far, last_good_file()));
    }
  }

 private:
  TrainRequest make_request(const ComputeContext& compute);
  // The checkpoint of the best epoch.
  void write_best(const TrainResult& trained, const fs::path& file) const;
  StepResult finished(const TrainResult& result) const;
  // A setting of several that diverged: a finished step all the same, so that the others go on.
  StepResult recorded(const Diverged& diverged) const;
  Json summary(Json of_result) const;
  void remove_what_was_kept() const {
    remove_quietly(request_.resume_file);
    remove_quietly(last_good_file());
  }
  fs::path last_good_file() const { return context_.folder() / kLastGoodFile; }

  const Experiment& experiment_;
  const TrainRun& run_;
  StepContext& context_;
  const PatchSet& patches_;
  const SplitView train_, valid_;
  const std::uint64_t seed_;
  Network network_;
  const Normalization normalization_;
  const PluginHost optimizer_host_;
  TrainingReport report_;
  const TrainRequest request_;
};

TrainRequest Training::make_request(const ComputeContext& compute) {
  TrainRequest request = training_request(run_.recipe, compute);
  request.seed = seed_;
  request.model = &network_.model();
  request.selection = selection_of(run_.recipe, patches_.info().multi_label, run_.target);
  request.class_names = patches_.info().classes;
  request.train = &train_;
  request.valid = &valid_;
  request.normalization = normalization_;
  request.optimizer = [this](std::vector<NamedParameter> parameters) {
    return make_optimizer(run_.setting.optimizer, optimizer_host_, std::move(parameters),
                          run_.setting.learning_rate);
  };
  request.resume_file = context_.folder() / "resume.safetensors";
  request.identity = context_.step().identity();
  request.on_epoch = [this](const EpochRecord& record) { report_.epoch(record); };
  request.on_progress = [this](const TrainProgress& progress) { report_.progress(progress); };
  request.on_inference = [this](const InferenceProgress& progress) { report_.inference(progress); };
  request.on_warning = [this](const std::string& warning) { spdlog::warn("{}: {}", run_.label, warning); };
  request.on_note = [this](const std::string& note) { spdlog::info("{}: {}", run_.label, note); };
  return request;
}

void Training::write_best(const TrainResult& trained, const fs::path& file) const {
  const PatchSetInfo& patches = patches_.info();
  TensorFile checkpoint = trained.best;
  checkpoint.metadata = to_metadata({.model = run_.model.plugin->name(),
                                     .classes = patches.classes,
                                     .multi_label = patches.multi_label,
                                     .patch_side = patches.patch_side,
                                     .microns_per_pixel = patches.microns_per_pixel,
                                     .rounding = rounding(experiment_, run_.target),
                                     .normalization = normalization_,
                                     .provenance = provenance(experiment_, run_, context_, trained).dump()});
  write_safetensors(file, checkpoint);
}

StepResult Training::finished(const TrainResult& result) const {
  if (result.resumed_after > 0) spdlog::info("{}: resumed after epoch {}", run_.label, result.resumed_after);
  const fs::path file = context_.folder() / kFile;
  write_best(result, file);
  write_file_atomically(context_.folder() / "metrics.csv", metrics_csv(result.records));
  if (run_.recipe.log_layers) write_layers(run_, result.records, context_.folder() / kLayersFile);
  remove_what_was_kept();
  const EpochRecord& best = result.records.at(result.best_epoch);
  Json facts = {{"best_epoch", result.best_epoch + 1},
                {"best_selection_score", best.selection_score},
                {"valid_accuracy", best.valid_accuracy},
                {"valid_loss", best.valid_loss}};
  if (const auto high = high_loss(result.records, result.chance_loss)) {
    facts["high_loss"] = {{"first_epoch", high->first_epoch + 1},
                          {"epochs", high->epochs},
                          {"highest_valid_loss", high->highest},
                          {"chance_loss", high->chance}};
  }
  return {{{"checkpoint", {sha256_of_file(file), kFile}}}, summary(std::move(facts))};
}

StepResult Training::recorded(const Diverged& diverged) const {
  spdlog::warn("{}: {} It is one of several settings: the others continue, and this one is not chosen.",
               run_.label, diverged.what());
  const Json where = {{"epoch", diverged.epoch}, {"batch", diverged.batch}, {"says", diverged.what()}};
  const std::string text = where.dump(2) + "\n";
  write_file_atomically(context_.folder() / kDivergedFile, text);
  write_file_atomically(context_.folder() / "metrics.csv", metrics_csv(diverged.so_far->records));
  remove_what_was_kept();
  return {{{"checkpoint", {sha256_of_text(text), kDivergedFile}}},
          summary({{"diverged", where}, {"best_selection_score", nullptr}})};
}

Json Training::summary(Json of_result) const {
  of_result["selection"] = request_.selection;
  of_result["train_patches"] = train_.size();
  of_result["valid_patches"] = valid_.size();
  return of_result;
}

StepResult train_and_write(const Experiment& experiment, const TrainRun& run, const ComputeContext& compute,
                           StepContext& context) {
  const SplitSet split = open_split(context);
  for (const Split part : {Split::kTrain, Split::kValid})
    require_patches(split, part, run.target, ": training needs both");
  use(*compute.runtime);
  return Training(experiment, run, compute, context, split).run();
}

// SHA-256 of a file of weights that the experiment names at `place`, once it is known to be of the model.
std::string checked_file(const fs::path& file, const std::string& place, const ConfiguredPlugin& model) {
  const TensorFile weights = read_weights(file);
  const std::string name = place + ": " + file.string();
  const CheckpointInfo info = info_of(weights, name);
  if (info.model && *info.model != model.plugin->name()) {
    throw RunError(name + ": holds weights of the model \"" + *info.model + "\", expected \"" +
                   model.plugin->name() + "\"; name weights of that model, or set the recipe's `model`");
  }
  Network network(model, 1, 0);
  load(network, weights, name, {.allow_other_head = true});
  for (const ModelTensor& entry : network.model().tensors()) {
    if (entry.tensor.isfinite().all().item<bool>()) continue;
    throw RunError(name + ": \"" + entry.name + "\" holds NaN or infinity; give finite weights");
  }
  return sha256_of_file(file);
}

}  // namespace

std::string checked_weights(const Recipe& recipe, const ConfiguredPlugin& model) {
  return checked_file(recipe.weights, recipe.where + "recipes." + recipe.name + ".weights", model);
}

MergeBase checked_base(const DistillConfig& distill, const ConfiguredPlugin& model) {
  return {distill.base, checked_file(distill.base, distill.base_where, model)};
}

std::unique_ptr<Step> train_step(const Experiment& experiment, const TrainRun& run,
                                 const ComputeContext& compute) {
  auto step = new_step(PlanPart::kTrain);
  step->label = run.label;
  step->options = {
      {"model", run.model.json()},         {"setting", run.setting.json()},
      {"recipe", recipe_json(run.recipe)}, {"seed", run_seed(experiment.seed, run.target, run.trial)},
      {"device", compute.device},          {"precision", compute.precision}};
  // Asked for afterwards it trains again, since the file is not there; the weights come out the same.
  if (run.recipe.log_layers) step->options["log_layers"] = true;
  step->plugins = {plugin_json(*run.model.plugin), plugin_json(*run.setting.optimizer.plugin)};
  step->inputs.push_back({"split", run.split, "split"});
  if (run.initial) step->inputs.push_back({"initial", run.initial, run.initial_output});
  add_start(run, step->options);
  step->workload = training_workload(run.model.json(), run.recipe);
  step->work = [&experiment, run, &compute](StepContext& context) {
    return train_and_write(experiment, run, compute, context);
  };
  return step;
}

}  // namespace histokt
