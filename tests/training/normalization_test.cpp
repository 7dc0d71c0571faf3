// SPDX-License-Identifier: MIT
#include "training/normalization.hpp"

#include <gtest/gtest.h>

#include "base/errors.hpp"

namespace histokt {
namespace {

TEST(NormalizationTable, RefusesADeviationOfZero) {
  EXPECT_THROW(NormalizationTable(Normalization{{0, 0, 0}, {1, 0, 1}}), RunError);
}

}  // namespace
}  // namespace histokt
