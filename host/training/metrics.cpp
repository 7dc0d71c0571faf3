#include "training/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/errors.hpp"
#include "training/ranking.hpp"
#include "training/samples.hpp"

namespace histokt {
namespace {

void check_logits(std::span<const double> logits, std::size_t count, std::size_t labels_a_patch,
                  int classes) {
  if (count == 0) throw RunError("There are no patches to take metrics of.");
  if (classes < 1 || logits.size() != count * static_cast<std::size_t>(classes)) {
    throw RunError("Metrics of " + std::to_string(count) + " patches and " + std::to_string(classes) +
                   " classes need as many logits as patches x classes, and got " +
                   std::to_string(logits.size()) + "." +
                   (labels_a_patch > 1 ? " Multi-label targets hold one entry a class." : ""));
  }
  const auto bad = std::find_if(logits.begin(), logits.end(), [](double x) { return !std::isfinite(x); });
  if (bad != logits.end()) {
    throw RunError("The network's output for patch " +
                   std::to_string((bad - logits.begin()) / static_cast<std::ptrdiff_t>(classes)) +
                   " is not a finite number; the checkpoint is unusable. Train again with a smaller rate.");
  }
}

void check_weights(std::span<const float> class_weights, int classes) {
  if (class_weights.empty() || class_weights.size() == static_cast<std::size_t>(classes)) return;
  throw RunError("Metrics need a weight a class, and got " + std::to_string(class_weights.size()) +
                 " weights for " + std::to_string(classes) + " classes.");
}

// Mean of -log softmax(logits)[label], each patch counting as much as its class weighs.
double cross_entropy(std::span<const double> logits, std::span<const std::int64_t> labels,
                     std::size_t classes, std::span<const float> class_weights) {
  double sum = 0, weights = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto row = logits.subspan(i * classes, classes);
    const auto label = static_cast<std::size_t>(labels[i]);
    const double top = *std::max_element(row.begin(), row.end());
    double exponentials = 0;
    for (double logit : row) exponentials += std::exp(logit - top);
    const double weight = class_weights.empty() ? 1.0 : class_weights[label];
    sum += weight * (std::log(exponentials) + top - row[label]);
    weights += weight;
  }
  return sum / weights;
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

std::vector<double> in_double(std::span<const float> values) {
  return {values.begin(), values.end()};
}

}  // namespace

std::optional<double> f1(double hits, double occurring, double predicted) {
  if (occurring + predicted == 0) return std::nullopt;
  return 2 * hits / (occurring + predicted);
}

std::vector<double> probabilities_by_class(std::span<const double> logits, std::size_t classes) {
  const std::size_t count = logits.size() / classes;
  std::vector<double> by_class(logits.size());
  for (std::size_t i = 0; i < count; ++i) {
    const std::vector<double> row = probabilities(logits.subspan(i * classes, classes), false);
    for (std::size_t c = 0; c < classes; ++c) by_class[c * count + i] = row[c];
  }
  return by_class;
}

SingleLabelMetrics metrics_of_confusion(std::vector<std::int64_t> confusion, int classes) {
  const auto c_count = static_cast<std::size_t>(classes);
  SingleLabelMetrics metrics;
  Mean recall, f1_mean;
  std::int64_t hits = 0, commonest = 0;
  for (std::size_t c = 0; c < c_count; ++c) {
    const std::int64_t hit = confusion[c * c_count + c];
    std::int64_t occurring = 0, predicted = 0;
    for (std::size_t k = 0; k < c_count; ++k) {
      occurring += confusion[c * c_count + k];
      predicted += confusion[k * c_count + c];
    }
    metrics.recall.emplace_back();
    if (occurring) metrics.recall.back() = static_cast<double>(hit) / static_cast<double>(occurring);
    recall.add(metrics.recall.back());
    f1_mean.add(f1(static_cast<double>(hit), static_cast<double>(occurring), static_cast<double>(predicted)));
    metrics.count += occurring;
    hits += hit;
    commonest = std::max(commonest, occurring);
  }
  const auto count = static_cast<double>(metrics.count);
  metrics.chance = 1.0 / classes;
  metrics.top1 = static_cast<double>(hits) / count;
  metrics.majority_share = static_cast<double>(commonest) / count;
  metrics.balanced_accuracy = recall.value().value_or(0);
  metrics.macro_f1 = f1_mean.value().value_or(0);
  metrics.kappa = kappa(confusion, c_count, 0);
  metrics.kappa_linear = kappa(confusion, c_count, 1);
  metrics.kappa_quadratic = kappa(confusion, c_count, 2);
  metrics.confusion = std::move(confusion);
  return metrics;
}

SingleLabelMetrics single_label_metrics(std::span<const double> logits, std::span<const std::int64_t> labels,
                                        int classes, std::span<const float> class_weights) {
  check_logits(logits, labels.size(), 1, classes);
  check_weights(class_weights, classes);
  for (std::int64_t label : labels) {
    if (label < 0 || label >= classes) {
      throw RunError("A patch has label " + std::to_string(label) + ", and the network " +
                     std::to_string(classes) + " classes, counted from 0.");
    }
  }
  const auto c_count = static_cast<std::size_t>(classes);
  const std::size_t count = labels.size();
  std::vector<std::int64_t> confusion(c_count * c_count, 0);
  for (std::size_t i = 0; i < count; ++i) {
    const auto row = logits.subspan(i * c_count, c_count);
    const auto predicted = static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
    ++confusion[static_cast<std::size_t>(labels[i]) * c_count + predicted];
  }
  SingleLabelMetrics metrics = metrics_of_confusion(std::move(confusion), classes);
  metrics.cross_entropy = cross_entropy(logits, labels, c_count, class_weights);

  const std::vector<double> probabilities = probabilities_by_class(logits, c_count);
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

SingleLabelMetrics single_label_metrics(std::span<const float> logits, std::span<const std::int64_t> labels,
                                        int classes, std::span<const float> class_weights) {
  return single_label_metrics(in_double(logits), labels, classes, class_weights);
}

MultiLabelMetrics multi_label_metrics(std::span<const double> logits, std::span<const std::uint8_t> labels,
                                      int classes, std::span<const float> class_weights) {
  const auto c_count = static_cast<std::size_t>(std::max(classes, 1));
  const std::size_t count = labels.size() / c_count;
  check_logits(logits, count, c_count, classes);
  check_weights(class_weights, classes);
  if (labels.size() != logits.size()) {
    throw RunError("Multi-label metrics need a label a logit; got " + std::to_string(labels.size()) +
                   " labels for " + std::to_string(logits.size()) + " logits.");
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

  Mean f1_mean, precision, chance_precision, auc;
  double all_hits = 0, all_occurring = 0, all_predicted = 0, commoner = 0;
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
    metrics.recall.emplace_back();
    if (occurring > 0) {
      metrics.recall.back() = hits / occurring;
      chance_precision.add(occurring / static_cast<double>(count));
    }
    commoner += std::max(occurring, static_cast<double>(count) - occurring);
    all_hits += hits, all_occurring += occurring, all_predicted += predicted;
  }
  metrics.macro_f1 = f1_mean.value();
  metrics.micro_f1 = f1(all_hits, all_occurring, all_predicted);
  metrics.mean_average_precision = precision.value();
  metrics.chance_average_precision = chance_precision.value();
  metrics.macro_auc = auc.value();
  metrics.majority = commoner / entries;
  return metrics;
}

MultiLabelMetrics multi_label_metrics(std::span<const float> logits, std::span<const std::uint8_t> labels,
                                      int classes, std::span<const float> class_weights) {
  return multi_label_metrics(in_double(logits), labels, classes, class_weights);
}

}  // namespace histokt
