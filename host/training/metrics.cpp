// SPDX-License-Identifier: MIT
#include "training/metrics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>
#include <stdexcept>

namespace histokt {
namespace {

using Value = std::optional<double>;

// A mean of what is defined; nothing where nothing is.
class Mean {
 public:
  void add(Value value) {
    if (!value) return;
    sum_ += *value;
    ++count_;
  }
  Value value() const { return count_ ? std::optional(sum_ / static_cast<double>(count_)) : std::nullopt; }

 private:
  double sum_ = 0;
  std::int64_t count_ = 0;
};

double number(std::int64_t count) {
  return static_cast<double>(count);
}

// N x C.
double entries(const Outcome& outcome) {
  return number(outcome.counts().samples) * static_cast<double>(outcome.classes());
}

// Harmonic mean of precision and recall; nothing where the class neither occurs nor is predicted.
Value f1(const Outcome::ClassCounts& of) {
  if (of.occurring + of.predicted == 0) return std::nullopt;
  return 2 * number(of.hits) / number(of.occurring + of.predicted);
}

// log(1 + exp(x)) without overflow.
double softplus(double x) {
  return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
}

Value accuracy(const Outcome& outcome) {
  const Outcome::Counts& counts = outcome.counts();
  return outcome.multi_label() ? number(counts.right_entries) / entries(outcome)
                               : number(counts.right_samples) / number(counts.samples);
}

Value subset_accuracy(const Outcome& outcome) {
  return number(outcome.counts().right_samples) / number(outcome.counts().samples);
}

Value chance(const Outcome& outcome) {
  return outcome.multi_label() ? 0.5 : 1 / static_cast<double>(outcome.classes());
}

Value all_negative(const Outcome& outcome) {
  std::int64_t positives = 0;
  for (const auto& of : outcome.counts().classes) positives += of.occurring;
  return 1 - number(positives) / entries(outcome);
}

Value majority(const Outcome& outcome) {
  const Outcome::Counts& counts = outcome.counts();
  std::int64_t commonest = 0, commoner = 0;
  for (const auto& of : counts.classes) {
    commonest = std::max(commonest, of.occurring);
    commoner += std::max(of.occurring, counts.samples - of.occurring);
  }
  return outcome.multi_label() ? number(commoner) / entries(outcome)
                               : number(commonest) / number(counts.samples);
}

Value balanced_accuracy(const Outcome& outcome) {
  Mean mean;
  for (const Value& of_class : recall(outcome)) mean.add(of_class);
  return mean.value();
}

Value macro_f1(const Outcome& outcome) {
  Mean mean;
  for (const auto& of : outcome.counts().classes) mean.add(f1(of));
  return mean.value();
}

Value micro_f1(const Outcome& outcome) {
  Outcome::ClassCounts all;
  for (const auto& of : outcome.counts().classes) {
    all.occurring += of.occurring, all.predicted += of.predicted, all.hits += of.hits;
  }
  return f1(all);
}

Value mean_average_precision(const Outcome& outcome) {
  Mean mean;
  for (const RankedScores::Values& of_class : outcome.ranks()) mean.add(of_class.average_precision);
  return mean.value();
}

// What scores by chance come to: the mean share of positives.
Value chance_average_precision(const Outcome& outcome) {
  Mean mean;
  for (const auto& of : outcome.counts().classes) {
    if (of.occurring) mean.add(number(of.occurring) / number(outcome.counts().samples));
  }
  return mean.value();
}

Value area_under_roc(const Outcome& outcome) {
  Mean mean;
  for (const RankedScores::Values& of_class : outcome.ranks()) mean.add(of_class.area_under_roc);
  return mean.value();
}

// Cohen's kappa: 1 - observed / expected disagreement, where mistaking class i for j weighs |i - j|^power,
// or 1 for power 0. Nothing where no disagreement is to be expected.
template <int power>
Value kappa(const Outcome& outcome) {
  const Outcome::Counts& counts = outcome.counts();
  const std::size_t classes = outcome.classes();
  double observed = 0, expected = 0;
  for (std::size_t i = 0; i < classes; ++i) {
    for (std::size_t j = 0; j < classes; ++j) {
      const double distance = std::abs(static_cast<double>(i) - static_cast<double>(j));
      const double weight = i == j ? 0 : std::pow(distance, power);
      observed += weight * number(counts.confusion[i * classes + j]);
      expected += weight * number(counts.classes[i].occurring) * number(counts.classes[j].predicted) /
                  number(counts.samples);
    }
  }
  if (expected == 0) return std::nullopt;
  return 1 - observed / expected;
}

// Mean of -log softmax(logits)[label], each sample counting as much as its class weighs.
Value cross_entropy(const Outcome& outcome) {
  const Samples& samples = outcome.samples();
  double sum = 0, weights = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const auto row = std::span(samples.logits).subspan(i * outcome.classes(), outcome.classes());
    const auto label = static_cast<std::size_t>(samples.label[i]);
    const double top = *std::max_element(row.begin(), row.end());
    double exponentials = 0;
    for (double logit : row) exponentials += std::exp(logit - top);
    const double weight = outcome.times(i) * outcome.class_weight(label);
    sum += weight * (std::log(exponentials) + top - row[label]);
    weights += weight;
  }
  return sum / weights;
}

Value soft_margin_loss(const Outcome& outcome) {
  const Samples& samples = outcome.samples();
  double sum = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    for (std::size_t c = 0; c < outcome.classes(); ++c) {
      const double logit = samples.logits[i * outcome.classes() + c];
      sum += outcome.times(i) * outcome.class_weight(c) * softplus(samples.has(i, c) ? -logit : logit);
    }
  }
  return sum / entries(outcome);
}

