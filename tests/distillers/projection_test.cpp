// SPDX-License-Identifier: MIT
// Matrices on which a careless decomposition fails.
#include "svd/projection.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include <histokt/host.hpp>

namespace histokt {
namespace {

using Matrix = std::vector<float>;

Matrix projected(const std::vector<Matrix>& sources, std::size_t rows, std::size_t rank = 0) {
  StackedWeights weights;
  for (const Matrix& source : sources) weights.sources.emplace_back(source);
  weights.rows = rows;
  weights.columns = sources[0].size() / rows;
  Matrix result(sources[0].size(), std::numeric_limits<float>::quiet_NaN());
  SubspaceProjection().project(weights, rank, Reference::kFirst, result);
  return result;
}

void expect_near(const Matrix& a, const Matrix& b, float tolerance) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], tolerance) << i;
}

TEST(Projection, KeepsTheLongerOfTwoDirections) {
  // Rows (3, 0, 0) and (0, 1, 0): one output channel each, the longer one is the leading direction.
  EXPECT_EQ(projected({{0, 1, 0}, {3, 0, 0}}, 1), (Matrix{0, 0, 0}));
  expect_near(projected({{3, 0, 0}, {0, 1, 0}}, 1), {3, 0, 0}, 1e-6f);
}

TEST(Projection, ZerosStayZeros) {
  EXPECT_EQ(projected({Matrix(2 * 8), Matrix(2 * 8)}, 2), Matrix(2 * 8));
  EXPECT_EQ(projected({Matrix(4 * 6), Matrix(4 * 6)}, 4), Matrix(4 * 6));
}

TEST(Projection, AMatrixWithoutFullRankIsKeptWhole) {
  // Every row is a multiple of one row, so one direction holds everything, the rest is noise of rounding.
  const auto multiples = [](std::size_t rows, std::size_t columns, float factor) {
    Matrix matrix;
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t c = 0; c < columns; ++c) {
        matrix.push_back(factor * static_cast<float>(r + 1) * std::sin(static_cast<float>(c)));
      }
    }
    return matrix;
  };
  for (const std::size_t columns : {5, 40}) {
    const Matrix first = multiples(4, columns, 1), second = multiples(4, columns, -2);
    expect_near(projected({first, second}, 4), first, 1e-5f);
    expect_near(projected({first, first, first}, 4, 1), first, 1e-5f);
  }
}

TEST(Projection, ATieAtTheCutKeepsOneOfTheTwo) {
  const Matrix result = projected({{1, 0, 0, 0}, {0, 1, 0, 0}}, 1);
  for (float entry : result) EXPECT_TRUE(std::isfinite(entry));
  EXPECT_LE(std::hypot(result[0], result[1]), 1.0f + 1e-6f);
}

TEST(Projection, VerySmallAndVeryLargeWeightsKeepTheirScale) {
  for (const float scale : {1e-30f, 1e30f}) {
    const Matrix result = projected({{3 * scale, 0, 0}, {0, scale, 0}}, 1);
    EXPECT_NEAR(result[0] / scale, 3.0f, 1e-5f);
  }
}

TEST(Projection, WhatIsNotFiniteIsRefused) {
  EXPECT_THROW(projected({{NAN, 0, 0}, {0, 1, 0}}, 1), PluginError);
  EXPECT_THROW(projected({{INFINITY, 0, 0}, {0, 1, 0}}, 1), PluginError);
}

}  // namespace
}  // namespace histokt
