#include <spdlog/spdlog.h>

#include <chrono>
#include <histokt/optimizer.hpp>
#include <set>

#include "base/digest.hpp"
#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/progress.hpp"
#include "base/random.hpp"
#include "base/text.hpp"
#include "base/version.hpp"
#include "config/augmentation_options.hpp"
#include "config/standardize_options.hpp"
#include "patches/split_set.hpp"
#include "steps/steps.hpp"
#include "steps/training_request.hpp"
#include "steps/training_start.hpp"
#include "tasks/guarded_network.hpp"
#include "tasks/network.hpp"
#include "tensors/weights.hpp"
#include "training/trainer.hpp"

namespace histokt {
namespace {

namespace fs = std::filesystem;

constexpr int kRevision = 1;
constexpr const char* kFile = "checkpoint.safetensors";
constexpr const char* kLayersFile = "layers.csv";
constexpr const char* kLastGoodFile = "last-good.safetensors";
constexpr const char* kDivergedFile = "diverged.json";
constexpr auto kPlainLineInterval = std::chrono::seconds(15);

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

// metrics.csv of DESIGN section 5; what came later stands behind.
std::string metrics_csv(const std::vector<EpochRecord>& records) {
  std::string text =
      "epoch,train_loss,train_accuracy,valid_loss,valid_accuracy,learning_rate,seconds,selection_score\n";
  for (const EpochRecord& r : records) {
    for (double value : {static_cast<double>(r.epoch + 1), r.train_loss, r.train_accuracy, r.valid_loss,
                         r.valid_accuracy, r.learning_rate, r.seconds}) {
      text += number_text(value) + ",";
    }
    text += number_text(r.selection_score) + "\n";
  }
  return text;
}

// A row for each layer and epoch: what the optimizer measured, a column for each kind of measure.
std::string layers_csv(const std::vector<EpochRecord>& records) {
  std::set<std::string> names;
  for (const EpochRecord& record : records) {
    for (const LayerMeasure& layer : record.measures) {
      for (const auto& [name, value] : layer.values) names.insert(name);
    }
  }
  std::string text = "epoch,layer";
  for (const std::string& name : names) text += "," + name;
  text += "\n";
  for (const EpochRecord& record : records) {
    for (const LayerMeasure& layer : record.measures) {
      text += std::to_string(record.epoch + 1) + "," + layer.parameter;
      for (const std::string& name : names) {
        const auto found = layer.values.find(name);
        text += "," + (found == layer.values.end() ? "" : number_text(found->second));
      }
      text += "\n";
    }
  }
  return text;
}

// One live line on a terminal, a plain line now and then elsewhere, every epoch in the log file.
class TrainingReport {
 public:
  TrainingReport(std::string label, int epochs) : label_(std::move(label)), epochs_(epochs) {}

  // What matters most stands first: a narrow terminal cuts the line off.
  void progress(const TrainProgress& p) {
    if (!live_progress()) return;
    const double share = static_cast<double>(p.images) / static_cast<double>(p.images_total);
    char text[240];
    std::snprintf(
        text, sizeof text,
        "epoch %d/%d %2.0f %%, %s left, loss %.3f, accuracy %.1f %%%s, %.0f images/s, waiting %.0f %%",
        p.epoch + 1, p.epochs, 100 * share, readable_seconds(seconds_left(p, share)).c_str(), p.loss,
        100 * p.accuracy, valid_.c_str(), p.images_per_second, 100 * p.waiting_share);
    show_live_line(label_ + ": " + text);
  }

  void answers(const AnswerProgress& p) {
    constexpr double kWorthSaying = 1;  // seconds of validation; features are made once, and take long
    const bool features = p.epoch < 0;
    if (!live_progress() || p.images == 0 || (!features && p.seconds < kWorthSaying)) return;
    const std::string what =
        features ? "features"
                 : "epoch " + std::to_string(p.epoch + 1) + "/" + std::to_string(epochs_) + ", validating";
    const double left =
        p.seconds / static_cast<double>(p.images) * static_cast<double>(p.images_total - p.images);
    show_live_line(label_ + ": " + what + " " + std::to_string(p.images) + " of " +
                   std::to_string(p.images_total) + " patches, " + readable_seconds(left) + " left");
  }

