// SPDX-License-Identifier: MIT
#include <torch/utils.h>

#include "training/trainer.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <optional>

#include "base/errors.hpp"
#include "base/files.hpp"
#include "base/interrupt.hpp"
#include "support/tiny_model.hpp"
#include "training/inference.hpp"

namespace histokt {
namespace {

using testing::ColouredPatches;
using testing::PlainSgd;
using testing::TinyModel;

const ColouredPatches& train_patches() {
  static const ColouredPatches patches(45, 3);
  return patches;
}
const ColouredPatches& valid_patches() {
  static const ColouredPatches patches(20, 3, false, 16, 9);
  return patches;
}

TrainRequest request_for(Model& model, int epochs = 6) {
  TrainRequest request;
  request.model = &model;
  request.optimizer = [](std::vector<NamedParameter> p) {
    return std::make_unique<PlainSgd>(std::move(p), 0.05);
  };
  request.train = &train_patches();
  request.valid = &valid_patches();
  request.normalization = {{.4, .4, .4}, {.2, .2, .2}};
  request.epochs = epochs;
  request.batch_size = 8;
  request.schedule = {2, 0.5};
  request.seed = 11;
  request.loader_threads = 1;
  return request;
}

void expect_same(const TrainResult& a, const TrainResult& b) {
  EXPECT_EQ(a.best_epoch, b.best_epoch);
  ASSERT_EQ(a.best.tensors.size(), b.best.tensors.size());
  for (std::size_t i = 0; i < a.best.tensors.size(); ++i) {
    EXPECT_EQ(a.best.tensors[i].bytes, b.best.tensors[i].bytes) << a.best.tensors[i].name;
  }
  ASSERT_EQ(a.records.size(), b.records.size());
  for (std::size_t i = 0; i < a.records.size(); ++i) {
    EXPECT_EQ(a.records[i].train_loss, b.records[i].train_loss) << i;
    EXPECT_EQ(a.records[i].train_accuracy, b.records[i].train_accuracy) << i;
    EXPECT_EQ(a.records[i].valid_loss, b.records[i].valid_loss) << i;
    EXPECT_EQ(a.records[i].valid_accuracy, b.records[i].valid_accuracy) << i;
    EXPECT_EQ(a.records[i].learning_rate, b.records[i].learning_rate) << i;
    EXPECT_EQ(a.records[i].measures[0].values, b.records[i].measures[0].values) << i;
  }
}

// A path of its own, removed before and after.
class ResumeFile {
 public:
  ResumeFile() : path_(temporary_beside(std::filesystem::temp_directory_path() / "resume.safetensors")) {
    remove();
  }
  ~ResumeFile() { remove(); }
  const std::filesystem::path& path() const { return path_; }

