// SPDX-License-Identifier: MIT
// Progress reports of a training, and its tables metrics.csv and layers.csv.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "training/trainer.hpp"

namespace histokt {

// One row per epoch: epoch, train_loss, train_accuracy, valid_loss, valid_accuracy, learning_rate, seconds,
// selection_score.
std::string metrics_csv(const std::vector<EpochRecord>& records);

// A row for each layer and epoch: the optimizer's layer statistics, one column each.
std::string layers_csv(const std::vector<EpochRecord>& records);

// One live line on a terminal, a plain line now and then elsewhere, every epoch in the log file.
class TrainingReport {
 public:
  TrainingReport(std::string label, int epochs) : label_(std::move(label)), epochs_(epochs) {}
  ~TrainingReport();
  TrainingReport(const TrainingReport&) = delete;
  TrainingReport& operator=(const TrainingReport&) = delete;

  void progress(const TrainProgress& p) const;
  void inference(const InferenceProgress& p) const;
  void epoch(const EpochRecord& r);

 private:
  double seconds_left(const TrainProgress& p, double share) const;

  std::string label_;
  std::string valid_;  // the last epoch's, as shown in the live line
  int epochs_, seen_ = 0;
  double seconds_ = 0;
  std::chrono::steady_clock::time_point said_ = std::chrono::steady_clock::now();
};

}  // namespace histokt
