// SPDX-License-Identifier: MIT
#include "training/probe.hpp"

#include <torch/optim.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>

#include "base/errors.hpp"
#include "base/interrupt.hpp"
#include "training/metrics.hpp"

namespace histokt {
namespace {

using torch::Tensor;

constexpr std::int64_t kRowsAtOnce = 1024;
constexpr double kLeastShare = 1e-12;  // a logarithm's of none
constexpr int kIterations = 300;       // of L-BFGS; a probe of 512 features takes about 50

bool multi_label(const ProbeData& data) {
  return data.train.labels.dim() == 2;
}

void check(const ProbeData& data) {
  for (const LabelledFeatures* part : {&data.train, &data.valid, &data.test}) {
    if (part->features.size(0) > 0) continue;
    throw RunError(
        "A probe needs training, validation and test patches, and one of these is empty. Check the split.");
  }
}

// (N, C) of 0 and 1.
Tensor targets_of(const LabelledFeatures& part, std::int64_t classes) {
  return part.labels.dim() == 2 ? part.labels.to(torch::kDouble)
                                : torch::one_hot(part.labels, classes).to(torch::kDouble);
}

// Logits (N, C) beside the labels.
Samples samples_of(const Tensor& logits, const Tensor& labels) {
  const Tensor values = logits.to(torch::kDouble).contiguous();
  Samples samples{.classes = static_cast<int>(values.size(1)), .multi_label = labels.dim() == 2};
  samples.logits.assign(values.data_ptr<double>(), values.data_ptr<double>() + values.numel());
  if (samples.multi_label) {
    const Tensor bytes = labels.to(torch::kUInt8).contiguous();
    samples.labels.assign(bytes.data_ptr<std::uint8_t>(), bytes.data_ptr<std::uint8_t>() + bytes.numel());
  } else {
    const Tensor indices = labels.to(torch::kInt64).contiguous();
    samples.label.assign(indices.data_ptr<std::int64_t>(),
                         indices.data_ptr<std::int64_t>() + indices.numel());
  }
  return samples;
}

// Keeps the setting whose validation score is the best, the first of equals. A score that is not defined is
// below all others.
class BestSetting {
 public:
  explicit BestSetting(const ProbeData& data) : data_(data) {}

  // test_logits(): made where they are needed.
  template <typename TestLogits>
  void offer(double setting, const Tensor& valid_logits, const TestLogits& test_logits) {
    const Samples valid_samples = samples_of(valid_logits, data_.valid.labels);
    const AllSamples valid(valid_samples);
    const double valid_score = selection_score(data_.selection, valid);
    const double score = std::isnan(valid_score) ? -2 : valid_score;
    if (best_.test_scores.defined() && score <= score_) return;
    score_ = score;
    const Tensor logits = test_logits();
    const Samples test_samples = samples_of(logits, data_.test.labels);
    const AllSamples test(test_samples);
    best_ = {setting,
             valid_score,
             metric_value("accuracy", valid).value(),
             metric_value("accuracy", test).value(),
             selection_metric("mean-average-precision", test.multi_label())->value(test),
             logits};
  }

  const ProbeResult& result() const { return best_; }

 private:
  const ProbeData& data_;
  ProbeResult best_;
  double score_ = 0;
};

// By the training patches; a feature that never changes becomes 0.
class Standardisation {
 public:
  explicit Standardisation(const Tensor& features) {
    const Tensor values = features.to(torch::kDouble);
    mean_ = values.mean(0);
    const Tensor deviation = (values - mean_).pow(2).mean(0).sqrt();
    factor_ = torch::where(deviation > 1e-9, 1 / deviation, torch::zeros_like(deviation));
  }
  Tensor operator()(const Tensor& features) const { return (features.to(torch::kDouble) - mean_) * factor_; }

 private:
  Tensor mean_, factor_;
};

struct Regression {
  Tensor weight, bias;  // (C, D), (C)

