// SPDX-License-Identifier: MIT
#include "analysis/loss_line.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/errors.hpp"
#include "support/tiny_model.hpp"
#include "training/checkpoint.hpp"
#include "training/frozen_features.hpp"
#include "training/inference.hpp"
#include "training/probe.hpp"
#include "training/trainer.hpp"

namespace histokt {
namespace {

using testing::ColouredPatches;
using testing::PlainSgd;
using testing::TinyModel;

constexpr Normalization kNormalization{{.4, .4, .4}, {.2, .2, .2}};

class LossAlongALine : public ::testing::Test {
 protected:
  // A network from a start of its own, trained for some epochs.
  TensorFile trained(std::uint64_t start) const {
    TinyModel model(3, start);
    TrainRequest request;
    request.model = &model;
    request.optimizer = [](std::vector<NamedParameter> p) {
      return std::make_unique<PlainSgd>(std::move(p), 0.05);
    };
    request.train = &train_;
    request.valid = &valid_;
    request.normalization = kNormalization;
    request.augmentation = {0, 0, 0, 0};
    request.epochs = 8;
    request.batch_size = 16;
    train(request);
    return to_tensor_file(model, {});
  }

  LossLine line(const TensorFile& a, const TensorFile& b, bool recalibrated = true, bool fit_head = false,
                const PatchSource* evaluated = nullptr) const {
    TinyModel model(3, 99);
    LineRequest request{
        .first = &a, .second = &b, .others = {&b}, .train = &train_, .valid = &valid_, .evaluated = &valid_};
    if (evaluated) request.evaluated = evaluated;
    request.normalization = kNormalization;
    request.points = 5;
    request.recalibrate = recalibrated;
    request.fit_head = fit_head;
    return loss_line(model, request, {});
  }

