// SPDX-License-Identifier: MIT
// The words for clean and augmented validation, in recipes and datasets: true is clean.
#pragma once

#include "config/words.hpp"

namespace histokt {

inline constexpr Named<bool> kValidations[] = {{true, "clean"}, {false, "augmented"}};

}  // namespace histokt
