// SPDX-License-Identifier: MIT
#include <torch/utils.h>

#include "optimizers/rmsgd/evbmf.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "optimizers/rmsgd/bounded_search.hpp"
#include "optimizers/rmsgd/spectrum.hpp"
#include "support/golden_torch.hpp"

namespace histokt {
namespace {

using testing::read_torch_golden;
using testing::relative_error;

std::vector<double> values_of(const torch::Tensor& matrix, std::size_t axis = 0) {
  return singular_values({matrix.data_ptr<float>(), matrix.sizes(), matrix.strides()}, axis);
}

torch::Tensor kept_of(const torch::Tensor& matrix, NoiseSearch search) {
  return torch::tensor(evbmf(values_of(matrix), matrix.size(0), matrix.size(1), search), torch::kFloat64);
}

TEST(Evbmf, KeepsTheGoldenSingularValues) {
  const auto golden = read_torch_golden("evbmf");
  const auto cases = golden.cases_with("matrix");
  ASSERT_FALSE(cases.empty());
  for (const std::string& i : cases) {
    const torch::Tensor expected = golden.at(i + "/singular_values");
    const torch::Tensor found = kept_of(golden.at(i + "/matrix"), NoiseSearch::kPublished);
    ASSERT_EQ(found.numel(), expected.numel()) << "matrix " << i;
    if (found.numel() == 0) continue;
    EXPECT_LT(((found - expected) / expected).abs().max().item<double>(), 1e-3) << "matrix " << i;
  }
}

TEST(Evbmf, KeepsTheSameValuesAtEveryScaleOnceConverged) {
  const auto golden = read_torch_golden("evbmf");
  std::int64_t kept_in_all = 0;
  for (const std::string& i : golden.cases_with("matrix")) {
    const torch::Tensor matrix = golden.at(i + "/matrix");
    const torch::Tensor kept = kept_of(matrix, NoiseSearch::kConverged);
    kept_in_all += kept.numel();
    for (const double scale : {1e-4, 1e-2, 1e3}) {
      const torch::Tensor scaled = kept_of(matrix * scale, NoiseSearch::kConverged);
      ASSERT_EQ(scaled.numel(), kept.numel()) << "matrix " << i << " times " << scale;
      if (kept.numel() == 0) continue;
      EXPECT_LT(relative_error(scaled / scale, kept), 1e-5) << "matrix " << i << " times " << scale;
    }
  }
  EXPECT_GT(kept_in_all, 0);
}

TEST(Evbmf, FindsThePlantedRankAndNoise) {
  torch::manual_seed(2);
  const torch::Tensor signal = torch::randn({64, 7}).mm(torch::randn({7, 512}));
  EXPECT_EQ(kept_of(signal + torch::randn({64, 512}), NoiseSearch::kConverged).numel(), 7);
  EXPECT_EQ(kept_of(torch::randn({64, 512}), NoiseSearch::kConverged).numel(), 0);
}

TEST(Evbmf, KeepsNothingOfAMatrixOfZeros) {
  EXPECT_EQ(kept_of(torch::zeros({4, 9}), NoiseSearch::kPublished).numel(), 0);
}

TEST(Evbmf, GivesFiniteValuesForAMatrixOfLowRank) {
  torch::manual_seed(2);
  const torch::Tensor matrix = torch::randn({16, 2}).mm(torch::randn({2, 64}));
  for (const NoiseSearch search : {NoiseSearch::kPublished, NoiseSearch::kConverged}) {
    const torch::Tensor kept = kept_of(matrix, search);
    EXPECT_EQ(kept.numel(), 2);
    EXPECT_TRUE(torch::isfinite(kept).all().item<bool>());
  }
}

TEST(Spectrum, AgreesWithTheSingularValuesOfBothUnfoldingsInEveryLayout) {
  torch::manual_seed(1);
  const torch::Tensor weight = torch::randn({24, 40, 3, 3});
  const torch::Tensor unfolded[] = {weight.reshape({24, -1}), weight.permute({1, 0, 2, 3}).reshape({40, -1})};
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const torch::Tensor expected = torch::linalg_svdvals(unfolded[axis].to(torch::kFloat64));
    for (const torch::Tensor& laid_out : {weight, weight.contiguous(torch::MemoryFormat::ChannelsLast)}) {
      EXPECT_LT(relative_error(torch::tensor(values_of(laid_out, axis), torch::kFloat64), expected), 1e-6);
    }
  }
}

TEST(Spectrum, TellsSmallValuesFromZeroBesideALargeOne) {
  torch::manual_seed(1);
  const torch::Tensor scale = torch::tensor({1e4f, 1.0f, 1.0f, 1e-2f}).unsqueeze(1);
  const torch::Tensor matrix = torch::randn({4, 600}) * scale;
  const torch::Tensor expected = torch::linalg_svdvals(matrix.to(torch::kFloat64));
  const torch::Tensor found = torch::tensor(values_of(matrix), torch::kFloat64);
  EXPECT_LT(((found - expected) / expected).abs().max().item<double>(), 1e-3);
}

TEST(Spectrum, TakesTheSmallerSideOfATallMatrix) {
  const torch::Tensor matrix = torch::tensor({{3.0f, 0.0f}, {0.0f, 4.0f}, {0.0f, 0.0f}});
  EXPECT_EQ(values_of(matrix), (std::vector<double>{4, 3}));
}

TEST(Spectrum, TellsOfEntriesThatAreNotFinite) {
  torch::Tensor matrix = torch::ones({3, 5});
  matrix[1][2] = std::numeric_limits<float>::infinity();
  EXPECT_FALSE(std::isfinite(values_of(matrix)[0]));
}

// Places and counts of evaluations are what SciPy 1.10's bounded search has for the same functions.
TEST(BoundedSearch, TakesThePublishedSteps) {
  int evaluations = 0;
  const auto search = [&](double lower, double upper, auto function) {
    evaluations = 0;
    return minimize_bounded([&](double x) { return ++evaluations, function(x); }, lower, upper);
  };
  EXPECT_NEAR(search(-1, 4, [](double x) { return (x - 0.3) * (x - 0.3); }), 0.3, 1e-12);
  EXPECT_EQ(evaluations, 6);
  EXPECT_NEAR(search(-2, 3, [](double x) { return std::cosh(x - 1) + std::sin(5 * x); }), 0.9446913636126185,
              1e-12);
  EXPECT_EQ(evaluations, 11);
  EXPECT_NEAR(search(0, 1, [](double x) { return std::sqrt(std::abs(x - 0.7)); }), 0.6999990848743702, 1e-12);
  EXPECT_EQ(evaluations, 19);
}

TEST(BoundedSearch, GivesTheGoldenSectionOfAnIntervalBelowItsTolerance) {
  const auto falling = [](double x) { return -x; };
  EXPECT_DOUBLE_EQ(minimize_bounded(falling, 0, 1e-6), 1e-6 * (3 - std::sqrt(5.0)) / 2);
}

TEST(BoundedSearch, FindsTheLowestOfTwoMinimaOnceConverged) {
  const auto two = [](double x) { return std::min(std::abs(std::log(x) + 5), 0.5 + std::abs(std::log(x))); };
  EXPECT_NEAR(std::log(minimize_converged(two, 1e-4, 10)), -5, 1e-6);
}

}  // namespace
}  // namespace histokt