  ColouredPatches train_{96, 3}, valid_{48, 3, false, 16, 9};
};

TEST_F(LossAlongALine, BetweenANetworkAndItselfIsFlat) {
  const TensorFile a = trained(1);
  const LossLine found = line(a, a, false);
  ASSERT_EQ(5u, found.points.size());
  EXPECT_EQ(0.25, found.points[1].t);
  for (const LinePoint& point : found.points) {
    EXPECT_NEAR(found.points[0].evaluation.loss, point.evaluation.loss, 1e-5);
  }
  EXPECT_NEAR(found.points[0].evaluation.loss, found.others.at(0).loss, 1e-5);
  EXPECT_LT(barrier_of(found.points).height, 1e-5);
}

TEST_F(LossAlongALine, BetweenNetworksOfOtherStartsHasABarrier) {
  const TensorFile a = trained(1), b = trained(2);
  const LossLine found = line(a, b);
  EXPECT_GT(barrier_of(found.points).height, 0.05);
  EXPECT_GT(found.points.front().evaluation.accuracy, 0.7);
  EXPECT_NEAR(found.points.back().evaluation.loss, found.others.at(0).loss, 1e-6);
}

TEST_F(LossAlongALine, FitsOneHeadAPointWhereAsked) {
  TensorFile a = trained(1), b = trained(2);
  // A head of other classes says nothing about the network any more.
  for (StoredTensor& tensor : b.tensors) {
    if (tensor.name == "fc.weight") tensor = stored("fc.weight", torch::zeros({7, 8}));
    if (tensor.name == "fc.bias") tensor = stored("fc.bias", torch::zeros({7}));
  }
  const LossLine found = line(a, b, true, true);
  ASSERT_TRUE(found.penalty.has_value());
  EXPECT_GT(found.points.front().evaluation.accuracy, 0.7);
  EXPECT_GT(found.points.back().evaluation.accuracy, 0.7);
  EXPECT_THROW(line(a, b), RunError) << "heads of other classes cannot be interpolated";
}

// The penalty of the smallest sum of losses on the validation patches over all points, the ends no more than
// others, whichever patches it is then evaluated on.
TEST_F(LossAlongALine, ChoosesThePenaltyByAllPoints) {
  const TensorFile a = trained(1), b = trained(2);
  const ColouredPatches evaluated(48, 3, false, 16, 21);
  const PatchSource& train = train_;
  const auto features = [&](Model& model, const PatchSource& patches) {
    return LabelledFeatures{
        infer(model, patches, {.normalization = kNormalization, .features = true}, {}).features,
        labels_of(patches)};
  };
  std::vector<double> sums;
  std::vector<std::vector<double>> losses;  // on the evaluated patches, by penalty and point
  for (const double penalty : kProbePenalties) {
    sums.push_back(0);
    losses.emplace_back();
    for (const double t : {0., 0.25, 0.5, 0.75, 1.}) {
      TinyModel model(3, 99);
      load_into(model, interpolated(a, b, t));
      const LabelledFeatures valid = features(model, valid_), test = features(model, evaluated);
      const auto loss = [&](const LabelledFeatures& asked) {
        const ProbeData data{features(model, train), asked, asked, 3};
        return torch::cross_entropy_loss(linear_probe(data, {penalty}).test_scores, asked.labels)
            .item<double>();
      };
      sums.back() += loss(valid);
      losses.back().push_back(loss(test));
    }
  }
  const auto best = static_cast<std::size_t>(std::ranges::min_element(sums) - sums.begin());
  const LossLine on_valid = line(a, b, false, true), on_judged = line(a, b, false, true, &evaluated);
  EXPECT_EQ(kProbePenalties[best], on_valid.penalty.value());
  EXPECT_EQ(kProbePenalties[best], on_judged.penalty.value());
  double sum = 0;
  for (std::size_t i = 0; i < 5; ++i) {
    sum += on_valid.points[i].evaluation.loss;
    EXPECT_NEAR(losses[best][i], on_judged.points[i].evaluation.loss, 1e-5) << i;
  }
  EXPECT_NEAR(sums[best], sum, 1e-5);
}

TEST_F(LossAlongALine, OfShrunkenActivationsIsMendedByRecalibration) {
  const TensorFile a = trained(1);
  TensorFile b = a;
  // The same function: batch-norm hides the scale of what it norms.
  for (const auto& [name, factor] :
       {std::pair{"conv1.weight", 3.f}, {"bn1.running_mean", 3.f}, {"bn1.running_var", 9.f}}) {
    for (StoredTensor& tensor : b.tensors) {
      if (tensor.name != name) continue;
      for (std::size_t i = 0; i < tensor.entry_count(); ++i) tensor.floats()[i] *= factor;
    }
  }
  // Halfway the weights are twice a's, but the averaged variance is 5 and not 4 times its.
  const double straight = barrier_of(line(a, b, false).points).height;
  ASSERT_GT(straight, 1e-3);
  EXPECT_LT(barrier_of(line(a, b, true).points).height, 0.3 * straight);
}

TEST_F(LossAlongALine, TakesSeveralLabelsAPatch) {
  const ColouredPatches train(64, 3, true), valid(32, 3, true, 16, 9);
  TinyModel model(3, 1), other(3, 2);
  const TensorFile a = to_tensor_file(model, {}), b = to_tensor_file(other, {});
  LineRequest request{.first = &a, .second = &b, .train = &train, .valid = &valid, .evaluated = &valid};
  request.normalization = kNormalization;
  request.points = 3;
  request.fit_head = true;
  const LossLine found = loss_line(model, request, {});
  ASSERT_EQ(3u, found.points.size());
  for (const LinePoint& point : found.points) {
    EXPECT_LT(point.evaluation.loss, std::log(2.)) << "better than a coin, by a head on random features";
    EXPECT_GT(point.evaluation.accuracy, 0.6);
  }
  request.fit_head = false;
  EXPECT_FALSE(loss_line(model, request, {}).penalty.has_value());
}

TEST(Barrier, IsMeasuredFromTheStraightLineBetweenTheEnds) {
  const std::vector<LinePoint> points = {{0, {1, 0}}, {0.25, {1.5, 0}}, {0.5, {2.5, 0}}, {1, {3, 0}}};
  const Barrier barrier = barrier_of(points);
  EXPECT_NEAR(0.5, barrier.height, 1e-12);
  EXPECT_EQ(0.5, barrier.t);
  EXPECT_EQ(0, barrier_of(std::vector<LinePoint>{{0, {1, 0}}, {0.5, {0.5, 0}}, {1, {1, 0}}}).height);
}

TEST(Interpolation, GoesStraightAndKeepsIntegers) {
  const TensorFile a{{stored("w", torch::tensor({1.f, 2.f})), stored("n", torch::tensor({7L}))}, {}};
  const TensorFile b{{stored("w", torch::tensor({3.f, 0.f})), stored("n", torch::tensor({9L}))}, {}};
  const TensorFile middle = interpolated(a, b, 0.25);
  EXPECT_EQ(1.5f, middle.find("w")->floats()[0]);
  EXPECT_EQ(1.5f, middle.find("w")->floats()[1]);
  EXPECT_TRUE(to_torch(*middle.find("n")).equal(torch::tensor({7L})));
}

}  // namespace
}  // namespace histokt
