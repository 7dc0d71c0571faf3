// SPDX-License-Identifier: MIT
#include "training/recalibrate.hpp"

#include <torch/utils.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/errors.hpp"
#include "base/interrupt.hpp"
#include "base/random.hpp"
#include "training/autocast.hpp"
#include "training/loader.hpp"

namespace histokt {
namespace {

using torch::Tensor;

// So large that a batch's variance vanishes beside it.
constexpr double kMark = 1e12;

// The running statistic of one norm, (C), and what batches made of it.
class RunningStatistic {
 public:
  RunningStatistic(std::string name, Tensor tensor)
      : name_(std::move(name)),
        tensor_(std::move(tensor)),
        sum_(torch::zeros_like(tensor_, torch::TensorOptions().dtype(torch::kDouble).device(torch::kCPU))) {}

  // A batch moves it to (1 - m) old + m batch. What is left of the mark tells m; afterwards the old is 0.
  void mark() { tensor_.fill_(kMark); }
  void learn_momentum() {
    momentum_ = 1 - tensor_.to(torch::kDouble).mean().item<double>() / kMark;
    if (momentum_ > 1e-4) return;
    throw RunError("the model does not update \"" + name_ +
                   "\" during training, so it cannot be recomputed; leave the statistics as they are");
  }
  void clear() { tensor_.zero_(); }
  void add(double patches) { sum_ += tensor_.to(torch::kCPU, torch::kDouble) * (patches / momentum_); }
  void finish(double patches) {
    const Tensor mean = sum_ / patches;
    if (!mean.isfinite().all().item<bool>()) {
      throw RunError("\"" + name_ + "\" became NaN or infinite: the weights cannot be used on these patches");
    }
    tensor_.copy_(mean);
  }

 private:
  std::string name_;
  Tensor tensor_, sum_;
  double momentum_ = 1;
};

struct Statistics {
  std::vector<RunningStatistic> running;
  std::vector<Tensor> counters;  // num_batches_tracked
  std::size_t norms = 0;
};

Statistics statistics_of(Model& model) {
  Statistics found;
  for (const ModelTensor& entry : model.tensors()) {
    const bool mean = entry.name.ends_with(".running_mean");
    if (mean) ++found.norms;
    if (mean || entry.name.ends_with(".running_var")) found.running.emplace_back(entry.name, entry.tensor);
    if (entry.name.ends_with(".num_batches_tracked")) found.counters.push_back(entry.tensor);
  }
  return found;
}

void forward(Model& model, const Statistics& statistics, const Batch& batch, const Runtime& runtime) {
  // A norm that averages all batches alike weighs by this number.
  for (Tensor counter : statistics.counters) counter.zero_();
  const AutocastScope autocast(runtime);
  model.encode(batch.images.to(runtime.device));
}

Pass batches_of(const PatchSource& patches, const DrawnPatches& drawn, std::size_t batch_size) {
  Pass pass = pass_over(patches, drawn, batch_size, "recalibrate");
  pass.join_lone_patch = true;
  if (pass.order.size() < 2) {
    throw RunError("Batch-norm's statistics cannot be computed from " + std::to_string(pass.order.size()) +
                   " training patches; give at least two.");
  }
  return pass;
}

}  // namespace

std::size_t recalibrate(Model& model, const PatchSource& patches, const DrawnPatches& drawn,
                        const Runtime& runtime, std::size_t batch_size) {
  const torch::NoGradGuard no_gradient;
  Statistics statistics = statistics_of(model);
  model.set_training(false, false);
  if (statistics.running.empty()) return 0;
  const NormalizationTable table(drawn.normalization);
  Pass pass = batches_of(patches, drawn, batch_size);
  const std::size_t total = pass.order.size();
  Loader loader(patches, table, std::move(pass),
                {drawn.loader_threads, runtime.channels_last, runtime.device.is_cuda()});

  torch::manual_seed(Random{drawn.seed, random_word("recalibrate")}.bits());  // for dropout
  model.set_training(true, false);
  std::size_t done = 0, batches = 0;
  while (const std::optional<Batch> batch = loader.next()) {
    throw_if_interrupted();
    if (batches++ == 0) {
      for (RunningStatistic& statistic : statistics.running) statistic.mark();
      forward(model, statistics, *batch, runtime);
      for (RunningStatistic& statistic : statistics.running) statistic.learn_momentum();
    }
    for (RunningStatistic& statistic : statistics.running) statistic.clear();
    forward(model, statistics, *batch, runtime);
    const auto count = static_cast<std::size_t>(batch->images.size(0));
    for (RunningStatistic& statistic : statistics.running) statistic.add(static_cast<double>(count));
    done += count;
    if (drawn.on_progress) drawn.on_progress(done, total);
  }
  for (RunningStatistic& statistic : statistics.running) statistic.finish(static_cast<double>(done));
  for (Tensor& counter : statistics.counters) counter.fill_(static_cast<std::int64_t>(batches));
  model.set_training(false, false);
  return statistics.norms;
}

}  // namespace histokt
