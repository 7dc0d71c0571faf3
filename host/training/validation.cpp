// SPDX-License-Identifier: MIT
#include "training/validation.hpp"

#include <chrono>

#include "training/inference.hpp"

namespace histokt {
PatchLabels::PatchLabels(const PatchSource& patches) {
  for (std::size_t i = 0; i < patches.size(); ++i) {
    if (patches.multi_label()) {
      const auto labels = patches.labels(i);
      multi.insert(multi.end(), labels.begin(), labels.end());
    } else {
      single.push_back(patches.label(i));
    }
  }
}

std::function<void(std::size_t)> inference_reporter(const TrainRequest& request, int epoch,
                                                    std::size_t total) {
  if (!request.on_inference) return {};
  return [&request, epoch, total, start = std::chrono::steady_clock::now()](std::size_t done) {
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    request.on_inference({epoch, done, total, seconds.count()});
  };
}

torch::Tensor validation_logits(Model& model, const TrainRequest& request, int epoch,
                                const ResidentPatches* resident) {
  InferenceOptions options{.normalization = request.normalization, .batch_size = 2 * request.batch_size};
  options.loader_threads = request.loader_threads;
  if (!request.validate_clean) options.augmentation = request.augmentation;
  options.seed = request.seed;
  options.epoch = static_cast<std::uint64_t>(epoch);
  options.resident = resident;
  options.on_batch = inference_reporter(request, epoch, request.valid->size());
  return infer(model, *request.valid, options, request.runtime).logits;
}

Samples samples_of(const torch::Tensor& logits, const PatchLabels& labels) {
  const torch::Tensor values = logits.to(torch::kDouble).contiguous();
  Samples samples{.classes = static_cast<int>(values.size(1)), .multi_label = labels.single.empty()};
  samples.logits.assign(values.data_ptr<double>(), values.data_ptr<double>() + values.numel());
  samples.label = labels.single;
  samples.labels = labels.multi;
  return samples;
}

ValidationResult evaluate(const torch::Tensor& logits, const TrainRequest& request, const PatchLabels& labels,
                          std::span<const float> class_weights) {
  const Samples samples = samples_of(logits, labels);
  const AllSamples outcome(samples, class_weights);
  return {metric_value("loss", outcome).value(), metric_value("accuracy", outcome).value(),
          selection_score(request.selection, outcome)};
}

}  // namespace histokt
