// SPDX-License-Identifier: MIT
#include <torch/autograd.h>
#include <torch/utils.h>

#include "models/resnet18/fused_norm.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <vector>

namespace histokt {
namespace {

using torch::Tensor;

Tensor channels_last(const Tensor& tensor) {
  return tensor.contiguous(at::MemoryFormat::ChannelsLast);
}

// In double; to be rounded by as().
struct Problem {
  BatchNorm norm;
  Tensor input, shortcut, direction;  // the gradient that comes in is a part of direction
};

Problem make_problem(std::int64_t channels, std::int64_t height = 13, std::int64_t width = 16) {
  torch::manual_seed(3);
  const auto as = torch::dtype(torch::kDouble);
  const Tensor weight = (0.5 + torch::rand({channels}, as)) * torch::randn({channels}, as).sign();
  return {
      {weight, torch::randn({channels}, as), torch::randn({channels}, as), 0.5 + torch::rand({channels}, as)},
      torch::randn({3, channels, height, width}, as) * 3 + 2,
      torch::randn({3, channels, height, width}, as),
      torch::randn({3, channels, height, width}, as)};
}

using Operation = std::function<Tensor(const BatchNorm&, const Tensor&, const Tensor& shortcut, bool batch)>;

struct Case {
  const char* name;
  Operation fused, plain;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {"norm", [](auto& n, auto& x, auto&, bool batch) { return n.norm(x, batch); },
       [](auto& n, auto& x, auto&, bool batch) { return n.unfused(x, batch); }},
      {"norm_relu", [](auto& n, auto& x, auto&, bool batch) { return n.norm_relu(x, batch); },
       [](auto& n, auto& x, auto&, bool batch) { return n.unfused(x, batch).relu(); }},
      {"shortcut", [](auto& n, auto& x, auto& s, bool batch) { return n.norm_relu(x, s, batch); },
       [](auto& n, auto& x, auto& s, bool batch) { return (n.unfused(x, batch) + s).relu(); }},
      {"pool", [](auto& n, auto& x, auto&, bool batch) { return n.norm_relu_pool(x, batch); },
       [](auto& n, auto& x, auto&, bool batch) {
         return torch::max_pool2d(n.unfused(x, batch).relu(), 3, 2, 1);
       }}};
  return all;
}

// Output, running statistics and gradients of what is rounded to `type`, but reckoned in `in`.
std::vector<Tensor> outcome(const Operation& operation, const Problem& problem, bool batch,
                            at::ScalarType type, at::ScalarType in) {
  const auto kept = in == at::kBFloat16 ? at::kFloat : in;
  const auto parameter = [&](const Tensor& t) { return t.to(at::kFloat).to(kept).clone().requires_grad_(); };
  const auto image = [&](const Tensor& t) { return channels_last(t.to(type).to(in)).clone(); };
  BatchNorm norm{parameter(problem.norm.weight), parameter(problem.norm.bias),
                 problem.norm.mean.to(kept).clone(), problem.norm.variance.to(kept).clone()};
  const Tensor x = image(problem.input).requires_grad_(), s = image(problem.shortcut).requires_grad_();
  const Tensor y = operation(norm, x, s, batch);
  y.backward(image(problem.direction.narrow(2, 0, y.size(2)).narrow(3, 0, y.size(3))));
  std::vector<Tensor> all = {y.detach(), norm.mean,          norm.variance,
                             x.grad(),   norm.weight.grad(), norm.bias.grad()};
  if (s.grad().defined()) all.push_back(s.grad());
  return all;
}

double difference(const Tensor& a, const Tensor& b) {
  const Tensor right = b.to(torch::kDouble);
  return ((a.to(torch::kDouble) - right).norm() / right.norm()).item<double>();
}

// Against libtorch's operations one after the other, in double from the same rounded numbers.
void expect_the_plain_outcome(at::ScalarType type, double tolerance) {
  for (const auto& [name, fused, plain] : cases()) {
    for (const bool batch : {true, false}) {
      for (const std::int64_t channels : {64, 19}) {
        const Problem problem = make_problem(channels);
        const auto ours = outcome(fused, problem, batch, type, type);
        const auto theirs = outcome(plain, problem, batch, type, torch::kDouble);
        ASSERT_EQ(ours.size(), theirs.size()) << name;
        EXPECT_EQ(ours[0].scalar_type(), type) << name;
        EXPECT_TRUE(ours[0].is_contiguous(at::MemoryFormat::ChannelsLast)) << name;
        for (std::size_t i = 0; i < ours.size(); ++i) {
          EXPECT_LT(difference(ours[i], theirs[i]), tolerance)
              << name << ", tensor " << i << ", " << channels << " channels"
              << (batch ? ", batch statistics" : "");
        }
      }
    }
  }
}

TEST(FusedNorm, AgreesWithTheOperationsOneByOneInFloat64) {
  expect_the_plain_outcome(torch::kDouble, 1e-12);
}

TEST(FusedNorm, AgreesWithTheOperationsOneByOneInFloat32) {
  expect_the_plain_outcome(torch::kFloat, 2e-6);
}

TEST(FusedNorm, AgreesWithTheOperationsOneByOneInBFloat16UpToItsRounding) {
  expect_the_plain_outcome(torch::kBFloat16, 8e-3);
}

TEST(FusedNorm, HasTheGradientsOfFiniteDifferences) {
  Problem problem = make_problem(3, 6, 5);
  constexpr double kStep = 1e-6;
  for (const auto& [name, fused, plain] : cases()) {
    const auto loss = [&, &operation = fused](const Tensor& input) {
      const BatchNorm norm = problem.norm;
      const Tensor y = operation(norm, channels_last(input).clone(), channels_last(problem.shortcut), true);
      return (y * problem.direction.narrow(2, 0, y.size(2)).narrow(3, 0, y.size(3))).sum().item<double>();
    };
    const Tensor x = channels_last(problem.input).clone().requires_grad_();
    const Tensor y = fused(problem.norm, x, channels_last(problem.shortcut), true);
    y.backward(channels_last(problem.direction.narrow(2, 0, y.size(2)).narrow(3, 0, y.size(3))));
    for (const std::int64_t at : {0, 17, 111, 200}) {
      Tensor up = problem.input.clone(), down = problem.input.clone();
      up.view(-1)[at] += kStep;
      down.view(-1)[at] -= kStep;
      EXPECT_NEAR(x.grad().contiguous().view(-1)[at].item<double>(), (loss(up) - loss(down)) / (2 * kStep),
                  1e-6)
          << name << ", element " << at;
    }
  }
}

TEST(FusedNorm, GivesTheSameBitsWhateverTheNumberOfThreads) {
  const int before = at::get_num_threads();
  const Problem problem = make_problem(64, 40, 40);
  for (const auto& [name, fused, plain] : cases()) {
    at::set_num_threads(1);
    const auto alone = outcome(fused, problem, true, torch::kFloat, torch::kFloat);
    at::set_num_threads(3);
    const auto together = outcome(fused, problem, true, torch::kFloat, torch::kFloat);
    for (std::size_t i = 0; i < alone.size(); ++i)
      EXPECT_TRUE(alone[i].equal(together[i])) << name << ' ' << i;
  }
  at::set_num_threads(before);
}

TEST(FusedNorm, AnswersAlikeWithAndWithoutAGradient) {
  for (const auto& [name, fused, plain] : cases()) {
    const Problem problem = make_problem(64);
    const auto with = outcome(fused, problem, false, torch::kDouble, torch::kDouble);
    const torch::NoGradGuard no_gradient;
    const BatchNorm norm{problem.norm.weight.to(torch::kFloat).to(torch::kDouble),
                         problem.norm.bias.to(torch::kFloat).to(torch::kDouble), problem.norm.mean,
                         problem.norm.variance};
    EXPECT_TRUE(
        fused(norm, channels_last(problem.input), channels_last(problem.shortcut), false).equal(with[0]))
        << name;
  }
}

TEST(FusedNorm, KeepsItsPrecisionFarFromZero) {
  torch::manual_seed(1);
  const Tensor exact = channels_last(torch::randn({4, 16, 20, 20}, torch::kDouble) + 1000).to(torch::kFloat);
  const torch::NoGradGuard no_gradient;
  const auto normed = [](const Tensor& input, at::ScalarType type) {
    const Tensor zero = torch::zeros({16}, type), one = torch::ones({16}, type);
    return BatchNorm{one, zero, zero.clone(), one.clone()}.norm(input.to(type, false, true), true);
  };
  const Tensor found = normed(exact, torch::kFloat), wanted = normed(exact, torch::kDouble);
  EXPECT_LT(difference(found, wanted), 2e-4);
}

TEST(FusedNorm, LetsNaNPass) {
  const torch::NoGradGuard no_gradient;
  for (const auto& [name, fused, plain] : cases()) {
    Problem problem = make_problem(16);
    problem.input[0][5][4][4] = std::numeric_limits<double>::quiet_NaN();
    const Tensor out =
        fused(problem.norm, channels_last(problem.input), channels_last(problem.shortcut), false);
    EXPECT_TRUE(out.isnan().any().item<bool>()) << name;
  }
}

TEST(FusedNorm, TakesLibtorchsOperationsForOtherOrdersOfMemory) {
  const Problem problem = make_problem(16);
  const torch::NoGradGuard no_gradient;
  for (const auto& [name, fused, plain] : cases()) {
    const Tensor found = fused(problem.norm, problem.input, problem.shortcut, false);
    EXPECT_TRUE(found.is_contiguous()) << name;
    EXPECT_LT(difference(found, plain(problem.norm, problem.input, problem.shortcut, false)), 1e-12) << name;
  }
}

TEST(FusedNorm, RefusesToBeDifferentiatedTwice) {
  Problem problem = make_problem(4);
  const Tensor x = channels_last(problem.input).requires_grad_();
  const Tensor sum = problem.norm.norm_relu(x, true).sum();
  EXPECT_THROW(torch::autograd::grad({sum}, {x}, {}, true, /*create_graph=*/true), std::exception);
}

}  // namespace
}  // namespace histokt