  void epoch(const EpochRecord& r) {
    seconds_ += r.seconds;
    ++seen_;
    const double left = seconds_ / seen_ * (epochs_ - r.epoch - 1);
    char text[240];
    std::snprintf(text, sizeof text,
                  "epoch %d/%d: loss %.3f, accuracy %.1f %%, valid loss %.3f, valid %.1f %%, %.0f images/s, "
                  "waiting %.0f %%, %s left",
                  r.epoch + 1, epochs_, r.train_loss, 100 * r.train_accuracy, r.valid_loss,
                  100 * r.valid_accuracy, r.images_per_second, 100 * r.waiting_share,
                  readable_seconds(left).c_str());
    char valid[32];
    std::snprintf(valid, sizeof valid, ", valid %.1f %%", 100 * r.valid_accuracy);
    valid_ = valid;
    const auto now = std::chrono::steady_clock::now();
    if (!live_progress() && now - said_ > kPlainLineInterval) {
      spdlog::info("{}: {}", label_, text);
      said_ = now;
    } else {
      spdlog::debug("{}: {}", label_, text);
    }
  }

  ~TrainingReport() { clear_live_line(); }

 private:
  // By whole epochs as soon as there is one; by the patches of the first until then, without its validation.
  double seconds_left(const TrainProgress& p, double share) const {
    const double an_epoch =
        seen_ > 0 ? seconds_ / seen_ : static_cast<double>(p.images_total) / p.images_per_second;
    return an_epoch * (p.epochs - p.epoch - share);
  }

  std::string label_;
  std::string valid_;  // the last epoch's, as it stands in the live line
  int epochs_, seen_ = 0;
  double seconds_ = 0;
  std::chrono::steady_clock::time_point said_ = std::chrono::steady_clock::now();
};

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

// How the dataset's pictures were rounded when they were rescaled.
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
    spdlog::warn("{}: optimizer {} measures no layers, so {} has no rows; rmsgd does", run.label,
                 run.setting.optimizer.plugin->name(), kLayersFile);
  }
  write_file_atomically(file, layers_csv(records));
}

void remove_quietly(const fs::path& file) {
  std::error_code ignored;
  fs::remove(file, ignored);
}

// A setting of several that diverged: a finished step all the same, so that the others go on.
StepResult divergence(const Diverged& diverged, const TrainRun& run, const TrainRequest& request,
                      const fs::path& folder) {
  spdlog::warn("{}: {} It is one of several settings: the others go on, and this one is not chosen.",
               run.label, diverged.what());
  const Json where = {{"epoch", diverged.epoch}, {"batch", diverged.batch}, {"says", diverged.what()}};
  const std::string text = where.dump(2) + "\n";
  write_file_atomically(folder / kDivergedFile, text);
  write_file_atomically(folder / "metrics.csv", metrics_csv(diverged.so_far->records));
  return {{{"checkpoint", {sha256_of_text(text), kDivergedFile}}},
          {{"diverged", where},
           {"selection", request.selection},
           {"best_selection_score", nullptr},
           {"train_patches", request.train->size()},
           {"valid_patches", request.valid->size()}}};
}

std::string what_is_kept(const TrainResult& so_far, const fs::path& file) {
  if (so_far.records.empty()) return " No epoch was finished before, so no network is kept.";
  return " The best network until then, of epoch " + std::to_string(so_far.best_epoch + 1) + ", is kept in " +
         file.string() + "; evaluate and predict take it.";
}

