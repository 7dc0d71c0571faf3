// SPDX-License-Identifier: MIT
#include "training/trainer.hpp"

#include <torch/utils.h>

#include <algorithm>
#include <cmath>
#include <mutex>

#include "base/errors.hpp"
#include "base/interrupt.hpp"
#include "base/random.hpp"
#include "base/text.hpp"
#include "training/autocast.hpp"
#include "training/checkpoint.hpp"
#include "training/epoch_sums.hpp"
#include "training/frozen_features.hpp"
#include "training/inference.hpp"
#include "training/loader.hpp"
#include "training/losses.hpp"
#include "training/resident_patches.hpp"
#include "training/resume.hpp"
#include "training/validation.hpp"

namespace histokt {
namespace {

using Clock = std::chrono::steady_clock;

// How long a CUDA device is left to work before its losses are looked at, which waits for it.
constexpr std::chrono::milliseconds kReadInterval{500};

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void check(const TrainRequest& request) {
  if (!request.model || !request.optimizer || !request.train || !request.valid) {
    throw RunError("Training needs a model, an optimizer, training patches and validation patches.");
  }
  const PatchSource &train = *request.train, &valid = *request.valid;
  if (train.size() == 0) {
    throw RunError("There are no training patches. Look at the split: its train part must not be empty.");
  }
  if (valid.size() == 0) {
    throw RunError(
        "There are no validation patches, and the best epoch is chosen by them. Look at the split: its "
        "valid part must not be empty.");
  }
  if (train.patch_side() != valid.patch_side() || train.class_count() != valid.class_count() ||
      train.multi_label() != valid.multi_label()) {
    throw RunError("Training and validation patches differ in side, classes or kind of label: " +
                   std::to_string(train.patch_side()) + " and " + std::to_string(valid.patch_side()) +
                   " pixels, " + std::to_string(train.class_count()) + " and " +
                   std::to_string(valid.class_count()) + " classes. Both must come from one patch set.");
  }
  if (request.epochs < 1 || request.batch_size < 1) {
    throw RunError("Training needs at least 1 epoch and 1 patch a batch; asked for were " +
                   std::to_string(request.epochs) + " and " + std::to_string(request.batch_size) + ".");
  }
  const bool frozen = request.layers == TrainedLayers::kHead &&
                      request.frozen_batch_norm == FrozenBatchNorm::kRunning && request.validate_clean;
  if (request.views < 0 || (request.views > 0 && !frozen)) {
    throw RunError("Training with " + std::to_string(request.views) +
                   " views of each patch needs the head alone to be trained, batch-norm frozen with running "
                   "statistics and clean validation: views are features that stay. Leave views out.");
  }
}

double mean_rate(const std::vector<double>& rates) {
  if (rates.empty()) return 0;
  const bool equal = std::all_of(rates.begin(), rates.end(), [&](double rate) { return rate == rates[0]; });
  if (equal) return rates[0];
  double sum = 0;
  for (double rate : rates) sum += rate;
  return sum / static_cast<double>(rates.size());
}

// One run of train(). Its methods follow the course of an epoch.
class Training {
 public:
  explicit Training(const TrainRequest& request)
      : request_(request), model_(*request.model), table_(request.normalization), labels_(*request.valid) {}

  TrainResult run() {
    use(request_.runtime);
    prepare();
    {
      // Also if an interruption ends the process while this thread is in a long step.
      const ShutdownHook saving([this] { try_to_save_last_epoch(); });
      try {
        for (int epoch = point_.epochs_done(); epoch < request_.epochs; ++epoch) run_epoch(epoch);
      } catch (...) {
        try_to_save_last_epoch();
        throw;
      }
    }
    return finish();
  }

  int epochs_done() const { return point_.epochs_done(); }

 private:
  bool head_only() const { return request_.layers == TrainedLayers::kHead; }
  bool multi_label() const { return request_.train->multi_label(); }
  bool resumable() const { return !request_.resume_file.empty(); }
  void warn(const std::string& text) const {
    if (request_.on_warning) request_.on_warning(text);
  }

