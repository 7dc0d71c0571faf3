// SPDX-License-Identifier: MIT
// Loss along the straight line between two networks, which shows whether they lie in one basin (Frankle et
// al. 2020, "Linear Mode Connectivity and the Lottery Ticket Hypothesis"; Ainsworth et al. 2023, "Git
// Re-Basin").
#pragma once

#include <cstdint>
#include <functional>
#include <histokt/model.hpp>
#include <optional>
#include <span>
#include <vector>

#include "base/patch_source.hpp"
#include "tensors/safetensors.hpp"
#include "training/normalization.hpp"
#include "training/runtime.hpp"

namespace histokt {

// loss: mean over the patches, of cross entropy or, with several labels a patch, of the soft margin; classes
// are weighted equally. accuracy: top-1, or element-wise.
struct LossAndAccuracy {
  double loss = 0, accuracy = 0;
};

struct LinePoint {
  double t = 0;  // 0 at the first network, 1 at the second
  LossAndAccuracy evaluation;
};

struct LineRequest {
  // The state dicts of one architecture; those of `others`, a merge of the two say, are evaluated likewise.
  const TensorFile* first = nullptr;
  const TensorFile* second = nullptr;
  std::vector<const TensorFile*> others = {};

  const PatchSource* train = nullptr;  // for statistics and heads
  const PatchSource* valid = nullptr;  // chooses the heads' penalty; may be `evaluated` too
  const PatchSource* evaluated = nullptr;
  Normalization normalization = {};

  int points = 11;          // 2 at least
  bool recalibrate = true;  // batch-norm's running statistics at each point (training/recalibrate.hpp)
  // Each network gets a head of its own, fitted on the training patches' features (training/probe.hpp), all
  // with the penalty of the smallest sum over the line's points of the loss on the validation patches: chosen
  // by the ends alone, it would be optimistically biased if the ends are evaluated on these patches too.
  // Otherwise heads are interpolated with the rest.
  bool fit_head = false;
  std::size_t batch_size = 64;
  int loader_threads = 0;
  std::uint64_t seed = 0;
  // Called after each network of points + others.
  std::function<void()> on_network = {};
};

struct LossLine {
  std::vector<LinePoint> points;
  std::vector<LossAndAccuracy> others;
  std::optional<double> penalty;  // of the fitted heads
};

// The model is scratch: its weights are overwritten and meaningless afterwards. It must be on the runtime's
// device and have as many classes as the patches. Throws RunError if weights do not fit it, the loss is
// not finite or a split is empty, and Interrupted.
LossLine loss_line(Model& model, const LineRequest& request, const Runtime& runtime);

// (1 - t) A + t B of each floating-point tensor, in float64 and rounded to float32; integers are A's.
TensorFile interpolated(const TensorFile& a, const TensorFile& b, double t);

struct Barrier {
  double height = 0;  // max over t of loss(t) - ((1 - t) loss(0) + t loss(1)); 0 if nowhere above
  double t = 0;       // where
};
Barrier barrier_of(std::span<const LinePoint> points);

}  // namespace histokt
