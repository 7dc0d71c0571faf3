#include "training/intervals.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "training/metrics.hpp"
#include "training/ranking.hpp"

namespace histokt {
namespace {

using Times = std::span<const std::uint32_t>;
using Values = std::vector<double>;  // NaN where not defined

double or_nan(std::optional<double> value) {
  return value.value_or(std::numeric_limits<double>::quiet_NaN());
}

// Numbers that add up over groups: for each group, which of K counters it moves by how much.
class GroupSums {
 public:
  GroupSums(std::size_t counters, std::size_t groups) : counters_(counters), of_group_(groups) {}

  void add(std::uint32_t group, std::size_t counter, std::int64_t amount = 1) {
    of_group_[group][counter] += amount;
  }

  std::vector<std::int64_t> weighted(Times times) const {
    std::vector<std::int64_t> sums(counters_, 0);
    for (std::size_t g = 0; g < of_group_.size(); ++g) {
      if (times[g] == 0) continue;
      for (const auto& [counter, amount] : of_group_[g]) sums[counter] += amount * times[g];
    }
    return sums;
  }

 private:
  std::size_t counters_;
  std::vector<std::map<std::size_t, std::int64_t>> of_group_;
};

// The metrics of a resample, made from what was summed and sorted beforehand.
class Resampled {
 public:
  virtual ~Resampled() = default;
  virtual std::vector<std::string> names() const = 0;
  virtual Values values(Times times) const = 0;

 protected:
  // Means over classes of {area under ROC, average precision}.
  static std::pair<double, double> rank_means(const std::vector<RankedScores>& ranked, Times times) {
    Mean area, precision;
    for (const RankedScores& scores : ranked) {
      const RankedScores::Values values = scores.weighted(times);
      area.add(values.area_under_roc);
      precision.add(values.average_precision);
    }
    return {or_nan(area.value()), or_nan(precision.value())};
  }
};

class SingleLabel final : public Resampled {
 public:
  explicit SingleLabel(const Samples& samples)
      : classes_(static_cast<std::size_t>(samples.classes)),
        confusion_(classes_ * classes_, samples.group_count) {
    const std::size_t count = samples.size();
    for (std::size_t i = 0; i < count; ++i) {
      const auto row = std::span(samples.logits).subspan(i * classes_, classes_);
      const auto predicted = static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
      confusion_.add(samples.group[i], static_cast<std::size_t>(samples.label[i]) * classes_ + predicted);
    }
    const std::vector<double> probabilities = probabilities_by_class(samples.logits, classes_);
    std::vector<std::uint8_t> positive(count);
    for (std::size_t c = 0; c < classes_; ++c) {
      std::transform(samples.label.begin(), samples.label.end(), positive.begin(),
                     [c](std::int64_t label) { return static_cast<std::size_t>(label) == c; });
      ranked_.emplace_back(std::span(probabilities).subspan(c * count, count), positive, samples.group);
    }
  }

  std::vector<std::string> names() const override {
    return {"accuracy", "balanced_accuracy", "macro_f1", "kappa", "auc", "macro_average_precision"};
  }

  Values values(Times times) const override {
    const SingleLabelMetrics m = metrics_of_confusion(confusion_.weighted(times), static_cast<int>(classes_));
    const auto [area, precision] = rank_means(ranked_, times);
    return {m.top1, m.balanced_accuracy, m.macro_f1, or_nan(m.kappa), area, precision};
  }

 private:
  std::size_t classes_;
  GroupSums confusion_;
  std::vector<RankedScores> ranked_;
};

class MultiLabel final : public Resampled {
 public:
  explicit MultiLabel(const Samples& samples)
      : classes_(static_cast<std::size_t>(samples.classes)),
        sums_(kOfClasses + 3 * classes_, samples.group_count) {
    const std::size_t count = samples.size();
    for (std::size_t i = 0; i < count; ++i) add(samples, i);
    std::vector<double> scores(count);
    std::vector<std::uint8_t> positive(count);
    for (std::size_t c = 0; c < classes_; ++c) {
      for (std::size_t i = 0; i < count; ++i) {
        scores[i] = samples.logits[i * classes_ + c];
        positive[i] = samples.labels[i * classes_ + c];
      }
      ranked_.emplace_back(scores, positive, samples.group);
    }
  }