  void prepare();
  void weigh_classes();
  void choose_parameters();
  void place_patches();
  NamedTensors model_tensors();
  NamedTensors optimizer_tensors() const;

  void run_epoch(int epoch);
  void train_part(EpochRecord& record);
  std::unique_ptr<Batches> begin_epoch(int epoch);
  bool train_on(const Batch& batch, double rate_factor, EpochSums& sums, const EpochRecord& record);
  torch::Tensor forward(const torch::Tensor& images);
  torch::Tensor classify(const torch::Tensor& features);
  torch::Tensor loss_of(const torch::Tensor& logits, const torch::Tensor& labels) const;
  void require_finite(const EpochSums& sums, const EpochRecord& record) const;
  void check_weights(const EpochRecord& record);
  torch::Tensor validation_logits_after(int epoch);
  void validation_part(EpochRecord& record);
  [[noreturn]] void diverge(const EpochRecord& record, const std::string& what, std::size_t batch) const;
  void keep(const EpochRecord& record);
  void save_last_epoch();  // needs the mutex
  void try_to_save_last_epoch() noexcept;
  TrainResult so_far() const;
  TrainResult finish();

  const TrainRequest& request_;
  Model& model_;
  const NormalizationTable table_;
  const PatchLabels labels_;
  ClassWeights class_weights_;
  double chance_loss_ = 0;
  bool warned_of_high_loss_ = false;
  torch::Tensor weights_;  // those of the classes, on the device; undefined where all weigh the same
  std::vector<torch::Tensor> parameters_;
  std::vector<bool>
      changing_;  // of the model's tensors: where features are at hand, its encoder stands still
  std::unique_ptr<Optimizer> optimizer_;
  std::optional<FrozenFeatures> features_;                          // where views were asked for
  std::optional<ResidentPatches> resident_train_, resident_valid_;  // where they are kept on the device
  std::size_t batch_count_ = 0;                                     // of an epoch

