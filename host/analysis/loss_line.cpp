// SPDX-License-Identifier: MIT
#include "analysis/loss_line.hpp"

#include <torch/types.h>

#include <algorithm>
#include <cmath>

#include "base/errors.hpp"
#include "distill/floats.hpp"
#include "training/checkpoint.hpp"
#include "training/frozen_features.hpp"
#include "training/inference.hpp"
#include "training/metrics.hpp"
#include "training/probe.hpp"
#include "training/recalibrate.hpp"
#include "training/validation.hpp"

namespace histokt {
namespace {

using torch::Tensor;

class Line {
 public:
  Line(Model& model, const LineRequest& request, const Runtime& runtime)
      : model_(model), request_(request), runtime_(runtime), evaluation_labels_(*request.evaluated) {}

  LossLine run() { return request_.fit_head ? with_fitted_heads() : with_own_heads(); }

 private:
  std::size_t networks() const { return static_cast<std::size_t>(request_.points) + request_.others.size(); }
  double t_of(std::size_t point) const { return static_cast<double>(point) / (request_.points - 1); }

  // Puts the weights of point or other number `number` into the model.
  void take(std::size_t number) {
    const auto points = static_cast<std::size_t>(request_.points);
    if (number < points) {
      load(interpolated(*request_.first, *request_.second, t_of(number)));
    } else {
      load(*request_.others[number - points]);
    }
    if (!request_.recalibrate) return;
    recalibrate(model_, *request_.train,
                {.normalization = request_.normalization,
                 .seed = request_.seed,
                 .loader_threads = request_.loader_threads},
                runtime_, request_.batch_size);
  }
  void load(TensorFile weights) {
    if (request_.fit_head) {
      const std::vector<ModelTensor> tensors = model_.tensors();
      std::erase_if(weights.tensors, [&](const StoredTensor& tensor) {
        return std::any_of(tensors.begin(), tensors.end(), [&](const ModelTensor& of_model) {
          return of_model.name == tensor.name && of_model.role == HISTOKT_ROLE_HEAD;
        });
      });
    }
    load_into(model_, weights, {.allow_other_head = request_.fit_head});
  }

  LossLine with_own_heads() {
    std::vector<LossAndAccuracy> evaluations;
    for (std::size_t number = 0; number < networks(); ++number) {
      take(number);
      evaluations.push_back(evaluate(infer_on(*request_.evaluated).logits, evaluation_labels_));
      if (request_.on_network) request_.on_network();
    }
    return line_of(evaluations);
  }

  // Each network is evaluated under every penalty as soon as its features are there, so that those of one
  // network alone are held.
  LossLine with_fitted_heads() {
    const PatchSource &valid = *request_.valid, &evaluated = *request_.evaluated;
    const bool evaluated_on_valid = &evaluated == &valid;
    const PatchLabels valid_labels(valid);
    const Tensor train_labels = labels_of(*request_.train);
    const Tensor asked_labels =
        evaluated_on_valid ? labels_of(valid) : torch::cat({labels_of(valid), labels_of(evaluated)});
    std::vector<double> valid_losses(kProbePenalties.size(), 0.0);  // sums over the line's points
    std::vector<std::vector<LossAndAccuracy>> evaluations(kProbePenalties.size());
    for (std::size_t number = 0; number < networks(); ++number) {
      take(number);
      Tensor asked = features(valid);
      const std::int64_t first_evaluated = evaluated_on_valid ? 0 : asked.size(0), valid_end = asked.size(0);
      if (!evaluated_on_valid) asked = torch::cat({asked, features(evaluated)});
      const LabelledFeatures there{asked, asked_labels};
      const ProbeData data{{features(*request_.train), train_labels}, there, there, valid.class_count()};
      for (std::size_t p = 0; p < kProbePenalties.size(); ++p) {
        const Tensor scores = linear_probe(data, {kProbePenalties[p]}).test_scores;
        const double valid_loss = evaluate(scores.slice(0, 0, valid_end), valid_labels).loss;
        if (number < static_cast<std::size_t>(request_.points)) valid_losses[p] += valid_loss;
        evaluations[p].push_back(evaluate(scores.slice(0, first_evaluated), evaluation_labels_));
      }
      if (request_.on_network) request_.on_network();
    }
    const auto best = static_cast<std::size_t>(std::ranges::min_element(valid_losses) - valid_losses.begin());
    LossLine line = line_of(evaluations[best]);
    line.penalty = kProbePenalties[best];
    return line;
  }

  Tensor features(const PatchSource& patches) { return infer_on(patches).features; }

  InferenceResult infer_on(const PatchSource& patches) {
    InferenceOptions options{.normalization = request_.normalization, .batch_size = 2 * request_.batch_size};
    options.loader_threads = request_.loader_threads;
    options.features = request_.fit_head;
    return infer(model_, patches, options, runtime_);
  }

  static LossAndAccuracy evaluate(const Tensor& logits, const PatchLabels& labels) {
    const Samples samples = samples_of(logits, labels);
    const AllSamples outcome(samples);
    return {metric_value("loss", outcome).value(), metric_value("accuracy", outcome).value()};
  }

  LossLine line_of(const std::vector<LossAndAccuracy>& evaluations) const {
    LossLine line;
    const auto points = static_cast<std::size_t>(request_.points);
    for (std::size_t i = 0; i < points; ++i) line.points.push_back({t_of(i), evaluations[i]});
    line.others.assign(evaluations.begin() + request_.points, evaluations.end());
    return line;
  }

  Model& model_;
  const LineRequest& request_;
  const Runtime& runtime_;
  PatchLabels evaluation_labels_;
};

}  // namespace

LossLine loss_line(Model& model, const LineRequest& request, const Runtime& runtime) {
  if (request.points < 2)
    throw RunError("A line needs at least two points, not " + std::to_string(request.points) + ".");
  return Line(model, request, runtime).run();
}

TensorFile interpolated(const TensorFile& a, const TensorFile& b, double t) {
  TensorFile result;
  for (const StoredTensor& tensor : a.tensors) {
    const StoredTensor* other = b.find(tensor.name);
    if (!other || !is_floating(tensor.dtype) || other->shape != tensor.shape) {
      result.tensors.push_back(tensor);
      continue;
    }
    const torch::Tensor first = to_torch(tensor).to(torch::kDouble),
                        second = to_torch(*other).to(torch::kDouble);
    result.tensors.push_back(stored(tensor.name, (first * (1 - t) + second * t).to(torch::kFloat)));
  }
  return result;
}

Barrier barrier_of(std::span<const LinePoint> points) {
  Barrier barrier;
  if (points.empty()) return barrier;
  const double first = points.front().evaluation.loss, last = points.back().evaluation.loss;
  for (const LinePoint& point : points) {
    const double above = point.evaluation.loss - ((1 - point.t) * first + point.t * last);
    if (above > barrier.height) barrier = {above, point.t};
  }
  return barrier;
}

}  // namespace histokt
