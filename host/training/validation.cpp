#include "training/validation.hpp"

#include <chrono>
#include <limits>

#include "training/inference.hpp"

namespace histokt {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

}  // namespace

double selected(SelectionScore selection, const SingleLabelMetrics& metrics) {
  switch (selection) {
    case SelectionScore::kBalancedAccuracy:
      return metrics.balanced_accuracy;
    case SelectionScore::kMacroF1:
      return metrics.macro_f1;
    case SelectionScore::kMeanAveragePrecision:
      return metrics.macro_average_precision.value_or(kUndefined);
    default:
      return metrics.top1;
  }
}

double selected(SelectionScore selection, const MultiLabelMetrics& metrics) {
  switch (selection) {
    case SelectionScore::kBalancedAccuracy:
      return kUndefined;
    case SelectionScore::kMacroF1:
      return metrics.macro_f1.value_or(kUndefined);
    case SelectionScore::kMeanAveragePrecision:
      return metrics.mean_average_precision.value_or(kUndefined);
    default:
      return metrics.elementwise_accuracy;
  }
}

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

std::function<void(std::size_t)> answers_told(const TrainRequest& request, int epoch, std::size_t total) {
  if (!request.on_answers) return {};
  return [&request, epoch, total, start = std::chrono::steady_clock::now()](std::size_t done) {
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    request.on_answers({epoch, done, total, seconds.count()});
  };
}

torch::Tensor validation_answers(Model& model, const TrainRequest& request, int epoch,
                                 const ResidentPatches* resident) {
  InferenceOptions options{.normalization = request.normalization, .batch_size = 2 * request.batch_size};
  options.loader_threads = request.loader_threads;
  if (!request.validate_clean) options.augmentation = request.augmentation;
  options.seed = request.seed;
  options.epoch = static_cast<std::uint64_t>(epoch);
  options.resident = resident;
  options.on_batch = answers_told(request, epoch, request.valid->size());
  return infer(model, *request.valid, options, request.runtime).logits;
}

ValidationResult judge(const torch::Tensor& logits, const TrainRequest& request, const PatchLabels& labels,
                       std::span<const float> class_weights) {
  const std::span<const float> values(logits.data_ptr<float>(), static_cast<std::size_t>(logits.numel()));
  const int classes = request.valid->class_count();

  if (request.valid->multi_label()) {
    const MultiLabelMetrics m = multi_label_metrics(values, labels.multi, classes, class_weights);
    return {m.soft_margin_loss, m.elementwise_accuracy, selected(request.selection, m)};
  }
  const SingleLabelMetrics m = single_label_metrics(values, labels.single, classes, class_weights);
  return {m.cross_entropy, m.top1, selected(request.selection, m)};
}

}  // namespace histokt