 private:
  void remove() { std::filesystem::remove(path_); }
  std::filesystem::path path_;
};

// Trains, is interrupted in the middle of `epoch`, and forgets the interruption.
void interrupt_in(TrainRequest request, int epoch) {
  request.on_progress = [epoch](const TrainProgress& p) {
    if (p.epoch == epoch && p.patches > 16) set_interrupt_requested(true);
  };
  EXPECT_THROW(train(request), Interrupted);
  set_interrupt_requested(false);
}

TEST(Training, LearnsWhatCanBeLearnt) {
  TinyModel model(3);
  TrainRequest request = request_for(model, 15);
  request.schedule = {};
  const TrainResult result = train(request);
  EXPECT_GT(result.records[static_cast<std::size_t>(result.best_epoch)].valid_accuracy, 0.9);
  EXPECT_LT(result.records.back().train_loss, result.records.front().train_loss);
}

TEST(Training, OfTheSameSeedGivesTheSameBitsForAnyNumberOfLoaderThreads) {
  TinyModel first(3), second(3);
  TrainRequest request = request_for(second);
  request.loader_threads = 3;
  expect_same(train(request_for(first)), train(request));
}

TEST(Training, OfAnotherSeedDiffers) {
  TinyModel first(3), second(3);
  TrainRequest request = request_for(second);
  request.seed = 12;
  EXPECT_NE(train(request_for(first)).records[0].train_loss, train(request).records[0].train_loss);
}

TEST(Resume, GivesTheSameBitsAsAnUndisturbedRun) {
  TinyModel undisturbed(3), interrupted(3), resumed(3);
  const ResumeFile file;
  TrainRequest first = request_for(interrupted), second = request_for(resumed);
  first.resume_file = second.resume_file = file.path();
  interrupt_in(first, 3);
  const TrainResult result = train(second);
  EXPECT_EQ(result.resumed_after, 3);
  expect_same(train(request_for(undisturbed)), result);
}

TEST(Resume, TakesUpAPointWrittenAfterTheInterval) {
  TinyModel first(3), second(3);
  const ResumeFile file;
  TrainRequest request = request_for(first), again = request_for(second);
  request.resume_file = again.resume_file = file.path();
  request.resume_interval = std::chrono::milliseconds(0);
  const TrainResult whole = train(request), from_file = train(again);
  EXPECT_EQ(from_file.resumed_after, 6);
  expect_same(whole, from_file);
}

TEST(Resume, IgnoresAPointOfOtherSettingsAndSaysSo) {
  TinyModel first(3), second(3), undisturbed(3);
  const ResumeFile file;
  TrainRequest request = request_for(first), other = request_for(second);
  request.resume_file = other.resume_file = file.path();
  interrupt_in(request, 2);
  other.identity = "another step";
  std::string warning;
  other.on_warning = [&](const std::string& text) { warning = text; };
  EXPECT_EQ(train(other).resumed_after, 0);
  EXPECT_NE(warning.find("other settings"), std::string::npos) << warning;
}

TEST(Resume, IgnoresADamagedFileAndSaysSo) {
  TinyModel model(3);
  const ResumeFile file;
  write_file_atomically(file.path(), "not a tensor file");
  TrainRequest request = request_for(model, 1);
  request.resume_file = file.path();
  int warnings = 0;
  request.on_warning = [&](const std::string&) { ++warnings; };
  EXPECT_EQ(train(request).resumed_after, 0);
  EXPECT_EQ(warnings, 1);
}

TEST(Training, KeepsTheFirstOfTheBestEpochs) {
  TinyModel model(3);
  const TrainResult result = train(request_for(model));
  double best = -1;
  int first = -1;
  for (const EpochRecord& r : result.records) {
    if (r.valid_accuracy > best) best = r.valid_accuracy, first = r.epoch;
  }
  EXPECT_EQ(result.best_epoch, first);
}

TEST(Training, LeavesTheBestEpochInTheModel) {
  TinyModel model(3);
  const TrainRequest request = request_for(model);
  const TrainResult result = train(request);
  const torch::Tensor logits =
      infer(model, valid_patches(), {.normalization = request.normalization}, request.runtime).logits;
  double right = 0;
  for (std::int64_t i = 0; i < logits.size(0); ++i) {
    right += logits[i].argmax().item<std::int64_t>() == valid_patches().label(static_cast<std::size_t>(i));
  }
  EXPECT_DOUBLE_EQ(right / 20, result.records[static_cast<std::size_t>(result.best_epoch)].valid_accuracy);
}

TEST(Training, FollowsTheSchedule) {
  TinyModel model(3);
  const TrainResult result = train(request_for(model, 5));
  EXPECT_DOUBLE_EQ(result.records[1].learning_rate, 0.05);
  EXPECT_DOUBLE_EQ(result.records[2].learning_rate, 0.025);
  EXPECT_DOUBLE_EQ(result.records[4].learning_rate, 0.0125);
}

TensorFile encoder_after_head_training(FrozenBatchNorm batch_norm) {
  TinyModel model(3);
  TrainRequest request = request_for(model, 2);
  request.layers = TrainedLayers::kHead;
  request.frozen_batch_norm = batch_norm;
  return train(request).best;
}

TEST(HeadTraining, LeavesTheEncoderAsItWas) {
  TinyModel fresh(3);
  const TensorFile tuned = encoder_after_head_training(FrozenBatchNorm::kRunning);
  for (const ModelTensor& t : fresh.tensors()) {
    const auto bytes = t.tensor.detach().contiguous();
    const bool same = std::memcmp(bytes.data_ptr(), tuned.find(t.name)->bytes.data(), bytes.nbytes()) == 0;
    EXPECT_EQ(same, t.role != HISTOKT_ROLE_HEAD) << t.name;
  }
}

TEST(HeadTraining, WithBatchStatisticsMovesTheRunningOnesAlone) {
  TinyModel fresh(3);
  const TensorFile tuned = encoder_after_head_training(FrozenBatchNorm::kBatch);
  for (const ModelTensor& t : fresh.tensors()) {
    const auto bytes = t.tensor.detach().contiguous();
    const bool same = std::memcmp(bytes.data_ptr(), tuned.find(t.name)->bytes.data(), bytes.nbytes()) == 0;
    EXPECT_EQ(same, t.role != HISTOKT_ROLE_HEAD && t.trainable) << t.name;
  }
}

TEST(Training, ValidatesOnAugmentedPatchesWhereAsked) {
  TinyModel clean(3), noisy(3);
  TrainRequest request = request_for(noisy, 1);
  request.validate_clean = false;
  const EpochRecord a = train(request_for(clean, 1)).records[0], b = train(request).records[0];
  EXPECT_EQ(a.train_loss, b.train_loss);
  EXPECT_NE(a.valid_loss, b.valid_loss);
}

TEST(Training, OfMultiLabelPatchesLearnsToo) {
  const ColouredPatches train_set(60, 3, true), valid_set(20, 3, true, 16, 8);
  TinyModel model(3);
  TrainRequest request = request_for(model, 12);
  request.train = &train_set;
  request.valid = &valid_set;
  request.schedule = {};
  request.selection = "mean-average-precision";
  const TrainResult result = train(request);
  EXPECT_GT(result.records[static_cast<std::size_t>(result.best_epoch)].selection_score, 0.85);
}

// Patches of three classes of which the network is said to know four.
class WithoutTheLastClass final : public PatchSource {
 public:
  std::size_t size() const override { return patches_.size(); }
  int patch_side() const override { return patches_.patch_side(); }
  int class_count() const override { return 4; }
  bool multi_label() const override { return false; }
  std::span<const std::uint8_t> pixels(std::size_t i) const override { return patches_.pixels(i); }
  std::int64_t label(std::size_t i) const override { return patches_.label(i); }
  std::span<const std::uint8_t> labels(std::size_t) const override { return {}; }

