// Training a network: epochs of steps, validation after each, the best epoch kept, and exact resume.
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
// Whether rare classes weigh more in the loss (losses.hpp). kUsual: as published, where patches have several
// labels; not at all where they have one.
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
  double selection_score = 0;               // NaN where it is not defined
  double learning_rate = 0;                 // of the epoch's steps; the mean over tensors where they differ
  double seconds = 0;                       // of the whole epoch
  double images_per_second = 0;             // of its training part
  double waiting_share = 0;                 // of its training part spent waiting for patches
  std::vector<LayerMeasure> measures = {};  // what the optimizer measured
};

struct TrainProgress {
  int epoch = 0, epochs = 0;
  std::size_t images = 0, images_total = 0;  // of this epoch's training part
  double loss = 0, accuracy = 0;             // means so far
  double images_per_second = 0;
  double waiting_share = 0;  // of the time so far, spent waiting for patches
};

// How far the network has come where it only answers: the features of `views`, and validation.
struct AnswerProgress {
  int epoch = -1;                            // whose validation it is; -1: features, before the first epoch
  std::size_t images = 0, images_total = 0;  // of all views together
  double seconds = 0;                        // since it began
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
  // each patch once, and the head learns from their features. Without, every epoch augments anew and runs the
  // encoder again.
  int views = 0;
  bool validate_clean = true;  // false: with the training augmentation, as published
  // What the best epoch is chosen by, on the validation patches: a word of metrics.hpp that fits their
  // labels.
  std::string selection = "accuracy";
  ClassWeighting class_weights = ClassWeighting::kUsual;
  std::vector<std::string> class_names = {};  // for warnings; empty: numbers are said
  std::uint64_t seed = 0;

  Runtime runtime = {};
  int loader_threads = 0;  // 0: chosen

  // Where a resume point is kept, written after an epoch once the interval has passed since the last, and
  // when training ends by an exception. Empty: none. It is left there: remove it once the result is safe.
  std::filesystem::path resume_file = {};
  std::chrono::milliseconds resume_interval{60'000};
  // Of whatever else must be the same for a resume point to be taken up: models, optimizer, patches.
  std::string identity = {};

  // Called by the training thread; each may be empty. Progress comes after each batch, on CUDA twice a
  // second.
  std::function<void(const EpochRecord&)> on_epoch = {};
  std::function<void(const TrainProgress&)> on_progress = {};
  std::function<void(const AnswerProgress&)> on_answers = {};
  std::function<void(const std::string&)> on_warning = {};
  std::function<void(const std::string&)> on_note = {};  // what may be of interest in a log
};

struct TrainResult {
  std::vector<EpochRecord> records;  // all epochs, those before a resume too
  int best_epoch = 0;                // the first of those with the highest score
  TensorFile best;                   // its state dict, without metadata; the model holds the same
  int resumed_after = 0;             // epochs that a resume point gave; 0 for none
};

// Training came to a loss, weights or answers that are not finite; most often the rate is too large. The
// message names epoch, batch and rate.
class Diverged : public RunError {
 public:
  Diverged(const std::string& what, int in_epoch, std::size_t in_batch, TrainResult result)
      : RunError(what),
        epoch(in_epoch),
        batch(in_batch),
        so_far(std::make_shared<const TrainResult>(std::move(result))) {}

  int epoch;          // from 1
  std::size_t batch;  // of that epoch, from 1: the last where it was found out behind it
  // The epochs before, and the best network of them; without records and tensors where there was none.
  std::shared_ptr<const TrainResult> so_far;
};

// Throws Diverged, RunError for patches or a model that do not fit and whatever a plugin threw, Interrupted
// within one batch. In each case the last finished epoch is in the resume file, where there is one; it is one
// of the last words, too (base/interrupt.hpp).
TrainResult train(const TrainRequest& request);

}  // namespace histokt