  std::vector<std::string> names() const override {
    return {"accuracy", "subset_accuracy", "macro_f1", "micro_f1", "auc", "mean_average_precision"};
  }

  Values values(Times times) const override {
    const std::vector<std::int64_t> sums = sums_.weighted(times);
    const auto sum = [&](std::size_t counter) { return static_cast<double>(sums[counter]); };
    Mean f1_mean;
    double hits = 0, occurring = 0, predicted = 0;
    for (std::size_t c = 0; c < classes_; ++c) {
      const std::size_t at = kOfClasses + 3 * c;
      f1_mean.add(f1(sum(at), sum(at + 1), sum(at + 2)));
      hits += sum(at), occurring += sum(at + 1), predicted += sum(at + 2);
    }
    const auto [area, precision] = rank_means(ranked_, times);
    return {sum(kRightEntries) / sum(kSamples) / static_cast<double>(classes_),
            sum(kRightSamples) / sum(kSamples),
            or_nan(f1_mean.value()),
            or_nan(f1(hits, occurring, predicted)),
            area,
            precision};
  }

 private:
  // Counters; from kOfClasses on three for each class: hits, occurring, predicted.
  enum Counter : std::size_t { kSamples, kRightEntries, kRightSamples, kOfClasses };

  void add(const Samples& samples, std::size_t i) {
    const std::uint32_t group = samples.group[i];
    std::size_t right = 0;
    for (std::size_t c = 0; c < classes_; ++c) {
      const bool occurs = samples.labels[i * classes_ + c] != 0,
                 predicted = samples.logits[i * classes_ + c] > 0;
      right += occurs == predicted;
      if (occurs && predicted) sums_.add(group, kOfClasses + 3 * c);
      if (occurs) sums_.add(group, kOfClasses + 3 * c + 1);
      if (predicted) sums_.add(group, kOfClasses + 3 * c + 2);
    }
    sums_.add(group, kSamples);
    sums_.add(group, kRightEntries, static_cast<std::int64_t>(right));
    if (right == classes_) sums_.add(group, kRightSamples);
  }

  std::size_t classes_;
  GroupSums sums_;
  std::vector<RankedScores> ranked_;
};

}  // namespace

std::map<std::string, Interval> metric_intervals(const Samples& samples, int threads) {
  std::map<std::string, Interval> intervals;
  if (samples.group_count < kGroupsForAnInterval || samples.size() == 0) return intervals;
  std::unique_ptr<const Resampled> metrics;
  if (samples.multi_label) {
    metrics = std::make_unique<MultiLabel>(samples);
  } else {
    metrics = std::make_unique<SingleLabel>(samples);
  }
  std::vector<Values> resamples(kResamples);
  const int workers = std::clamp(threads, 1, 64);
  const auto work = [&](int first) {
    std::vector<std::uint32_t> times(samples.group_count);
    for (int r = first; r < kResamples; r += workers) {
      draw_groups(r, times);
      resamples[static_cast<std::size_t>(r)] = metrics->values(times);
    }
  };
  {
    std::vector<std::jthread> others;
    for (int w = 1; w < workers; ++w) others.emplace_back(work, w);
    work(0);
  }
  const std::vector<std::string> names = metrics->names();
  for (std::size_t m = 0; m < names.size(); ++m) {
    Values values;
    for (const Values& resample : resamples) values.push_back(resample[m]);
    if (const auto interval = middle_95_percent(std::move(values))) intervals[names[m]] = *interval;
  }
  return intervals;
}

}  // namespace histokt
