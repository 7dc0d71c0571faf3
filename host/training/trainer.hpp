// SPDX-License-Identifier: MIT
// The trainer: epochs of steps, validation after each, the best epoch kept, and exact resume.
//
//   TrainRequest request;
//   request.model = &model; request.train = &train; request.valid = &valid;
//   request.optimizer = [](std::vector<NamedParameter> parameters) { return make_rmsgd(parameters); };
//   TrainResult result = train(request);   // result.best is the checkpoint of result.best_epoch
//
// The same request gives the same bits on the CPU (same machine, build and number of libtorch threads), also
// when it was interrupted and resumed, whatever the number of loader threads.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <histokt/model.hpp>
#include <histokt/optimizer.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/errors.hpp"
#include "base/patch_source.hpp"
#include "tensors/safetensors.hpp"
#include "training/augmentation.hpp"
#include "training/runtime.hpp"

namespace histokt {

enum class TrainedLayers { kAll, kHead };         // deep and fine tuning
enum class FrozenBatchNorm { kRunning, kBatch };  // statistics of an encoder that is not trained
// Whether rare classes weigh more in the loss (losses.hpp). kUsual: as published for multi-label patches, not
// for single-label ones.
enum class ClassWeighting { kUsual, kNone, kBalanced };

// Rates are multiplied by factor^(epoch / every), the division rounding down.
struct Schedule {
  int every = 0;  // epochs; 0 for no schedule
  double factor = 1;

  double rate_factor(int epoch) const;
};

struct EpochRecord {
  int epoch = 0;                              // from 0
  double train_loss = 0, train_accuracy = 0;  // means over the epoch, each batch before its step
  double valid_loss = 0, valid_accuracy = 0;
  double selection_score = 0;               // NaN if it is not defined
  double learning_rate = 0;                 // of the epoch's steps; the mean over tensors where they differ
  double seconds = 0;                       // of the whole epoch
  double patches_per_second = 0;            // of its training part
  double waiting_share = 0;                 // of its training part spent waiting for patches
  std::vector<LayerMeasure> measures = {};  // the optimizer's layer statistics
};

struct TrainProgress {
  int epoch = 0, epochs = 0;
  std::size_t patches = 0, patches_total = 0;  // of this epoch's training part
  double loss = 0, accuracy = 0;               // means so far
  double patches_per_second = 0;
  double waiting_share = 0;  // of the time so far, spent waiting for patches
};

// Progress of inference: the features of `views`, and validation.
struct InferenceProgress {
  int epoch = -1;                              // whose validation it is; -1: features, before the first epoch
  std::size_t patches = 0, patches_total = 0;  // of all views together
  double seconds = 0;                          // since it began
};

using OptimizerFactory = std::function<std::unique_ptr<Optimizer>(std::vector<NamedParameter>)>;

struct TrainRequest {
  Model* model = nullptr;  // with its starting weights and the right head; outlives the call
  OptimizerFactory optimizer;
  const PatchSource* train = nullptr;
  const PatchSource* valid = nullptr;
  Normalization normalization = {};

  int epochs = 250;
  std::size_t batch_size = 64;
  Schedule schedule = {};
  TrainedLayers layers = TrainedLayers::kAll;
  FrozenBatchNorm frozen_batch_norm = FrozenBatchNorm::kRunning;
  AugmentationOptions augmentation = {};
  // Above 0: the encoder, which must be frozen with running statistics, sees this many augmented views of
  // each patch once, and the head learns from their features. 0: every epoch augments again and runs the
  // encoder again.
  int views = 0;
  bool validate_clean = true;  // false: with the training augmentation, as published
  // The validation score that chooses the best epoch: a word of metrics.hpp that fits the labels.
  std::string selection = "accuracy";
  ClassWeighting class_weights = ClassWeighting::kUsual;
  std::vector<std::string> class_names = {};  // for warnings; empty: numbers are used
  std::uint64_t seed = 0;

  Runtime runtime = {};
  int loader_threads = 0;  // 0: chosen

  // The file of the resume point, written after an epoch once the interval has passed since the last, and
  // when training ends by an exception. Empty: none. It is not removed: remove it once the result is safe.
  std::filesystem::path resume_file = {};
  std::chrono::milliseconds resume_interval{60'000};
  // Identifies whatever else must be the same to use a resume point: models, optimizer, patches.
  std::string identity = {};

  // Called by the training thread; each may be empty. Progress comes after each batch, on CUDA twice a
  // second.
  std::function<void(const EpochRecord&)> on_epoch = {};
  std::function<void(const TrainProgress&)> on_progress = {};
  std::function<void(const InferenceProgress&)> on_inference = {};
  std::function<void(const std::string&)> on_warning = {};
  std::function<void(const std::string&)> on_note = {};  // notes for the log
};

// The epochs in which the validation loss of a training was out of bounds: above kLossBound times that of
// guessing, after the kSettlingEpochs first epochs, whose loss says little. Such a training is diverging,
// even if its values stay finite.
struct HighLoss {
  static constexpr double kLossBound = 10;
  static constexpr int kSettlingEpochs = 2;

  int first_epoch = 0, epochs = 0;  // the first such epoch, from 0, and how many there are
  double highest = 0, chance = 0;   // the highest validation loss among them, and the loss of guessing
};
std::optional<HighLoss> high_loss(const std::vector<EpochRecord>& records, double chance_loss);

struct TrainResult {
  std::vector<EpochRecord> records;  // all epochs, also those before a resume
  double chance_loss = 0;            // the validation loss of guessing
  int best_epoch = 0;                // the first of those with the highest score
  TensorFile best;                   // its state dict, without metadata; the model holds the same
  int resumed_after = 0;             // epochs that a resume point gave; 0 for none
};

// The loss, the weights or the logits of a training are not finite, most often because the rate is too large.
// The message names epoch, batch and rate.
class Diverged : public RunError {
 public:
  Diverged(const std::string& what, int in_epoch, std::size_t in_batch, TrainResult result)
      : RunError(what),
        epoch(in_epoch),
        batch(in_batch),
        so_far(std::make_shared<const TrainResult>(std::move(result))) {}

  int epoch;          // from 1
  std::size_t batch;  // of that epoch, from 1; the last if detected after it
  // The epochs before, and their best network; without records and tensors if there were none.
  std::shared_ptr<const TrainResult> so_far;
};

// Throws Diverged, RunError for patches or a model that do not fit and whatever a plugin threw, Interrupted
// within one batch. In each case the last finished epoch is in the resume file, if there is one; a shutdown
// hook writes it too (base/interrupt.hpp).
TrainResult train(const TrainRequest& request);

}  // namespace histokt
