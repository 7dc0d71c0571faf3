// How training is validated, which recipes and datasets may say: true is clean.
#pragma once

#include "config/words.hpp"

namespace histokt {

inline constexpr Named<bool> kValidations[] = {{true, "clean"}, {false, "augmented"}};

}  // namespace histokt
