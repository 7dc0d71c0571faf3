#include "training/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/errors.hpp"
#include "training/ranking.hpp"

namespace histokt {
namespace {

void check_logits(std::span<const float> logits, std::size_t count, std::size_t labels_a_patch, int classes) {
  if (count == 0) throw RunError("There are no patches to take metrics of.");
  if (classes < 1 || logits.size() != count * static_cast<std::size_t>(classes)) {
    throw RunError("Metrics of " + std::to_string(count) + " patches and " + std::to_string(classes) +
                   " classes need as many logits as patches x classes, and got " +
                   std::to_string(logits.size()) + "." +
                   (labels_a_patch > 1 ? " Multi-label targets hold one entry a class." : ""));
  }
  const auto bad = std::find_if(logits.begin(), logits.end(), [](float x) { return !std::isfinite(x); });
  if (bad != logits.end()) {
    throw RunError("The network's output for patch " +
                   std::to_string((bad - logits.begin()) / static_cast<std::ptrdiff_t>(classes)) +
                   " is not a finite number; the checkpoint is unusable. Train again with a smaller rate.");
  }
}

// A mean of what is defined.
class Mean {
 public:
  void add(std::optional<double> value) {
    if (!value) return;
    sum_ += *value;
    ++count_;
  }
  std::optional<double> value() const {
    return count_ ? std::optional(sum_ / static_cast<double>(count_)) : std::nullopt;
  }

 private:
  double sum_ = 0;
  std::int64_t count_ = 0;
};

// Harmonic mean of precision and recall; nothing where the class neither occurs nor is predicted.
std::optional<double> f1(double hits, double occurring, double predicted) {
  if (occurring + predicted == 0) return std::nullopt;
  return 2 * hits / (occurring + predicted);
}

// (N, C) -> probabilities by column (C, N), and adds up the cross entropy.
std::vector<double> softmax_by_class(std::span<const float> logits, std::span<const std::int64_t> labels,
                                     std::size_t classes, double& cross_entropy) {
  const std::size_t count = labels.size();
  std::vector<double> probabilities(logits.size());
  cross_entropy = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto row = logits.subspan(i * classes, classes);
    const double top = *std::max_element(row.begin(), row.end());
    double sum = 0;
    for (std::size_t c = 0; c < classes; ++c) sum += std::exp(row[c] - top);
    for (std::size_t c = 0; c < classes; ++c) probabilities[c * count + i] = std::exp(row[c] - top) / sum;
    cross_entropy += std::log(sum) + top - row[static_cast<std::size_t>(labels[i])];
  }
  cross_entropy /= static_cast<double>(count);
  return probabilities;
}

// Cohen's kappa: 1 - observed / expected disagreement, where mistaking class i for j weighs |i - j|^power,
// or 1 for power 0. Nothing where no disagreement is to be expected.
std::optional<double> kappa(std::span<const std::int64_t> confusion, std::size_t classes, int power) {
  std::vector<double> truth(classes), predicted(classes);
  double count = 0;
  for (std::size_t i = 0; i < classes; ++i) {
    for (std::size_t j = 0; j < classes; ++j) {
      const auto n = static_cast<double>(confusion[i * classes + j]);
      truth[i] += n, predicted[j] += n, count += n;
    }
  }
  double observed = 0, expected = 0;
  for (std::size_t i = 0; i < classes; ++i) {
    for (std::size_t j = 0; j < classes; ++j) {
      const double distance = std::abs(static_cast<double>(i) - static_cast<double>(j));
      const double weight = i == j ? 0 : std::pow(distance, power);
      observed += weight * static_cast<double>(confusion[i * classes + j]);
      expected += weight * truth[i] * predicted[j] / count;
    }
  }
  if (expected == 0) return std::nullopt;
  return 1 - observed / expected;
}

// log(1 + exp(x)) without overflow.
double softplus(double x) {
  return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
}

void fill_from_confusion(SingleLabelMetrics& metrics, std::size_t classes) {
  Mean recall, f1_mean;
  std::int64_t hits = 0, commonest = 0;
  for (std::size_t c = 0; c < classes; ++c) {
    const std::int64_t hit = metrics.confusion[c * classes + c];
    std::int64_t occurring = 0, predicted = 0;
    for (std::size_t k = 0; k < classes; ++k) {
      occurring += metrics.confusion[c * classes + k];
      predicted += metrics.confusion[k * classes + c];
    }
    if (occurring) recall.add(static_cast<double>(hit) / static_cast<double>(occurring));
    f1_mean.add(f1(static_cast<double>(hit), static_cast<double>(occurring), static_cast<double>(predicted)));
    hits += hit;
    commonest = std::max(commonest, occurring);
  }
  const auto count = static_cast<double>(metrics.count);
  metrics.top1 = static_cast<double>(hits) / count;
  metrics.majority_share = static_cast<double>(commonest) / count;
  metrics.balanced_accuracy = recall.value().value_or(0);
  metrics.macro_f1 = f1_mean.value().value_or(0);
  metrics.kappa = kappa(metrics.confusion, classes, 0);
  metrics.kappa_linear = kappa(metrics.confusion, classes, 1);
  metrics.kappa_quadratic = kappa(metrics.confusion, classes, 2);
}

}  // namespace

