// SPDX-License-Identifier: MIT
#include "training/epoch_sums.hpp"

#include <cmath>

namespace histokt {

void EpochSums::add(torch::Tensor loss, torch::Tensor hits, std::size_t patches) {
  new_losses_.push_back(std::move(loss));
  new_hits_.push_back(std::move(hits));
  new_patches_.push_back(patches);
}

bool EpochSums::read_if_due() {
  if (Clock::now() - read_at_ < interval_) return false;
  read();
  return true;
}

void EpochSums::read() {
  if (!new_losses_.empty()) {
    // (2, batches), in one copy.
    const torch::Tensor values = torch::stack({torch::stack(new_losses_).to(torch::kFloat64),
                                               torch::stack(new_hits_).to(torch::kFloat64)})
                                     .to(torch::kCPU);
    const double* const losses = values.data_ptr<double>();
    const double* const hits = losses + new_losses_.size();
    for (std::size_t i = 0; i < new_losses_.size(); ++i) {
      ++batches_;
      if (!std::isfinite(losses[i]) && !not_finite_) not_finite_ = {batches_, losses[i]};
      loss_sum_ += losses[i] * static_cast<double>(new_patches_[i]);
      hits_ += hits[i];
      patches_ += new_patches_[i];
    }
    new_losses_.clear();
    new_hits_.clear();
    new_patches_.clear();
  }
  read_at_ = Clock::now();
}

}  // namespace histokt
