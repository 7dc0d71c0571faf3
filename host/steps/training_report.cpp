// SPDX-License-Identifier: MIT
#include "steps/training_report.hpp"

#include <spdlog/spdlog.h>

#include <cstdio>
#include <set>

#include "base/progress.hpp"
#include "base/text.hpp"

namespace histokt {
namespace {

constexpr auto kPlainLineInterval = std::chrono::seconds(15);

}  // namespace

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

TrainingReport::~TrainingReport() {
  clear_live_line();
}

// What matters most stands first: a narrow terminal cuts the line off.
void TrainingReport::progress(const TrainProgress& p) const {
  if (!live_progress()) return;
  const double share = static_cast<double>(p.patches) / static_cast<double>(p.patches_total);
  char text[240];
  std::snprintf(
      text, sizeof text,
      "epoch %d/%d %2.0f %%, %s left, loss %.3f, accuracy %.1f %%%s, %.0f patches/s, waiting %.0f %%",
      p.epoch + 1, p.epochs, 100 * share, readable_seconds(seconds_left(p, share)).c_str(), p.loss,
      100 * p.accuracy, valid_.c_str(), p.patches_per_second, 100 * p.waiting_share);
  show_live_line(label_ + ": " + text);
}

void TrainingReport::inference(const InferenceProgress& p) const {
  constexpr double kMinSecondsToReport = 1;  // seconds of validation; features are made once, and take long
  const bool features = p.epoch < 0;
  if (!live_progress() || p.patches == 0 || (!features && p.seconds < kMinSecondsToReport)) return;
  const std::string what =
      features ? "features"
               : "epoch " + std::to_string(p.epoch + 1) + "/" + std::to_string(epochs_) + ", validating";
  const double left =
      p.seconds / static_cast<double>(p.patches) * static_cast<double>(p.patches_total - p.patches);
  show_live_line(label_ + ": " + what + " " + std::to_string(p.patches) + " of " +
                 std::to_string(p.patches_total) + " patches, " + readable_seconds(left) + " left");
}

void TrainingReport::epoch(const EpochRecord& r) {
  seconds_ += r.seconds;
  ++seen_;
  const double left = seconds_ / seen_ * (epochs_ - r.epoch - 1);
  char text[240];
  std::snprintf(text, sizeof text,
                "epoch %d/%d: loss %.3f, accuracy %.1f %%, valid loss %.3f, valid %.1f %%, %.0f patches/s, "
                "waiting %.0f %%, %s left",
                r.epoch + 1, epochs_, r.train_loss, 100 * r.train_accuracy, r.valid_loss,
                100 * r.valid_accuracy, r.patches_per_second, 100 * r.waiting_share,
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

// By whole epochs as soon as there is one; by the patches of the first until then, without its validation.
double TrainingReport::seconds_left(const TrainProgress& p, double share) const {
  const double an_epoch =
      seen_ > 0 ? seconds_ / seen_ : static_cast<double>(p.patches_total) / p.patches_per_second;
  return an_epoch * (p.epochs - p.epoch - share);
}

}  // namespace histokt