  Tensor scores(const Tensor& features) const {
    const torch::NoGradGuard no_gradient;
    return torch::linear(features, weight, bias);
  }
};

// Goes on from the regression that is given.
void fit(Regression& regression, const Tensor& features, const LabelledFeatures& train, double penalty) {
  throw_if_interrupted();
  const Tensor targets = train.labels.dim() == 2 ? train.labels.to(torch::kDouble) : train.labels;
  torch::optim::LBFGS optimizer(
      std::vector<Tensor>{regression.weight, regression.bias},
      torch::optim::LBFGSOptions(1).max_iter(kIterations).history_size(20).line_search_fn("strong_wolfe"));
  optimizer.step([&] {
    optimizer.zero_grad();
    const Tensor logits = torch::linear(features, regression.weight, regression.bias);
    const Tensor losses = targets.dim() == 2 ? torch::binary_cross_entropy_with_logits(
                                                   logits, targets, {}, {}, at::Reduction::Sum) /
                                                   features.size(0)
                                             : torch::cross_entropy_loss(logits, targets);
    const Tensor loss = losses + regression.weight.pow(2).sum() * (penalty / 2);
    loss.backward();
    return loss;
  });
}

Tensor unit_rows(const Tensor& features) {
  const Tensor values = features.to(torch::kDouble);
  return values / values.norm(2, {1}, true).clamp_min(1e-12);
}

// The nearest training patches of each row: their similarities and numbers, (N, most) each.
std::pair<Tensor, Tensor> nearest(const Tensor& rows, const Tensor& train, std::int64_t most) {
  std::vector<Tensor> similarities, indices;
  for (std::int64_t begin = 0; begin < rows.size(0); begin += kRowsAtOnce) {
    throw_if_interrupted();
    const Tensor part = rows.slice(0, begin, std::min(rows.size(0), begin + kRowsAtOnce));
    const auto [values, at] = part.mm(train.t()).topk(most, 1);
    similarities.push_back(values);
    indices.push_back(at);
  }
  return {torch::cat(similarities), torch::cat(indices)};
}

// Logits by the mean of the first k neighbours' targets, (N, C): above 0 where more than half have the class,
// if there are several; else the logarithms of the shares, so that a softmax gives them back. Similarities,
// small enough to change no majority, are added to these.
Tensor votes(const Tensor& similarities, const Tensor& indices, const Tensor& targets, std::int64_t k,
             bool several) {
  const Tensor near = targets.index_select(0, indices.slice(1, 0, k).reshape({-1}));
  const Tensor each = near.view({indices.size(0), k, targets.size(1)});
  if (several) return each.mean(1) - 0.5;
  const Tensor weights = 1 + similarities.slice(1, 0, k).unsqueeze(2) / (4.0 * static_cast<double>(k));
  return (each * weights).mean(1).clamp_min(kLeastShare).log();
}

}  // namespace

ProbeResult linear_probe(const ProbeData& data, const std::vector<double>& penalties) {
  check(data);
  const Standardisation standardise(data.train.features);
  const Tensor train = standardise(data.train.features);
  const Tensor valid = standardise(data.valid.features), test = standardise(data.test.features);
  Regression regression{torch::zeros({data.classes, train.size(1)}, torch::kDouble).requires_grad_(),
                        torch::zeros({data.classes}, torch::kDouble).requires_grad_()};
  std::vector<double> sorted = penalties;
  std::sort(sorted.rbegin(), sorted.rend());
  BestSetting best(data);
  for (const double penalty : sorted) {
    fit(regression, train, data.train, penalty);
    best.offer(penalty, regression.scores(valid), [&] { return regression.scores(test); });
  }
  return best.result();
}

ProbeResult nearest_neighbours(const ProbeData& data, const std::vector<std::int64_t>& numbers) {
  check(data);
  const torch::NoGradGuard no_gradient;
  const Tensor train = unit_rows(data.train.features), targets = targets_of(data.train, data.classes);
  const std::int64_t most = std::min(*std::max_element(numbers.begin(), numbers.end()), train.size(0));
  const auto [valid_near, valid_at] = nearest(unit_rows(data.valid.features), train, most);
  const auto [test_near, test_at] = nearest(unit_rows(data.test.features), train, most);
  BestSetting best(data);
  for (const std::int64_t number : numbers) {
    const std::int64_t k = std::min(number, most);
    const auto logits = [&](const Tensor& near, const Tensor& at) {
      return votes(near, at, targets, k, multi_label(data));
    };
    best.offer(static_cast<double>(k), logits(valid_near, valid_at),
               [&] { return logits(test_near, test_at); });
  }
  return best.result();
}

}  // namespace histokt