// Guo et al. 2017, equation 3: the mean gap between how sure predictions are and how often they are right,
// over 15 bins ((m - 1) / 15, m / 15] of the probability of the predicted class.
Value expected_calibration_error(const Outcome& outcome) {
  constexpr std::size_t kBins = 15;
  const std::size_t count = outcome.samples().size();
  std::array<double, kBins> gaps{};  // by bin: right predictions less the sum of their probabilities
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t predicted = 0;
    const auto probability = [&](std::size_t c) { return outcome.probabilities()[c * count + i]; };
    for (std::size_t c = 1; c < outcome.classes(); ++c) {
      if (probability(c) > probability(predicted)) predicted = c;
    }
    const double sure = probability(predicted);
    const auto bin = static_cast<std::size_t>(std::ceil(sure * kBins)) - 1;
    gaps[bin] += outcome.times(i) * (outcome.samples().has(i, predicted) - sure);
  }
  double sum = 0;
  for (const double gap : gaps) sum += std::abs(gap);
  return sum / number(outcome.counts().samples);
}

constexpr const char* kNone = nullptr;
constexpr auto kPercent = MetricUnit::kPercent;
constexpr auto kNumber = MetricUnit::kNumber;
constexpr auto kHigher = Better::kHigher;
constexpr auto kLower = Better::kLower;
constexpr auto kNeither = Better::kNeither;