  // Held while the last finished epoch changes or is saved: last words save it from another thread.
  std::mutex point_mutex_;
  // After the last finished epoch. model and optimizer are copies only where a resume file is kept.
  ResumePoint point_;
  int resumed_after_ = 0, saved_epochs_ = 0;
  Clock::time_point saved_at_ = Clock::now();
};

void Training::prepare() {
  weigh_classes();
  place(model_, request_.runtime);
  if (resumable()) point_.fingerprint = training_fingerprint(request_, model_tensors());
  std::optional<ResumePoint> found =
      read_resume_point(request_.resume_file, point_.fingerprint, request_.on_warning);
  if (found) {
    point_ = std::move(*found);
    const torch::NoGradGuard no_gradient;
    NamedTensors now = model_tensors();
    for (std::size_t i = 0; i < now.size(); ++i) now[i].second.copy_(point_.model.at(i).second);
    resumed_after_ = saved_epochs_ = point_.epochs_done();
  }
  if (request_.views > 0) {
    features_.emplace(model_, request_);
  } else {
    place_patches();
  }
  choose_parameters();
  if (found) optimizer_->load_state({point_.optimizer.begin(), point_.optimizer.end()});
}

void Training::place_patches() {
  const TrainRequest& r = request_;
  const auto place = [&](const PatchSource& patches, const std::optional<AugmentationOptions>& augmentation,
                         const std::string& which) {
    const auto say = [&](const std::string& what) {
      if (r.on_note) r.on_note(which + " patches " + what);
    };
    return ResidentPatches::where_they_fit(patches, table_, augmentation, r.batch_size, r.runtime, say);
  };
  resident_train_ = place(*r.train, r.augmentation, "training");
  resident_valid_ =
      place(*r.valid, r.validate_clean ? std::nullopt : std::optional(r.augmentation), "validation");
}

void Training::weigh_classes() {
  const ClassWeighting how = request_.class_weights;
  const bool balanced = how == ClassWeighting::kBalanced || (how == ClassWeighting::kUsual && multi_label());
  class_weights_ = balanced ? balanced_weights(*request_.train) : equal_weights(*request_.train);
  for (int c : class_weights_.absent) {
    const auto at = static_cast<std::size_t>(c);
    warn("No training patch shows the class " +
         (at < request_.class_names.size() ? request_.class_names[at] : std::to_string(c) + " (from 0)") +
         ", so it cannot be learnt. Training goes on without it; look at the split.");
  }
  if (balanced || multi_label()) {
    weights_ = torch::tensor(class_weights_.values).to(request_.runtime.device);
  } else {
    class_weights_.values.clear();
  }
  chance_loss_ = chance_loss(request_.train->class_count(), multi_label(), class_weights_.values);
}

NamedTensors Training::model_tensors() {
  NamedTensors tensors;
  for (const ModelTensor& t : model_.tensors()) tensors.emplace_back(t.name, t.tensor.detach());
  return tensors;
}

NamedTensors Training::optimizer_tensors() const {
  const auto state = optimizer_->state();
  return {state.begin(), state.end()};
}

void Training::choose_parameters() {
  std::vector<NamedParameter> chosen;
  for (const ModelTensor& t : model_.tensors()) {
    changing_.push_back(!features_ || t.role == HISTOKT_ROLE_HEAD);
    if (!t.trainable) continue;
    const bool trained = !head_only() || t.role == HISTOKT_ROLE_HEAD;
    torch::Tensor tensor = t.tensor;
    tensor.set_requires_grad(trained);
    tensor.mutable_grad() = torch::Tensor();
    if (trained) chosen.push_back({t.name, tensor});
  }
  if (chosen.empty())
    throw RunError(
        "The model has no tensors to train: its plugin marks none of its parameters as the head's. Train all "
        "layers, or tell the plugin's authors.");
  for (const NamedParameter& parameter : chosen) parameters_.push_back(parameter.tensor);
  optimizer_ = request_.optimizer(std::move(chosen));
}

void Training::run_epoch(int epoch) {
  const Clock::time_point start = Clock::now();
  EpochRecord record;
  record.epoch = epoch;
  // Whatever the network itself draws (dropout, say) must not hang on what ran before.
  torch::manual_seed(Random{request_.seed, random_word("network"), static_cast<std::uint64_t>(epoch)}.bits());
  train_part(record);
  check_weights(record);
  optimizer_->epoch_end();
  record.measures = optimizer_->measures();
  validation_part(record);
  record.seconds = seconds_since(start);
  keep(record);
  if (request_.on_epoch) request_.on_epoch(record);
}

torch::Tensor Training::forward(const torch::Tensor& images) {
  torch::Tensor features;
  {
    const AutocastScope autocast(request_.runtime);
    if (!head_only()) return model_.forward(images).to(torch::kFloat32);
    const torch::NoGradGuard no_gradient;
    features = model_.pool(model_.encode(images));
  }
  return classify(features);
}

torch::Tensor Training::classify(const torch::Tensor& features) {
  const AutocastScope autocast(request_.runtime);
  return model_.classify(features).to(torch::kFloat32);
}

torch::Tensor Training::loss_of(const torch::Tensor& logits, const torch::Tensor& labels) const {
  if (logits.dim() != 2 || logits.size(1) != request_.train->class_count()) {
    throw RunError("The model's logits have " + std::to_string(logits.size(-1)) +
                   " classes and the patches " + std::to_string(request_.train->class_count()) +
                   ". Replace the head.");
  }
  return multi_label() ? soft_margin(logits, labels, weights_) : cross_entropy(logits, labels, weights_);
}

void Training::require_finite(const EpochSums& sums, const EpochRecord& record) const {
  const auto& found = sums.not_finite();
  if (found) diverge(record, "The loss became " + number_text(found->loss), found->batch);
}

// All batches of an epoch; nullptr where their features are at hand.
std::unique_ptr<Batches> Training::begin_epoch(int epoch) {
  const TrainRequest& r = request_;
  if (features_) {
    features_->begin(epoch);
    return nullptr;
  }
  const auto number = static_cast<std::uint64_t>(epoch);
  Pass pass{.order = shuffled_order(r.train->size(), r.seed, number), .batch_size = r.batch_size};
  pass.augmentation = r.augmentation;
  pass.seed = r.seed;
  pass.stream = random_word("training");
  pass.epoch = number;
  pass.join_lone_patch = true;
  return begin_pass(resident_train_ ? &*resident_train_ : nullptr, *r.train, table_, std::move(pass),
                    {r.loader_threads, r.runtime.channels_last, r.runtime.device.is_cuda()});
}

// One step of the optimizer. True where the sums so far have been read.
bool Training::train_on(const Batch& batch, double rate_factor, EpochSums& sums, const EpochRecord& record) {
  const torch::Device& device = request_.runtime.device;
  const torch::Tensor labels = batch.labels.to(device);
  const torch::Tensor images = batch.images.to(device);
  const torch::Tensor logits = features_ ? classify(images) : forward(images);
  const torch::Tensor loss = loss_of(logits, labels);
  const torch::Tensor hits =
      multi_label() ? (logits.detach() > 0).eq(labels > 0.5) : logits.detach().argmax(1).eq(labels);
  sums.add(loss.detach(), hits.sum(), static_cast<std::size_t>(labels.size(0)));
  const bool known = sums.read_if_due();
  require_finite(sums, record);
  for (torch::Tensor& parameter : parameters_) parameter.mutable_grad() = torch::Tensor();
  loss.backward();
  optimizer_->step(rate_factor);
  return known;
}

void Training::train_part(EpochRecord& record) {
  const TrainRequest& r = request_;
  const double rate_factor = r.schedule.rate_factor(record.epoch);
  record.learning_rate = mean_rate(optimizer_->learning_rates()) * rate_factor;
  model_.set_training(true, head_only() && r.frozen_batch_norm == FrozenBatchNorm::kRunning);
  const Clock::time_point start = Clock::now();
  const std::unique_ptr<Batches> made = begin_epoch(record.epoch);
  Batches& batches = features_ ? *features_ : *made;
  batch_count_ = batches.batch_count();

  const double labels_a_patch = multi_label() ? r.train->class_count() : 1;
  EpochSums sums(r.runtime.device.is_cuda() ? kReadInterval : std::chrono::milliseconds(0));
  while (const std::optional<Batch> batch = batches.next()) {
    throw_if_interrupted();
    const bool known = train_on(*batch, rate_factor, sums, record);
    if (!known || !r.on_progress) continue;
    const double seconds = seconds_since(start);
    r.on_progress({record.epoch, r.epochs, sums.patches(), r.train->size(), sums.loss(),
                   sums.hits_per_patch() / labels_a_patch, static_cast<double>(sums.patches()) / seconds,
                   batches.waited_seconds() / seconds});
  }
  sums.read();
  require_finite(sums, record);
  const double seconds = seconds_since(start);
  record.train_loss = sums.loss();
  record.train_accuracy = sums.hits_per_patch() / labels_a_patch;
  record.patches_per_second = static_cast<double>(sums.patches()) / seconds;
  record.waiting_share = batches.waited_seconds() / seconds;
}

void Training::diverge(const EpochRecord& record, const std::string& what, std::size_t batch) const {
  throw Diverged(what + " in epoch " + std::to_string(record.epoch + 1) + ", batch " + std::to_string(batch) +
                     " of " + std::to_string(batch_count_) + ", at a learning rate of " +
                     number_text(record.learning_rate) +
                     ". Take a smaller rate, or float32 where bfloat16 was used.",
                 record.epoch + 1, batch, so_far());
}

// No loss was taken after the epoch's last step.
void Training::check_weights(const EpochRecord& record) {
  for (const ModelTensor& t : model_.tensors()) {
    if (!t.tensor.requires_grad() || t.tensor.detach().isfinite().all().item<bool>()) continue;
    diverge(record, "The weights of \"" + t.name + "\" became infinite or NaN", batch_count_);
  }
}

torch::Tensor Training::validation_logits_after(int epoch) {
  if (!features_) {
    return validation_logits(model_, request_, epoch, resident_valid_ ? &*resident_valid_ : nullptr);
  }
  const torch::NoGradGuard no_gradient;
  model_.set_training(false, false);
  return classify(features_->validation()).to(torch::kCPU).contiguous();
}

void Training::validation_part(EpochRecord& record) {
  const torch::Tensor logits = validation_logits_after(record.epoch);
  if (!logits.isfinite().all().item<bool>()) {
    diverge(record, "The logits of validation patches became infinite or NaN", batch_count_);
  }
  const ValidationResult result = evaluate(logits, request_, labels_, class_weights_.values);
  record.valid_loss = result.loss;
  record.valid_accuracy = result.accuracy;
  record.selection_score = result.selection_score;
  if (!warned_of_high_loss_ && high_loss({record}, chance_loss_)) {
    warned_of_high_loss_ = true;
    warn("After epoch " + std::to_string(record.epoch + 1) + " the validation loss is " +
         number_text(record.valid_loss) + ", more than " + number_text(HighLoss::kLossBound) + " times the " +
         number_text(chance_loss_) +
         " of guessing: the training is diverging. Take a smaller learning rate.");
  }
}

void Training::keep(const EpochRecord& record) {
  const std::lock_guard lock(point_mutex_);
  const NamedTensors now = model_tensors();
  const auto is_better = [this](double score) {
    if (point_.best_epoch < 0) return true;
    const double best = point_.records[static_cast<std::size_t>(point_.best_epoch)].selection_score;
    return score > best || (std::isnan(best) && !std::isnan(score));
  };
  if (is_better(record.selection_score)) {
    point_.best_epoch = record.epoch;
    remember(now, point_.best, changing_);
  }
  point_.records.push_back(record);
  if (!resumable()) return;
  remember(now, point_.model, changing_);
  remember(optimizer_tensors(), point_.optimizer);
  if (Clock::now() - saved_at_ >= request_.resume_interval) save_last_epoch();
}

void Training::save_last_epoch() {
  if (!resumable() || point_.epochs_done() == saved_epochs_) return;
  write_resume_point(request_.resume_file, point_);
  saved_epochs_ = point_.epochs_done();
  saved_at_ = Clock::now();
}

// Called during another exception, which matters more than a full disk, or as a shutdown hook.
void Training::try_to_save_last_epoch() noexcept {
  try {
    const std::lock_guard lock(point_mutex_);
    save_last_epoch();
  } catch (const std::exception& error) {
    try {
      warn(std::string("The last epoch could not be kept: ") + error.what());
    } catch (...) {
      return;
    }
  }
}

TrainResult Training::so_far() const {
  TrainResult result;
  for (const auto& [name, tensor] : point_.best) result.best.tensors.push_back(stored(name, tensor));
  result.records = point_.records;
  result.best_epoch = point_.best_epoch;
  result.chance_loss = chance_loss_;
  result.resumed_after = resumed_after_;
  return result;
}

TrainResult Training::finish() {
  const torch::NoGradGuard no_gradient;
  NamedTensors now = model_tensors();
  for (std::size_t i = 0; i < now.size(); ++i) now[i].second.copy_(point_.best.at(i).second);
  model_.set_training(false, false);
  return so_far();
}

}  // namespace

std::optional<HighLoss> high_loss(const std::vector<EpochRecord>& records, double chance_loss) {
  std::optional<HighLoss> found;
  for (const EpochRecord& record : records) {
    if (record.epoch < HighLoss::kSettlingEpochs) continue;
    if (record.valid_loss <= HighLoss::kLossBound * chance_loss) continue;
    if (!found) found = {.first_epoch = record.epoch, .chance = chance_loss};
    ++found->epochs;
    found->highest = std::max(found->highest, record.valid_loss);
  }
  return found;
}

double Schedule::rate_factor(int epoch) const {
  return every > 0 ? std::pow(factor, epoch / every) : 1.0;
}

TrainResult train(const TrainRequest& request) {
  check(request);
  Training training(request);
  const auto failed = [&](const std::string& what) {
    return RunError("Training failed in epoch " + std::to_string(training.epochs_done() + 1) + ": " + what);
  };
  try {
    return training.run();
  } catch (const Interrupted&) {
    throw;
  } catch (const RunError&) {
    throw;
  } catch (const RequestError&) {
    throw;
  } catch (const c10::Error& error) {
    throw failed(error.what_without_backtrace());
  } catch (const std::exception& error) {
    throw failed(error.what());
  }
}

}  // namespace histokt
