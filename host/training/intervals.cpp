// SPDX-License-Identifier: MIT
#include "training/intervals.hpp"

#include <algorithm>
#include <limits>
#include <thread>
#include <utility>
#include <vector>

#include "training/metrics.hpp"

namespace histokt {
namespace {

using Times = std::span<const std::uint32_t>;

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

// What is the same in all resamples, summed and sorted once. Threads may share it.
class Prepared {
 public:
  explicit Prepared(const Samples& samples)
      : samples_(samples),
        classes_(static_cast<std::size_t>(samples.classes)),
        sums_(samples.multi_label ? kOfClasses + 3 * classes_ : classes_ * classes_, samples.group_count),
        probabilities_(probabilities_by_class(samples)) {
    for (std::size_t i = 0; i < samples.size(); ++i) {
      if (samples.multi_label) {
        add_labels(i);
      } else {
        add_label(i);
      }
    }
    for_each_ranking(samples, probabilities_,
                     [&](std::span<const double> scores, std::span<const std::uint8_t> positive) {
                       ranked_.emplace_back(scores, positive, samples.group);
                     });
  }

  const Samples& samples() const { return samples_; }
  const std::vector<double>& probabilities() const { return probabilities_; }

  Outcome::Counts count(Times times) const {
    std::vector<std::int64_t> sums = sums_.weighted(times);
    if (!samples_.multi_label) return counts_of_confusion(std::move(sums), classes_);
    Outcome::Counts counts{.samples = sums[kSamples],
                           .right_samples = sums[kRightSamples],
                           .right_entries = sums[kRightEntries]};
    for (std::size_t at = kOfClasses; at < sums.size(); at += 3) {
      counts.classes.push_back({.occurring = sums[at + 1], .predicted = sums[at + 2], .hits = sums[at]});
    }
    return counts;
  }

  std::vector<RankedScores::Values> rank(Times times) const {
    std::vector<RankedScores::Values> ranks;
    for (const RankedScores& scores : ranked_) ranks.push_back(scores.weighted(times));
    return ranks;
  }

 private:
  // Counters where there are several labels; from kOfClasses on three for each class: hits, occurring,
  // predicted. Where there is one they are the confusion matrix.
  enum Counter : std::size_t { kSamples, kRightEntries, kRightSamples, kOfClasses };

  void add_label(std::size_t i) {
    const auto row = std::span(samples_.logits).subspan(i * classes_, classes_);
    const auto label = static_cast<std::size_t>(samples_.label[i]);
    sums_.add(samples_.group[i], label * classes_ + predicted_class(row));
  }

  void add_labels(std::size_t i) {
    const std::uint32_t group = samples_.group[i];
    std::size_t right = 0;
    for (std::size_t c = 0; c < classes_; ++c) {
      const bool occurs = samples_.has(i, c), predicted = samples_.logits[i * classes_ + c] > 0;
      right += occurs == predicted;
      if (occurs && predicted) sums_.add(group, kOfClasses + 3 * c);
      if (occurs) sums_.add(group, kOfClasses + 3 * c + 1);
      if (predicted) sums_.add(group, kOfClasses + 3 * c + 2);
    }
    sums_.add(group, kSamples);
    sums_.add(group, kRightEntries, static_cast<std::int64_t>(right));
    if (right == classes_) sums_.add(group, kRightSamples);
  }

  const Samples& samples_;
  std::size_t classes_;
  GroupSums sums_;
  std::vector<double> probabilities_;
  std::vector<RankedScores> ranked_;
};

// The samples with each group as often as it was drawn.
class Resample final : public Outcome {
 public:
  Resample(const Prepared& prepared, Times times_of_group)
      : Outcome(prepared.samples()), prepared_(prepared), times_(times_of_group) {}

  const std::vector<double>& probabilities() const override { return prepared_.probabilities(); }
  double times(std::size_t sample) const override { return times_[samples().group[sample]]; }

 private:
  Counts count() const override { return prepared_.count(times_); }
  std::vector<RankedScores::Values> rank() const override { return prepared_.rank(times_); }

  const Prepared& prepared_;
  Times times_;
};

std::vector<const Metric*> metrics_with_intervals(bool multi_label) {
  std::vector<const Metric*> metrics;
  for (const Metric& metric : metric_table()) {
    if (metric.interval && metric.fits(multi_label)) metrics.push_back(&metric);
  }
  return metrics;
}

}  // namespace

std::map<std::string, Interval> metric_intervals(const Samples& samples, int threads) {
  std::map<std::string, Interval> intervals;
  if (samples.group_count < kGroupsForAnInterval || samples.size() == 0) return intervals;
  const std::vector<const Metric*> metrics = metrics_with_intervals(samples.multi_label);
  const Prepared prepared(samples);
  // (metrics, resamples), NaN where not defined.
  std::vector<std::vector<double>> values(metrics.size(), std::vector<double>(kResamples));
  const int workers = std::clamp(threads, 1, 64);
  const auto work = [&](int first) {
    std::vector<std::uint32_t> times(samples.group_count);
    for (int r = first; r < kResamples; r += workers) {
      draw_groups(r, times);
      const Resample resample(prepared, times);
      for (std::size_t m = 0; m < metrics.size(); ++m) {
        values[m][static_cast<std::size_t>(r)] =
            metrics[m]->value(resample).value_or(std::numeric_limits<double>::quiet_NaN());
      }
    }
  };
  {
    std::vector<std::jthread> others;
    for (int w = 1; w < workers; ++w) others.emplace_back(work, w);
    work(0);
  }
  for (std::size_t m = 0; m < metrics.size(); ++m) {
    if (const auto interval = middle_95_percent(std::move(values[m]))) intervals[metrics[m]->key] = *interval;
  }
  return intervals;
}

}  // namespace histokt