// clang-format off
constexpr Metric kMetrics[] = {
  // key, title, selection, column, interval, one label, several labels, unit, better, value, from classes
  {"accuracy", "accuracy", "accuracy", kNone, true, true, false, kPercent, kHigher, accuracy},
  {"accuracy", "accuracy of entries", "accuracy", kNone, true, false, true, kPercent, kHigher, accuracy},
  {"chance", "  by chance", kNone, kNone, false, true, true, kPercent, kNeither, chance},
  {"all_negative", "  of predicting nothing", kNone, kNone, false, false, true, kPercent, kNeither, all_negative},
  {"majority", "  of the most common class", kNone, kNone, false, true, false, kPercent, kNeither, majority},
  {"majority", "  of each class's more common value", kNone, kNone, false, false, true, kPercent, kNeither, majority},
  {"balanced_accuracy", "balanced accuracy", "balanced-accuracy", "balanced_accuracy", true, true, false, kPercent, kHigher, balanced_accuracy},
  {"mean_average_precision", "mean average precision", "mean-average-precision", "average_precision", true, false, true, kPercent, kHigher, mean_average_precision},
  {"chance_average_precision", "  by chance", kNone, kNone, false, false, true, kPercent, kNeither, chance_average_precision},
  {"macro_f1", "macro F1", "macro-f1", "macro_f1", true, true, true, kPercent, kHigher, macro_f1},
  {"micro_f1", "micro F1", kNone, kNone, true, false, true, kPercent, kHigher, micro_f1},
  {"subset_accuracy", "patches with all labels right", kNone, kNone, true, false, true, kPercent, kHigher, subset_accuracy},
  {"macro_average_precision", "macro average precision", "mean-average-precision", "average_precision", true, true, false, kPercent, kHigher, mean_average_precision},
  {"auc", "area under the ROC curve", kNone, "auc", true, true, true, kNumber, kHigher, area_under_roc},
  {"kappa", "Cohen's kappa", kNone, "kappa", true, true, false, kNumber, kHigher, kappa<0>},
  {"kappa_linear", "  weighted linearly", kNone, kNone, false, true, false, kNumber, kHigher, kappa<1>, 3},
  {"kappa_quadratic", "  weighted quadratically", kNone, kNone, false, true, false, kNumber, kHigher, kappa<2>, 3},
  {"calibration_error", "expected calibration error", kNone, kNone, false, true, false, kPercent, kLower, expected_calibration_error},
  {"loss", "cross entropy", kNone, kNone, false, true, false, kNumber, kLower, cross_entropy},
  {"loss", "loss", kNone, kNone, false, false, true, kNumber, kLower, soft_margin_loss},
};
// clang-format on

// The epoch, the rate and the trial with the highest score are taken.
static_assert(std::ranges::all_of(kMetrics, [](const Metric& row) {
  return row.selection == nullptr || row.better == Better::kHigher;
}));

}  // namespace

std::span<const Metric> metric_table() {
  return kMetrics;
}

const Metric& metric(std::string_view key, bool multi_label) {
  const auto found = std::ranges::find_if(
      kMetrics, [&](const Metric& row) { return row.key == key && row.fits(multi_label); });
  if (found == std::end(kMetrics)) throw std::out_of_range("no metric " + std::string(key));
  return *found;
}

std::optional<double> metric_value(std::string_view key, const Outcome& outcome) {
  return metric(key, outcome.multi_label()).value(outcome);
}

std::vector<std::string> selection_words() {
  std::set<std::string> words;
  for (const Metric& row : kMetrics) {
    if (row.selection) words.insert(row.selection);
  }
  return {words.begin(), words.end()};
}

std::vector<std::string> selection_words(bool multi_label) {
  std::vector<std::string> words = selection_words();
  std::erase_if(words, [&](const std::string& word) { return !selection_metric(word, multi_label); });
  return words;
}

const Metric* selection_metric(std::string_view word, bool multi_label) {
  const auto found = std::ranges::find_if(kMetrics, [&](const Metric& row) {
    return row.selection && row.selection == word && row.fits(multi_label);
  });
  return found == std::end(kMetrics) ? nullptr : found;
}

double selection_score(std::string_view word, const Outcome& outcome) {
  const Metric* chosen = selection_metric(word, outcome.multi_label());
  const Value value = chosen ? chosen->value(outcome) : std::nullopt;
  return value.value_or(std::numeric_limits<double>::quiet_NaN());
}

std::vector<std::optional<double>> recall(const Outcome& outcome) {
  std::vector<std::optional<double>> shares;
  for (const auto& of : outcome.counts().classes) {
    shares.emplace_back();
    if (of.occurring) shares.back() = number(of.hits) / number(of.occurring);
  }
  return shares;
}

}  // namespace histokt