SingleLabelMetrics single_label_metrics(std::span<const float> logits, std::span<const std::int64_t> labels,
                                        int classes) {
  check_logits(logits, labels.size(), 1, classes);
  for (std::int64_t label : labels) {
    if (label < 0 || label >= classes) {
      throw RunError("A patch has label " + std::to_string(label) + ", and the network " +
                     std::to_string(classes) + " classes, counted from 0.");
    }
  }
  const auto c_count = static_cast<std::size_t>(classes);
  const std::size_t count = labels.size();
  SingleLabelMetrics metrics;
  metrics.count = static_cast<std::int64_t>(count);
  metrics.chance = 1.0 / classes;

  metrics.confusion.assign(c_count * c_count, 0);
  for (std::size_t i = 0; i < count; ++i) {
    const auto row = logits.subspan(i * c_count, c_count);
    const auto predicted = static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
    ++metrics.confusion[static_cast<std::size_t>(labels[i]) * c_count + predicted];
  }
  fill_from_confusion(metrics, c_count);

  const std::vector<double> probabilities = softmax_by_class(logits, labels, c_count, metrics.cross_entropy);
  Mean auc, precision;
  std::vector<std::uint8_t> positive(count);
  for (std::size_t c = 0; c < c_count; ++c) {
    std::transform(labels.begin(), labels.end(), positive.begin(),
                   [c](std::int64_t label) { return static_cast<std::size_t>(label) == c; });
    const std::span<const double> scores = std::span(probabilities).subspan(c * count, count);
    auc.add(area_under_roc(scores, positive));
    precision.add(average_precision(scores, positive));
  }
  metrics.auc = auc.value();
  metrics.macro_average_precision = precision.value();
  return metrics;
}

MultiLabelMetrics multi_label_metrics(std::span<const float> logits, std::span<const std::uint8_t> labels,
                                      int classes, std::span<const float> class_weights) {
  const auto c_count = static_cast<std::size_t>(std::max(classes, 1));
  const std::size_t count = labels.size() / c_count;
  check_logits(logits, count, c_count, classes);
  if (labels.size() != logits.size() || (!class_weights.empty() && class_weights.size() != c_count)) {
    throw RunError("Multi-label metrics need a label a logit and a weight a class; got " +
                   std::to_string(labels.size()) + " labels for " + std::to_string(logits.size()) +
                   " logits and " + std::to_string(class_weights.size()) + " weights for " +
                   std::to_string(classes) + " classes.");
  }
  MultiLabelMetrics metrics;
  metrics.count = static_cast<std::int64_t>(count);

  std::size_t right_entries = 0, right_patches = 0, positives = 0;
  double loss = 0;
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t right = 0;
    for (std::size_t c = 0; c < c_count; ++c) {
      const double logit = logits[i * c_count + c];
      const bool positive = labels[i * c_count + c] != 0;
      right += (logit > 0) == positive;
      positives += positive;
      loss += (class_weights.empty() ? 1.0 : class_weights[c]) * softplus(positive ? -logit : logit);
    }
    right_entries += right;
    right_patches += right == c_count;
  }
  const auto entries = static_cast<double>(labels.size());
  metrics.elementwise_accuracy = static_cast<double>(right_entries) / entries;
  metrics.all_negative = 1 - static_cast<double>(positives) / entries;
  metrics.subset_accuracy = static_cast<double>(right_patches) / static_cast<double>(count);
  metrics.soft_margin_loss = loss / entries;

  Mean f1_mean, precision, auc;
  double all_hits = 0, all_occurring = 0, all_predicted = 0;
  std::vector<double> scores(count);
  std::vector<std::uint8_t> positive(count);
  for (std::size_t c = 0; c < c_count; ++c) {
    double hits = 0, occurring = 0, predicted = 0;
    for (std::size_t i = 0; i < count; ++i) {
      scores[i] = logits[i * c_count + c];
      positive[i] = labels[i * c_count + c] != 0;
      hits += positive[i] && scores[i] > 0;
      occurring += positive[i];
      predicted += scores[i] > 0;
    }
    f1_mean.add(f1(hits, occurring, predicted));
    precision.add(average_precision(scores, positive));
    auc.add(area_under_roc(scores, positive));
    all_hits += hits, all_occurring += occurring, all_predicted += predicted;
  }
  metrics.macro_f1 = f1_mean.value();
  metrics.micro_f1 = f1(all_hits, all_occurring, all_predicted);
  metrics.mean_average_precision = precision.value();
  metrics.macro_auc = auc.value();
  return metrics;
}

}  // namespace histokt