StepResult train_and_write(const Experiment& experiment, const TrainRun& run, const Workshop& workshop,
                           StepContext& context) {
  const SplitSet split(context.file("split"));
  const PatchSet& patches = *split.patches();
  for (const Split part : {Split::kTrain, Split::kValid})
    require_patches(split, part, run.target, ": training needs both");
  const SplitView train_patches = split.train(), valid_patches = split.valid();
  const std::uint64_t seed = run_seed(experiment.seed, run.target, run.trial);

  use(*workshop.runtime);
  Network network(run.model, patches.class_count(), seed);
  const Normalization normalization = start(network, run, split, context, seed);

  const ConfiguredPlugin& optimizer = run.setting.optimizer;
  const PluginHost optimizer_host(optimizer.plugin->title(), optimizer.plugin->file(), fs::path());
  TrainingReport report(run.label, run.recipe.epochs);
  TrainRequest request = training_request(run.recipe, workshop);
  request.seed = seed;
  request.model = &network.model();
  request.selection = selection_of(run.recipe, patches.info().multi_label, run.target);
  request.class_names = patches.info().classes;
  request.train = &train_patches;
  request.valid = &valid_patches;
  request.normalization = normalization;
  request.optimizer = [&](std::vector<NamedParameter> parameters) {
    return make_optimizer(optimizer, optimizer_host, std::move(parameters), run.setting.learning_rate);
  };
  request.resume_file = context.folder() / "resume.safetensors";
  request.identity = context.step().identity();
  request.on_epoch = [&](const EpochRecord& record) { report.epoch(record); };
  request.on_progress = [&](const TrainProgress& progress) { report.progress(progress); };
  request.on_answers = [&](const AnswerProgress& progress) { report.answers(progress); };
  request.on_warning = [&](const std::string& warning) { spdlog::warn("{}: {}", run.label, warning); };
  request.on_note = [&](const std::string& note) { spdlog::info("{}: {}", run.label, note); };

  const auto write_best = [&](const TrainResult& trained, const fs::path& file) {
    TensorFile checkpoint = trained.best;
    checkpoint.metadata = to_metadata({.model = run.model.plugin->name(),
                                       .classes = patches.info().classes,
                                       .multi_label = patches.info().multi_label,
                                       .patch_side = patches.info().patch_side,
                                       .microns_per_pixel = patches.info().microns_per_pixel,
                                       .rounding = rounding(experiment, run.target),
                                       .normalization = request.normalization,
                                       .provenance = provenance(experiment, run, context, trained).dump()});
    write_safetensors(file, checkpoint);
  };
  const fs::path last_good = context.folder() / kLastGoodFile;
  TrainResult result;
  try {
    result = train(request);
  } catch (const Diverged& diverged) {
    if (run.one_of_several) {
      StepResult recorded = divergence(diverged, run, request, context.folder());
      remove_quietly(request.resume_file);
      remove_quietly(last_good);
      return recorded;
    }
    if (!diverged.so_far->records.empty()) write_best(*diverged.so_far, last_good);
    throw RunError(diverged.what() + what_is_kept(*diverged.so_far, last_good));
  }
  if (result.resumed_after > 0) spdlog::info("{}: went on after epoch {}", run.label, result.resumed_after);

  write_best(result, context.folder() / kFile);
  write_file_atomically(context.folder() / "metrics.csv", metrics_csv(result.records));
  if (run.recipe.log_layers) write_layers(run, result.records, context.folder() / kLayersFile);
  remove_quietly(request.resume_file);
  remove_quietly(last_good);

  const EpochRecord& best = result.records.at(result.best_epoch);
  return {{{"checkpoint", {sha256_of_file(context.folder() / kFile), kFile}}},
          {{"best_epoch", result.best_epoch + 1},
           {"selection", request.selection},
           {"best_selection_score", best.selection_score},
           {"valid_accuracy", best.valid_accuracy},
           {"valid_loss", best.valid_loss},
           {"train_patches", train_patches.size()},
           {"valid_patches", valid_patches.size()}}};
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
    throw RunError(name + ": \"" + entry.name + "\" holds NaN or infinity; name weights of finite numbers");
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
                                 const Workshop& workshop) {
  auto step = std::make_unique<Step>();
  step->kind = "train";
  step->revision = kRevision;
  step->label = run.label;
  step->options = {
      {"model", run.model.json()},         {"setting", run.setting.json()},
      {"recipe", recipe_json(run.recipe)}, {"seed", run_seed(experiment.seed, run.target, run.trial)},
      {"device", workshop.device},         {"precision", workshop.precision}};
  // Asked for afterwards it trains again, since the file is not there; the weights come out the same.
  if (run.recipe.log_layers) step->options["log_layers"] = true;
  step->plugins = {plugin_json(*run.model.plugin), plugin_json(*run.setting.optimizer.plugin)};
  step->inputs.push_back({"split", run.split, "split"});
  if (run.initial) step->inputs.push_back({"initial", run.initial, run.initial_output});
  add_start(run, step->options);
  step->work = [&experiment, run, &workshop](StepContext& context) {
    return train_and_write(experiment, run, workshop, context);
  };
  return step;
}

}  // namespace histokt
