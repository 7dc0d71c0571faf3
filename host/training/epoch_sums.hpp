// SPDX-License-Identifier: MIT
// Sums of loss and correct predictions over an epoch's batches. They stay on the network's device and are
// read now and then, since each read waits for the device to finish its work.
#pragma once

#include <torch/types.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

namespace histokt {

// Belongs to one thread.
class EpochSums {
 public:
  struct NotFinite {
    std::size_t batch;  // from 1
    double loss;
  };

  // An interval of 0 reads each batch at once.
  explicit EpochSums(std::chrono::milliseconds interval) : interval_(interval) {}

  // Adds one batch: its mean loss and its number of correct predictions, scalar tensors on one device.
  void add(torch::Tensor loss, torch::Tensor hits, std::size_t patches);

  // Reads what was added since the last reading if the interval has passed since then; true if so.
  bool read_if_due();
  // Reads it in any case.
  void read();

  // Of what has been read: patches, and means over them, NaN if there are none.
  std::size_t patches() const { return patches_; }
  double loss() const { return loss_sum_ / static_cast<double>(patches_); }
  double hits_per_patch() const { return hits_ / static_cast<double>(patches_); }
  // The first batch whose loss is not finite.
  const std::optional<NotFinite>& not_finite() const { return not_finite_; }

 private:
  using Clock = std::chrono::steady_clock;

  std::chrono::milliseconds interval_;
  Clock::time_point read_at_ = Clock::now();
  std::vector<torch::Tensor> new_losses_, new_hits_;  // not read yet
  std::vector<std::size_t> new_patches_;
  std::size_t batches_ = 0, patches_ = 0;
  double loss_sum_ = 0, hits_ = 0;
  std::optional<NotFinite> not_finite_;
};

}  // namespace histokt