 private:
  ColouredPatches patches_{24, 3};
};

TEST(Training, NamesAClassThatIsAbsentAndGoesOn) {
  const WithoutTheLastClass patches;
  TinyModel model(4);
  TrainRequest request = request_for(model, 1);
  request.train = request.valid = &patches;
  request.class_names = {"benign", "in situ", "invasive", "normal"};
  std::vector<std::string> warnings;
  request.on_warning = [&](const std::string& text) { warnings.push_back(text); };
  EXPECT_EQ(train(request).records.size(), 1U);
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_NE(warnings[0].find("shows the class normal"), std::string::npos) << warnings[0];
}

TEST(Training, WeighsClassesWhereAsked) {
  const ColouredPatches uneven(40, 3);  // 14, 13 and 13 patches
  const auto losses = [&](ClassWeighting how) {
    TinyModel model(3);
    TrainRequest request = request_for(model, 1);
    request.train = &uneven;
    request.class_weights = how;
    const EpochRecord record = train(request).records[0];
    return std::pair(record.train_loss, record.valid_loss);
  };
  EXPECT_EQ(losses(ClassWeighting::kUsual), losses(ClassWeighting::kNone));
  EXPECT_NE(losses(ClassWeighting::kUsual).first, losses(ClassWeighting::kBalanced).first);
}

TEST(Training, KeepsTheEpochWithTheBestSelectionScore) {
  const ColouredPatches train_set(60, 3, true), valid_set(20, 3, true, 16, 8);
  TinyModel model(3);
  TrainRequest request = request_for(model, 5);
  request.train = &train_set;
  request.valid = &valid_set;
  request.selection = "macro-f1";
  const TrainResult result = train(request);
  for (const EpochRecord& r : result.records) {
    if (std::isnan(r.selection_score)) continue;
    EXPECT_LE(r.selection_score, result.records[static_cast<std::size_t>(result.best_epoch)].selection_score);
  }
}

TEST(Training, StopsAtALossThatIsNotFiniteAndSaysWhere) {
  TinyModel model(3);
  TrainRequest request = request_for(model, 3);
  request.optimizer = [](std::vector<NamedParameter> p) {
    return std::make_unique<PlainSgd>(std::move(p), 1e30);
  };
  try {
    train(request);
    FAIL() << "nothing was thrown";
  } catch (const RunError& error) {
    EXPECT_NE(std::string(error.what()).find("epoch 1, batch "), std::string::npos) << error.what();
  }
}

// Takes steps without end once its first epoch is over.
class Exploding final : public Optimizer {
 public:
  explicit Exploding(std::vector<NamedParameter> parameters) : inner_(std::move(parameters), 0.05) {}
  void step(double rate_factor) override { inner_.step(exploded_ ? 1e30 : rate_factor); }
  void epoch_end() override { exploded_ = true; }
  std::vector<double> learning_rates() const override { return inner_.learning_rates(); }
  std::map<std::string, torch::Tensor> state() const override { return inner_.state(); }
  void load_state(const std::map<std::string, torch::Tensor>& state) override { inner_.load_state(state); }

