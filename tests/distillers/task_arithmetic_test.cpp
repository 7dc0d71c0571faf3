// SPDX-License-Identifier: MIT
#include "task-arithmetic/task_arithmetic.hpp"

#include <gtest/gtest.h>

#include "distillers/one_weight.hpp"

namespace histokt {
namespace {

FakeSettings scaled(double scale) {
  return FakeSettings().number("scale", scale);
}

TEST(TaskArithmetic, AddsTheScaledSumOfDifferencesToTheBase) {
  const auto merged = merged_entries<TaskArithmeticDistiller>(
      scaled(0.5), {one_weight("a", {2, 1}), one_weight("b", {5, 1})}, one_weight("base", {1, 1}));
  EXPECT_EQ(merged, (std::vector<float>{3.5f, 1}));
}

TEST(TaskArithmetic, IsTheMeanAtOneOverTheSources) {
  const MergeInput base = network("base", 3);
  const TensorFile merged =
      merged_by<TaskArithmeticDistiller>(scaled(0.5), {network("a", 1), network("b", 6)}, &base);
  for (const StoredTensor& tensor : merged.tensors) {
    if (tensor.dtype != DType::kFloat32) continue;
    EXPECT_EQ(tensor.floats()[0], 3.5f) << tensor.name;
  }
}

TEST(TaskArithmetic, NeverMakesAVarianceNegative) {
  const auto merged = merged_entries<TaskArithmeticDistiller>(
      scaled(1), {one_weight("a", {0.4f}, "bn.running_var"), one_weight("b", {0.2f}, "bn.running_var")},
      one_weight("base", {1}, "bn.running_var"));
  EXPECT_FLOAT_EQ(merged[0], 0.3f);
}

TEST(TaskArithmetic, TakesTheMeanOfHeadsThatTheBaseLacks) {
  const MergeInput base = network("base", 0, 9);
  const TensorFile merged =
      merged_by<TaskArithmeticDistiller>(scaled(1), {network("a", 1), network("b", 2)}, &base);
  EXPECT_EQ(merged.find("fc.weight")->floats()[0], 1.5f);
  EXPECT_EQ(merged.find("conv1.weight")->floats()[0], 3.0f);
}

TEST(TaskArithmetic, NeedsABaseAndSaysSoBeforehand) {
  EXPECT_EQ(detail::distiller_flags<TaskArithmeticDistiller>(), HISTOKT_PLUGIN_NEEDS_BASE);
  EXPECT_THROW(merged_by<TaskArithmeticDistiller>(scaled(1), {network("a", 1), network("b", 2)}),
               PluginError);
}

}  // namespace
}  // namespace histokt
