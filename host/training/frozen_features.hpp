// SPDX-License-Identifier: MIT
// Features of a frozen encoder, computed once, to train a head alone. Each training patch is augmented in a
// fixed number of ways, its views, and every epoch uses one of them.
#pragma once

#include <torch/types.h>

#include <cstddef>
#include <optional>
#include <vector>

#include "training/loader.hpp"
#include "training/trainer.hpp"

namespace histokt {

// Belongs to one thread.
class FrozenFeatures final : public Batches {
 public:
  // Runs the encoder over request.views views of every training patch, and over the validation patches as
  // they are. Leaves the model in evaluation mode. Throws as infer() does.
  FrozenFeatures(Model& model, const TrainRequest& request);

  // Begins an epoch: the order and the batches of the patches are those of training without views.
  void begin(int epoch);
  std::size_t batch_count() const override { return bounds_.size() - 1; }
  // The images of a batch are features (N, D), on the runtime's device, as the labels are.
  std::optional<Batch> next() override;

  // (N, D), in the order of the patches.
  const torch::Tensor& validation() const { return validation_; }

  // The view of a patch in an epoch: each in turn, from a start that depends on the patch.
  static int view(std::uint64_t seed, std::size_t patch, int epoch, int views);

 private:
  std::size_t patches_, batch_size_;
  std::uint64_t seed_;
  int views_;
  torch::Tensor training_;  // (views x patches, D)
  torch::Tensor validation_, labels_;
  std::vector<std::size_t> bounds_ = {0};
  std::size_t given_ = 0;
  torch::Tensor order_, rows_;  // of this epoch: the patches, and their places in training_
};

}  // namespace histokt