 private:
  PlainSgd inner_;
  bool exploded_ = false;
};

TEST(Training, KeepsTheLastGoodEpochWhenTheLossIsNotFinite) {
  TinyModel model(3), again(3);
  const ResumeFile file;
  TrainRequest request = request_for(model, 3);
  request.resume_file = file.path();
  request.optimizer = [](std::vector<NamedParameter> p) { return std::make_unique<Exploding>(std::move(p)); };
  EXPECT_THROW(train(request), RunError);
  TrainRequest healthy = request_for(again, 3);
  healthy.resume_file = file.path();
  EXPECT_EQ(train(healthy).resumed_after, 1);
}

// Its last step of an epoch fills the network with one number; looks at the weights as the epoch ends.
class Filling final : public Optimizer {
 public:
  Filling(std::vector<NamedParameter> parameters, int epoch, float value)
      : parameters_(parameters), inner_(std::move(parameters), 0.05), epoch_(epoch), value_(value) {}
  void step(double rate_factor) override {
    inner_.step(rate_factor);
    if (epoch_ != 0) return;
    const torch::NoGradGuard no_gradient;
    for (NamedParameter& p : parameters_) p.tensor.fill_(value_);
  }
  void epoch_end() override {
    if (epoch_-- == 0 && !std::isfinite(value_)) throw std::runtime_error("the weights are not finite");
  }
  std::vector<double> learning_rates() const override { return inner_.learning_rates(); }
  std::map<std::string, torch::Tensor> state() const override { return inner_.state(); }
  void load_state(const std::map<std::string, torch::Tensor>& state) override { inner_.load_state(state); }

 private:
  std::vector<NamedParameter> parameters_;
  PlainSgd inner_;
  int epoch_;  // from now
  float value_;
};

// One batch an epoch, after which the network is full of that number.
TrainRequest filled_in(TinyModel& model, int epoch, float value) {
  TrainRequest request = request_for(model, 4);
  request.batch_size = train_patches().size();
  request.optimizer = [=](std::vector<NamedParameter> p) {
    return std::make_unique<Filling>(std::move(p), epoch, value);
  };
  return request;
}

std::optional<Diverged> divergence_of(const TrainRequest& request) {
  try {
    train(request);
  } catch (const Diverged& diverged) {
    return diverged;
  }
  return std::nullopt;
}

TEST(Divergence, InTheLastBatchIsFoundBeforeTheOptimizerEndsTheEpoch) {
  TinyModel model(3);
  const auto diverged = divergence_of(filled_in(model, 0, NAN));
  ASSERT_TRUE(diverged);
  EXPECT_NE(std::string(diverged->what()).find("infinite or NaN in epoch 1, batch 1 of 1, at a learning "),
            std::string::npos)
      << diverged->what();
  EXPECT_EQ(diverged->epoch, 1);
  EXPECT_TRUE(diverged->so_far->records.empty());
  EXPECT_TRUE(diverged->so_far->best.tensors.empty());
}

TEST(Divergence, OfAnswersAloneIsNoFaultOfACheckpoint) {
  TinyModel model(3);
  const auto diverged = divergence_of(filled_in(model, 2, 1e30f));
  ASSERT_TRUE(diverged);
  EXPECT_NE(
      std::string(diverged->what()).find("validation patches became infinite or NaN in epoch 3, batch 1"),
      std::string::npos)
      << diverged->what();
}

TEST(Divergence, HandsOverTheBestNetworkAndKeepsTheEpochsBefore) {
  TinyModel model(3), undisturbed(3), again(3);
  const ResumeFile file;
  TrainRequest request = filled_in(model, 2, INFINITY), healthy = filled_in(again, -1, 0);
  request.resume_file = healthy.resume_file = file.path();
  const auto diverged = divergence_of(request);
  ASSERT_TRUE(diverged);
  EXPECT_EQ(train(healthy).resumed_after, 2);

  TrainRequest two = filled_in(undisturbed, -1, 0);
  two.epochs = 2;
  const TrainResult expected = train(two);
  const TrainResult& kept = *diverged->so_far;
  EXPECT_EQ(kept.records.size(), 2U);
  EXPECT_EQ(kept.best_epoch, expected.best_epoch);
  ASSERT_EQ(kept.best.tensors.size(), expected.best.tensors.size());
  for (std::size_t i = 0; i < kept.best.tensors.size(); ++i) {
    EXPECT_EQ(kept.best.tensors[i].bytes, expected.best.tensors[i].bytes) << kept.best.tensors[i].name;
  }
}

TEST(Training, TellsHowFarValidationIs) {
  TinyModel model(3);
  TrainRequest request = request_for(model, 2);
  std::vector<std::pair<int, std::size_t>> told;
  request.on_inference = [&](const InferenceProgress& p) {
    told.emplace_back(p.epoch, p.patches);
    EXPECT_EQ(p.patches_total, valid_patches().size());
  };
  train(request);
  EXPECT_EQ(told, (std::vector<std::pair<int, std::size_t>>{{0, 16}, {0, 20}, {1, 16}, {1, 20}}));
}

TEST(Training, RefusesEmptyParts) {
  const ColouredPatches none(0, 3);
  TinyModel model(3);
  TrainRequest without_train = request_for(model), without_valid = request_for(model);
  without_train.train = &none;
  without_valid.valid = &none;
  EXPECT_THROW(train(without_train), RunError);
  EXPECT_THROW(train(without_valid), RunError);
}

TEST(Training, RefusesAHeadOfOtherClasses) {
  TinyModel model(5);
  EXPECT_THROW(train(request_for(model)), RunError);
}

TEST(Training, PassesOnWhatAPluginThrew) {
  TinyModel model(3);
  TrainRequest request = request_for(model);
  request.optimizer = [](std::vector<NamedParameter>) -> std::unique_ptr<Optimizer> {
    throw std::invalid_argument("no such rate");
  };
  EXPECT_THROW(train(request), RunError);
}

TEST(Inference, GivesFeaturesToo) {
  TinyModel model(3);
  const InferenceResult result =
      infer(model, valid_patches(), {.batch_size = 7, .features = true}, Runtime{});
  EXPECT_EQ(result.logits.sizes().vec(), (std::vector<std::int64_t>{20, 3}));
  EXPECT_TRUE(model.classify(result.features).allclose(result.logits, 1e-5, 1e-6));
}

TEST(Inference, DoesNotHangOnTheBatchSize) {
  TinyModel model(3);
  const auto logits = [&](std::size_t batch) {
    return infer(model, valid_patches(), {.batch_size = batch}, Runtime{}).logits;
  };
  EXPECT_TRUE(logits(1).allclose(logits(20), 1e-5, 1e-6));
}

}  // namespace
}  // namespace histokt
